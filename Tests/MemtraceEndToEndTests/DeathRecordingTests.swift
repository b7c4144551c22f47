// SPDX-License-Identifier: Apache-2.0
//
// What a trace holds of a program that did not come to its own end, so that the analyzer can say
// what killed it.

import Foundation
import Testing
import TraceFile

@Suite struct DeathRecordingTests {
  private static let fixture = Fixture(source: "starve.c", optimization: ["-O2"])

  private func trace(in directory: TemporaryDirectory) throws -> TraceFile {
    try TraceFile(path: .init(directory.file("trace.bin")))
  }

  @Test(
    .enabled(
      if: MemoryCgroup.unavailableReason == nil,
      Comment(rawValue: MemoryCgroup.unavailableReason ?? "")
    ))
  func theOOMKillersVictimWasNearItsLimit() throws {
    let limit = 96 << 20
    let group = try MemoryCgroup(limitBytes: limit)
    let directory = try TemporaryDirectory()
    let result = try run(
      "/bin/sh",
      [
        "-c", group.entry, "sh", "/usr/bin/env", "LD_PRELOAD=\(Project.library)",
        Self.fixture.path(),
      ],
      in: directory.path, environment: plainEnvironment.merging(["MEMTRACE_SAMPLE_MS": "20"]) { $1 }
    )
    #expect(result.ending == .killed(signal: SIGKILL))
    #expect(try group.oomKillCount() == 1)

    // env was the first program, and was recorded; exec left its trace beside.
    let trace = try trace(in: directory)
    #expect(!trace.isStillRunning)
    #expect(trace.state == .recording)
    let known = trace.samples.filter { $0[.cgroupLimitBytes] != nil }
    let last = try #require(known.last)
    #expect(last[.cgroupLimitBytes] == UInt64(limit))
    let usage = try #require(last[.cgroupBytes])
    #expect(usage > UInt64(limit) * 8 / 10, "\(usage) of \(limit) at the last sample")
    #expect(usage <= UInt64(limit))
    #expect(known.compactMap { $0[.cgroupOOMKills] }.allSatisfy { $0 == 0 })
    // Nearly all of it is what take_more() has taken.
    let report = try Report(onTrace: directory.file("trace.bin"), of: Self.fixture.path())
    let taken = report.sums(at: "take_more").outstandingBytes
    #expect(taken > limit * 8 / 10 && taken <= limit + (1 << 20))
    #expect(
      trace.samples.contains { ($0[.machineAvailableBytes] ?? .max) < ($0[.machineBytes] ?? 0) })
  }

  @Test func aKillByHandWasNotNearALimit() throws {
    let directory = try TemporaryDirectory()
    let running = try RunningProgram(
      "/bin/sh", ["-c", "exec env LD_PRELOAD=\"$0\" \"$1\"", Project.library, Self.fixture.path()],
      in: directory.path, environment: plainEnvironment.merging(["MEMTRACE_SAMPLE_MS": "5"]) { $1 })
    // Until there is something to be seen.
    var count = 0
    for _ in 0..<3000 where count < 20 {
      count = (try? trace(in: directory).samples.count) ?? 0
      if count < 20 { usleep(10_000) }
    }
    running.signal(SIGKILL)
    #expect(try running.wait().ending == .killed(signal: SIGKILL))
    let trace = try trace(in: directory)
    #expect(trace.state == .recording)
    #expect(!trace.isStillRunning)
    #expect(trace.samples.count >= 20)
    for sample in trace.samples {
      guard let limit = sample[.cgroupLimitBytes], let usage = sample[.cgroupBytes] else {
        continue
      }
      #expect(usage < limit)
    }
    let machine = trace.samples.compactMap { $0[.machineAvailableBytes] }
    #expect(machine.contains { $0 > 100 << 20 })
  }

  @Test func aLimitOfAddressSpaceIsTheProgramsToHandle() throws {
    let directory = try TemporaryDirectory()
    let result = try run(
      "/bin/sh",
      [
        "-c", "ulimit -v 300000 && exec env LD_PRELOAD=\"$0\" \"$1\"", Project.library,
        Self.fixture.path(),
      ], in: directory.path, environment: plainEnvironment)
    #expect(result.ending == .exited(3))
    #expect(result.errors == "")
    let trace = try trace(in: directory)
    #expect(trace.state == .exited)
    let virtual = try #require(trace.samples.last?[.virtualBytes])
    #expect(virtual > 250_000 << 10 && virtual <= 300_000 << 10)
  }
}
