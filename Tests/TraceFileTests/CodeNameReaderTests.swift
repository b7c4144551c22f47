// SPDX-License-Identifier: Apache-2.0

import CTraceFormat
import MemtraceTestSupport
import Testing
import TraceFile

@Suite struct CodeNameReaderTests {
  private func names(_ trace: TraceBuilder) throws -> [CodeName] {
    try TemporaryTrace(trace).open().codeNames
  }

  @Test func namesAreSortedByStartThenTime() throws {
    let trace = TraceBuilder()
    trace.codeNames("2000 10 JS:~late file.js:1:2\n1000 a0 Builtin\n", at: 5)
    trace.codeNames("1000 20 moved here\n", at: 9)
    #expect(
      try names(trace) == [
        CodeName(start: Address(0x1000), byteCount: 0xa0, name: "Builtin", ticks: Ticks(5)),
        CodeName(start: Address(0x1000), byteCount: 0x20, name: "moved here", ticks: Ticks(9)),
        CodeName(
          start: Address(0x2000), byteCount: 0x10, name: "JS:~late file.js:1:2",
          ticks: Ticks(5)),
      ])
  }

  @Test func aLineGoesOnInTheNextRecordAndTheNextChunk() throws {
    let trace = TraceBuilder()
    trace.codeNames("1000 2", at: 3)
    trace.codeNames("0 split", at: 4)
    trace.codeNamesChunk()
    trace.codeNames(" name\n3000 1 next\n", at: 6)
    let found = try names(trace)
    #expect(found.map(\.name) == ["split name", "next"])
    #expect(found.map(\.ticks) == [Ticks(3), Ticks(6)])
    #expect(found[0].byteCount == 0x20)
  }

  @Test func aLineWithoutEndNamesNothing() throws {
    let trace = TraceBuilder()
    trace.codeNames("1000 20 whole\n2000 20 ha", at: 3)
    #expect(try names(trace).map(\.name) == ["whole"])
  }

  @Test func linesOfAnotherFormNameNothing() throws {
    let trace = TraceBuilder()
    trace.codeNames("\n\nx\n1000\n1000 20\nzz 20 name\n1000 -5 name\n", at: 1)
    trace.codeNames("fffffffffffffffff 1 too large\n0x40 0x8 with prefix\n", at: 1)
    #expect(try names(trace).map(\.name) == ["with prefix"])
  }

  @Test func aNameThatIsNoTextIsRepaired() throws {
    let trace = TraceBuilder()
    trace.codeNames("1000 20 ab\n", at: 3)
    trace.bytes[trace.chunks(MT_CHUNK_CODE_NAMES)[0].offset + 64 + 16 + 8] = 0xff
    #expect(try names(trace).map(\.name) == ["\u{fffd}b"])
  }

  @Test func aLostChunkLosesItsLinesOnly() throws {
    let trace = TraceBuilder()
    trace.codeNames("1000 20 first\n2000 2", at: 1)
    let lost = trace.codeNamesChunk()
    trace.codeNames("0 second\n3000 20 third\n", at: 2)
    trace.codeNamesChunk()
    trace.codeNames("4000 20 tail of the third\n5000 20 fifth\n", at: 3)
    trace.end(at: 4)
    trace.flip(at: lost)
    let file = try TemporaryTrace(trace).open()
    // What follows the gap may be the end of a line.
    #expect(file.codeNames.map(\.name) == ["first", "fifth"])
    #expect(file.damage.contains(.missingCodeNames(ordinals: 2...2)))
  }

  @Test func moreCommittedThanFitsIsDamage() throws {
    let trace = TraceBuilder()
    trace.codeNames("1000 20 name\n", at: 1)
    let offset = trace.chunks(MT_CHUNK_CODE_NAMES)[0].offset
    trace.bytes[offset + 38] = 1
    trace.end(at: 4)
    let file = try TemporaryTrace(trace).open()
    #expect(file.codeNames.isEmpty)
    #expect(file.damage == [.malformedChunk(byteOffset: UInt64(offset), kind: 3)])
  }

  @Test func aRecordLongerThanWhatIsCommittedIsDamage() throws {
    let trace = TraceBuilder()
    trace.codeNames("1000 20 name\n", at: 1)
    trace.codeNames("2000 20 name\n", at: 1)
    let offset = trace.chunks(MT_CHUNK_CODE_NAMES)[0].offset
    trace.bytes[offset + 64 + 32 + 10] = 1
    trace.end(at: 4)
    let file = try TemporaryTrace(trace).open()
    #expect(file.codeNames.count == 1)
    #expect(file.damage == [.malformedChunk(byteOffset: UInt64(offset), kind: 3)])
  }

  @Test func aLineOfAMegabyteNamesNothingAndTheNextOneDoes() throws {
    let trace = TraceBuilder()
    trace.codeNamesChunk(byteCount: 2 << 20)
    trace.codeNames("1000 20 " + String(repeating: "x", count: 1 << 20), at: 1)
    trace.codeNames("yyy\n2000 20 short\n", at: 2)
    #expect(try names(trace).map(\.name) == ["short"])
  }
}
