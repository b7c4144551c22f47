// SPDX-License-Identifier: Apache-2.0
//
// Names that a program wrote for perf: taken where they are its own, and only there.

import CTraceFormat
import Foundation
import MemtraceTestSupport
import Testing
import TraceFile

@testable import MemtraceAnalyzer

@Suite struct PerfMapTests {
  /// No process can have it: the kernel's highest is 2^22.
  private static let pid: UInt32 = 5_000_000
  private let millisecond: UInt64 = 1_000_000

  /// A folder that stands for /, with a folder tmp in it.
  private final class Root {
    let path: String

    init() throws {
      path = NSTemporaryDirectory() + "/memtrace-perf-map-\(UUID().uuidString)"
      try FileManager.default.createDirectory(
        atPath: path + "/tmp", withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var map: String { "\(path)/tmp/perf-\(PerfMapTests.pid).map" }

    /// Writes the map, last so many seconds after the start of the trace.
    func write(_ text: String, secondsAfterStart: Double = 0) throws {
      try Data(text.utf8).write(to: URL(fileURLWithPath: map))
      let start = Double(TraceBuilder.startRealtimeNanoseconds / 1_000_000_000)
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: start + secondsAfterStart)],
        ofItemAtPath: map)
    }
  }

  /// A trace of a program with one stack through generated code.
  private func fixture(pid: UInt32 = Self.pid) -> AnalysisFixture {
    let fixture = AnalysisFixture(pid: pid)
    let stack = fixture.builder.stack([0x7000_0010])
    fixture.main.malloc(0x100, 1, stack: stack, at: millisecond)
    return fixture
  }

  private func function(_ report: LeakReport) -> String? {
    report.frames.frames(of: report.sites[0].stack).first { _ in true }?.function
  }

  /// What the code is called in a report with `root` for /.
  private func name(
    _ root: Root, _ fixture: AnalysisFixture, state: mt_state = MT_STATE_EXITED
  ) throws -> String? {
    fixture.builder.end(at: 10 * millisecond, state: state)
    let report = try fixture.report { $0.sysroot = root.path }
    let name = function(report)
    #expect(report.warnings.contains(.perfMap(path: root.map)) == (name != nil))
    return name
  }

  @Test func theMapNamesWhatTheTraceDoesNot() throws {
    let root = try Root()
    try root.write(
      """
      70000000 100 old
      rubbish
      0x70000000 0x100 a name with spaces
      6fffff00 100 before
      70000000 100 begun and not en
      """)
    #expect(try name(root, fixture()) == "a name with spaces")
  }

  @Test func pythonsNamesAreFunctionAndFile() throws {
    let root = try Root()
    try root.write("70000000 100 py::handle:/srv/app.py\n")
    let fixture = fixture()
    fixture.builder.end(at: 10 * millisecond)
    let report = try fixture.report { $0.sysroot = root.path }
    let frame = try #require(report.frames.frames(of: report.sites[0].stack).first { _ in true })
    #expect(frame.function == "handle")
    #expect(frame.file == "/srv/app.py")
  }

  @Test func namesOfTheTraceAreNotAddedTo() throws {
    let root = try Root()
    try root.write("70000000 100 other\n")
    let fixture = fixture()
    fixture.builder.codeNames("60000000 100 elsewhere\n", at: 1)
    #expect(try name(root, fixture) == nil)
  }

  @Test func aMapFromBeforeOrAfterTheProgramIsNotIts() throws {
    for seconds in [-3600.0, 3600] {
      let root = try Root()
      try root.write("70000000 100 other\n", secondsAfterStart: seconds)
      #expect(try name(root, fixture()) == nil)
    }
  }

  @Test func aProcessThatMayHaveLeftItsNumberToAnotherLeavesNoNames() throws {
    let root = try Root()
    try root.write("70000000 100 name\n")
    #expect(try name(root, fixture(), state: MT_STATE_EXECUTED) == nil)
    #expect(try name(root, fixture(), state: MT_STATE_RECORDING) == "name")
    // Number 1 is always taken, and not by a process that records.
    let first = fixture(pid: 1)
    first.builder.end(at: 10 * millisecond, state: MT_STATE_RECORDING)
    try FileManager.default.moveItem(atPath: root.map, toPath: root.path + "/tmp/perf-1.map")
    #expect(function(try first.report { $0.sysroot = root.path }) == nil)
  }

  @Test func onlyAPlainFileOfTheSameUserIsRead() throws {
    let root = try Root()
    #expect(try name(root, fixture()) == nil)
    try root.write("70000000 100 name\n")
    try FileManager.default.moveItem(atPath: root.map, toPath: root.path + "/real")
    try FileManager.default.createSymbolicLink(
      atPath: root.map, withDestinationPath: root.path + "/real")
    #expect(try name(root, fixture()) == nil)
    try FileManager.default.removeItem(atPath: root.map)
    #expect(mkfifo(root.map, 0o600) == 0)
    #expect(try name(root, fixture()) == nil)
    try FileManager.default.removeItem(atPath: root.map)
    try FileManager.default.createDirectory(atPath: root.map, withIntermediateDirectories: false)
    #expect(try name(root, fixture()) == nil)
  }

  @Test(.enabled(if: getuid() == 0)) func aMapOfAnotherUserIsNotRead() throws {
    let root = try Root()
    try root.write("70000000 100 name\n")
    #expect(chown(root.map, 65534, 65534) == 0)
    #expect(try name(root, fixture()) == nil)
  }

  @Test func damagedMapsGiveTheNamesThatCanBeRead() throws {
    var random = SplitMix64(seed: 11)
    let root = try Root()
    let long = String(repeating: "x", count: 200_000)
    try root.write("70000000 100 \(long)\n70000000 100 short\n6 6 \(long)")
    #expect(try name(root, fixture()) == "short")
    for _ in 0..<50 {
      var bytes = Array("70000000 100 name\n70000000 ffffffffffffffff other\n".utf8)
      for _ in 0..<4 {
        bytes[.random(in: 0..<bytes.count, using: &random)] =
          .random(in: .min ... .max, using: &random)
      }
      try root.write(String(decoding: bytes, as: UTF8.self))
      let fixture = fixture()
      fixture.builder.end(at: 10 * millisecond)
      _ = try fixture.report { $0.sysroot = root.path }
    }
  }
}
