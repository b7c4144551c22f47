// SPDX-License-Identifier: Apache-2.0
//
// What docs/trace-format.md shows is what the reader reads.

import CTraceFormat
import Foundation
import MemtraceTestSupport
import Testing
import TraceFile

@Suite struct TraceFormatDocumentTests {
  private func text(ofFile name: String) throws -> String {
    let file = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent(name)
    return try String(contentsOf: file, encoding: .utf8)
  }

  /// The bytes of the example, line by line, as they stand in the document.
  private func exampleBytes() throws -> [UInt8] {
    let text = try text(ofFile: "docs/trace-format.md")
    let example = try #require(text.components(separatedBy: "### An example").last)
    let block = try #require(example.components(separatedBy: "```").dropFirst().first)
    return block.split(separator: "\n").flatMap { line in
      line.split(separator: " ").prefix { $0.count == 2 }.compactMap { UInt8($0, radix: 16) }
    }
  }

  @Test func theExampleIsWhatTheDocumentSays() throws {
    let encoded = try exampleBytes()
    #expect(encoded.count == 33)
    let trace = TraceBuilder()
    let stack = trace.stack([0x1234])
    #expect(stack == StackID(4))
    let window = trace.window(thread: 1)
    window.lose()
    var record = mt_events()
    record.ordinal = 1
    record.sequence = 1
    record.event_count = 4
    record.first_ticks = 1000
    record.last_ticks = 1350
    trace.sealedChunk(MT_CHUNK_EVENTS, withUnsafeBytes(of: record) { Array($0) } + encoded)
    trace.end(at: 2000)

    let expected = TraceBuilder().window(thread: 1)
    expected.malloc(0x55d0_c0de_02a0, 64, stack: stack, at: 1000)
    expected.malloc(0x55d0_c0de_02f0, 64, stack: stack, at: 1020)
    expected.free(0x55d0_c0de_02a0, at: 1321)
    expected.free(0x55d0_c0de_02f0, at: 1350)
    let file = try TemporaryTrace(trace).open()
    #expect(try file.allEvents() == expected.events)
    #expect(file.damage.isEmpty)
  }

  @Test func theTableOfChunksIsTheHeaders() throws {
    let header = try text(ofFile: "CShim/include/trace_format.h")
    let kinds = header.matches(of: /MT_CHUNK_([A-Z_]+) = (\d+),/).map { "\($0.2) \($0.1)" }
    let document = try text(ofFile: "docs/trace-format.md")
    let rows = document.matches(of: /\| (\d+) \| `([A-Z_]+)` \|/)
      .map { "\($0.1) \($0.2)" }.filter { !$0.contains(" SAMPLE_") }
    #expect(kinds.count > 10)
    #expect(rows == kinds)
  }

  @Test func theTableOfSampleFieldsIsTheHeaders() throws {
    let header = try text(ofFile: "CShim/include/trace_format.h")
    let fields = header.matches(of: /MT_SAMPLE_([A-Z_]+) = (\d+),/).map { "\($0.2) \($0.1)" }
    let document = try text(ofFile: "docs/trace-format.md")
    let rows = document.matches(of: /\| (\d+) \| `SAMPLE_([A-Z_]+)` \|/).map { "\($0.1) \($0.2)" }
    #expect(fields.count > 20)
    #expect(rows == fields.filter { !$0.hasSuffix("FIELD_COUNT") })
  }
}
