// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import bench

@Suite struct WorkloadTests {
  @Test func timesAreFoundAmongWhatTracersPrint() throws {
    let output = """
      heaptrack output will be written to "x"
      180.500 ns wall, 171.250 ns processor a pair
      Heaptrack finished! 12 things
      """
    let time = try Workload.Timing.pair.runTime(
      wholeMilliseconds: 900, processorTime: .milliseconds(40), output: output)
    #expect(
      time
        == RunTime(wall: 180.5, processorMilliseconds: 40, pairProcessorNanoseconds: 171.25))
    let inner = try Workload.Timing.inner.runTime(
      wholeMilliseconds: 900, processorTime: .milliseconds(40), output: "33.5 ms wall\n")
    #expect(inner.wall == 33.5)
    let whole = try Workload.Timing.whole.runTime(
      wholeMilliseconds: 900, processorTime: .milliseconds(40), output: "")
    #expect(whole.wall == 900)
  }

  @Test func aWorkloadThatPrintsNoTimeHasFailed() {
    for timing in [Workload.Timing.pair, .inner] {
      #expect(throws: RunError.self) {
        try timing.runTime(wholeMilliseconds: 1, processorTime: .zero, output: "killed\n")
      }
    }
  }

  @Test func workloadsHaveNamesOfTheirOwn() {
    let names = WorkloadCatalog(programs: "p", sources: "s", python: "python3").all.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(names.contains("churn-20-2") && names.contains("node-mixed-certs"))
  }
}
