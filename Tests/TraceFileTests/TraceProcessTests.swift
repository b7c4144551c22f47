// SPDX-License-Identifier: Apache-2.0

import CTraceFormat
import MemtraceTestSupport
import Testing
import TraceFile

@Suite struct TraceProcessTests {
  @Test func theProcessIsReadWithAllItsFields() throws {
    let trace = TraceBuilder(pid: 10, parentPID: 9, writesProcess: false)
    trace.process(
      executable: "/usr/bin/node", command: ["node", "-e", "", "x y"], directory: "/srv")
    #expect(
      try TemporaryTrace(trace).open().process
        == TraceProcess(
          pid: 10, parentPID: 9, executable: "/usr/bin/node", command: ["node", "-e", "", "x y"],
          directory: "/srv"))
  }

  @Test func aForkedChildNamesItsParentsTrace() throws {
    let trace = TraceBuilder(writesProcess: false)
    trace.process(
      executable: "/bin/x", command: ["x"], directory: "/", parentTrace: "/tmp/trace.bin",
      forkTicks: 99)
    let process = try TemporaryTrace(trace).open().process
    #expect(process.parentTracePath == "/tmp/trace.bin")
    #expect(process.forkTicks == Ticks(99))
  }

  @Test func aCommandThatEndsWithAZeroHasNoEmptyLastArgument() throws {
    let trace = TraceBuilder(writesProcess: false)
    trace.process(executable: "/bin/x", command: ["x", "y", ""])
    #expect(try TemporaryTrace(trace).open().process.command == ["x", "y"])
  }

  @Test func aRecordLongerThanItsChunkIsDamage() throws {
    let trace = TraceBuilder(writesProcess: false)
    var record = mt_process_record()
    record.executable_byte_count = 4
    let offset = trace.sealedChunk(
      MT_CHUNK_PROCESS, withUnsafeBytes(of: record) { Array($0) } + [65, 66, 67])
    let file = try TemporaryTrace(trace).open()
    #expect(file.process.executable == "")
    #expect(
      file.damage == [
        .malformedChunk(byteOffset: UInt64(offset), kind: 17), .missingProcess,
      ])
  }
}
