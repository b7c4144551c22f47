// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import bench

@Suite struct BarTableTests {
  /// A workload with one pairing for each contestant.
  private func workload(
    _ name: String, native: Double, _ traced: [String: Double], anonymous: (Int, Int) = (0, 0)
  ) -> WorkloadResult {
    var result = WorkloadResult(
      workload: name, title: name, unit: "ms", command: [], shortCommand: [])
    result.contestants = traced.sorted { $0.key < $1.key }.map { contestant, wall in
      var result = ContestantResult(contestant: contestant, isShort: false)
      result.pairings = [
        Pairing(
          round: 0, native: RunTime(wall: native, processorMilliseconds: 1),
          contestant: RunTime(wall: wall, processorMilliseconds: 1))
      ]
      result.nativeMemory = [PeakMemory(residentBytes: 0, anonymousBytes: anonymous.0)]
      result.memory = [PeakMemory(residentBytes: 0, anonymousBytes: anonymous.1)]
      return result
    }
    return result
  }

  private func bar(_ name: String, of workloads: [WorkloadResult]) throws -> Bar {
    try #require(
      BarTable(workloads: workloads, large: nil).bars.first { $0.name.hasPrefix(name) })
  }

  @Test func whatIsAddedIsComparedWithWhatHeaptrackAdds() throws {
    let churn = workload("churn-20-1", native: 10, ["memtrace": 70, "heaptrack": 730])
    let bar = try bar("churn, depth 20, 1 thread", of: [churn])
    #expect(bar.measured == 1.0 / 12)
    #expect(bar.verdict == .pass)
    let slower = workload("churn-20-1", native: 10, ["memtrace": 71, "heaptrack": 730])
    #expect(try self.bar("churn, depth 20, 1 thread", of: [slower]).verdict == .fail)
  }

  @Test func aSecondThreadIsComparedWithTheFirst() throws {
    let bar = try bar(
      "churn, depth 20: added",
      of: [
        workload("churn-20-1", native: 10, ["memtrace": 60]),
        workload("churn-20-2", native: 20, ["memtrace": 85]),
      ])
    #expect(bar.measured == 1.3)
    #expect(bar.verdict == .pass)
  }

  @Test func thePromisesThatAreNotKeptComeFirst() {
    let bars = BarTable(
      workloads: [
        workload("list-1", native: 10, ["memtrace": 15]),
        workload("node-start", native: 10, ["memtrace": 16]),
      ], large: nil
    ).bars
    let verdicts = bars.map(\.verdict)
    #expect(bars.first?.name == "node-start: wall time, of native")
    #expect(verdicts.filter { $0 == .fail }.count == 1)
    #expect(verdicts.lastIndex(of: .fail) ?? -1 < verdicts.firstIndex(of: .pass) ?? -1)
    #expect(verdicts.lastIndex(of: .pass) ?? -1 < verdicts.firstIndex(of: .unmeasured) ?? -1)
  }

  @Test func theWorkloadWithTheLeastRoomLeftSpeaksForMemory() throws {
    let mebibyte = 1 << 20
    let small = workload(
      "small", native: 1, ["memtrace": 1], anonymous: (4 * mebibyte, 20 * mebibyte))
    let large = workload(
      "large", native: 1, ["memtrace": 1], anonymous: (100 * mebibyte, 122 * mebibyte))
    let bar = try bar("resident memory", of: [small, large])
    #expect(bar.note == "large, natively 100")
    #expect(bar.limit == 121)
    #expect(bar.verdict == .fail)
    #expect(try self.bar("resident memory", of: [small]).verdict == .pass)
  }

  @Test func aLeastIsReachedFromAbove() {
    let bar = Bar(name: "speed", limit: 25, isLeast: true, unit: "", measured: 26)
    #expect(bar.verdict == .pass)
    #expect(
      Bar(name: "speed", limit: 25, isLeast: true, unit: "", measured: 24).verdict == .fail)
  }

  @Test func largeRecordingsHaveTheirOwnBars() {
    func recording(_ bytes: Int, events: Int, milliseconds: [Double] = []) -> LargeResult.Recording
    {
      LargeResult.Recording(
        command: [], byteCount: bytes, eventCount: events, reportMilliseconds: milliseconds,
        reportResidentBytes: 900_000_000)
    }
    let large = LargeResult(
      folded: recording(70_000_000, events: 180_000_000),
      unfolded: recording(1_980_000_000, events: 180_000_000),
      events: recording(1_000_000_000, events: 100_000_000, milliseconds: [4000, 2000, 3900]),
      fewStacks: recording(1, events: 1000, milliseconds: [1]),
      manyStacks: recording(1, events: 1000, milliseconds: [3]))
    let bars = BarTable(workloads: [], large: large).bars
    func measured(_ name: String) -> Double? { bars.first { $0.name == name }?.measured }
    #expect(measured("90 million pairs: trace") == 70)
    #expect(measured("90 million pairs, MEMTRACE_FOLD=0: trace, by event") == 11)
    #expect(
      abs((measured("report on 100 million events: millions a second") ?? 0) - 25.641) < 0.001)
    #expect(measured("report on 100 million events: resident memory") == 900)
    #expect(measured("report with 1,000,000 stacks: time by event, of that with 1,000") == 3)
  }
}
