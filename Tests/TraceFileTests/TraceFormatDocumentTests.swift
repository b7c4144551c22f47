// SPDX-License-Identifier: Apache-2.0
//
// What docs/trace-format.md shows is what the reader reads.

import CTraceFormat
import Foundation
import MemtraceTestSupport
import Testing
import TraceFile

@Suite struct TraceFormatDocumentTests {
  /// The bytes of the example, line by line, as they stand in the document.
  private func exampleBytes() throws -> [UInt8] {
    let document = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("docs/trace-format.md")
    let text = try String(contentsOf: document, encoding: .utf8)
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
}
