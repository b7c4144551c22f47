// SPDX-License-Identifier: Apache-2.0

import CTraceFormat
import Foundation
import MemtraceTestSupport
import SystemPackage
import Testing
import TraceFile

@Suite struct TraceFileErrorTests {
  @Test func aMissingFileIsSaidToBeMissing() {
    let path = "/no/such/trace.bin"
    #expect(throws: TraceFileError.noSuchFile(path: path)) { try TraceFile(path: FilePath(path)) }
  }

  @Test func aDirectoryIsNoTrace() {
    #expect(throws: TraceFileError.notAFile(path: "/tmp")) { try TraceFile(path: "/tmp") }
  }

  @Test func aDeviceIsNoTrace() {
    #expect(throws: TraceFileError.notAFile(path: "/dev/zero")) {
      try TraceFile(path: "/dev/zero")
    }
  }

  @Test func aPipeNobodyWritesToIsNoTraceAndNotWaitedFor() throws {
    let path = FileManager.default.temporaryDirectory.path + "/memtrace-\(UUID().uuidString)"
    try #require(mkfifo(path, 0o600) == 0)
    defer { unlink(path) }
    #expect(throws: TraceFileError.notAFile(path: path)) { try TraceFile(path: FilePath(path)) }
  }

  @Test func aFileThatMayNotBeReadIsSaidToBeSo() {
    // Mode bits do not stop the superuser; this file does.
    let path = "/proc/1/mem/x"
    #expect(throws: TraceFileError.cannotRead(path: path, errno: ENOTDIR)) {
      try TraceFile(path: FilePath(path))
    }
  }

  @Test(arguments: [0, 1, 7, 8, 100, 4095])
  func aTraceCutWithinItsHeaderIsNoTrace(byteCount: Int) throws {
    let file = try TemporaryTrace(bytes: Array(TraceBuilder().bytes.prefix(byteCount)))
    #expect(throws: TraceFileError.notATrace(path: file.path.string)) { try file.open() }
  }

  @Test func aTextIsNoTrace() throws {
    let text = String(repeating: "MEMTRAC is not the magic word\n", count: 400)
    let file = try TemporaryTrace(bytes: Array(text.utf8))
    #expect(throws: TraceFileError.notATrace(path: file.path.string)) { try file.open() }
  }

  @Test func aLaterVersionIsNamedAsSuch() throws {
    let trace = TraceBuilder()
    trace.setField(\.version, 9)
    let file = try TemporaryTrace(trace)
    let error = TraceFileError.unsupportedVersion(
      path: file.path.string, found: 9, supported: MT_FORMAT_VERSION)
    #expect(throws: error) { try file.open() }
    #expect(error.description.contains("version 9"))
    #expect(error.description.contains("newer memtrace"))
  }

  @Test func aTraceOfTheOtherByteOrderIsNamedAsSuch() throws {
    let trace = TraceBuilder()
    trace.setField(\.version, UInt32(1).byteSwapped)
    trace.setField(\.byte_order, 0x0403_0201)
    let file = try TemporaryTrace(trace)
    #expect(throws: TraceFileError.otherByteOrder(path: file.path.string)) { try file.open() }
  }

  @Test func aByteOrderMarkOfNeitherKindIsNoTrace() throws {
    let trace = TraceBuilder()
    trace.setField(\.byte_order, 0x0102_0300)
    let file = try TemporaryTrace(trace)
    #expect(throws: TraceFileError.notATrace(path: file.path.string)) { try file.open() }
  }

  @Test func aTraceOfNothingButItsHeaderIsOneOfNothing() throws {
    let trace = TraceBuilder(writesProcess: false)
    trace.end(at: 77)
    let file = try TemporaryTrace(trace).open()
    #expect(try file.allEvents().isEmpty)
    #expect(file.endTicks == Ticks(77))
    #expect(file.process.pid == 4242)
    #expect(file.damage == [.missingProcess])
  }

  @Test func everyErrorIsOneLine() {
    let errors: [TraceFileError] = [
      .noSuchFile(path: "x"), .cannotRead(path: "x", errno: EACCES), .notAFile(path: "x"),
      .notATrace(path: "x"), .unsupportedVersion(path: "x", found: 0, supported: 1),
      .unsupportedVersion(path: "x", found: 2, supported: 1), .otherByteOrder(path: "x"),
    ]
    for error in errors {
      #expect(error.description.contains("x"))
      #expect(!error.description.contains("\n"))
    }
    #expect("\(errors[1])" == "cannot read x: Permission denied")
  }
}
