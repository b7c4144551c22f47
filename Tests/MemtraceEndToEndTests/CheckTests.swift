// SPDX-License-Identifier: Apache-2.0
//
// `memtrace check` and `run --check` on real programs: what must fail, what must pass, and the numbers.

import Foundation
import Testing

@Suite struct CheckTests {
  private static let batches = Fixture(source: "batches.c")
  private static let growthOptions = ["--batch-marks", "batch", "--iterations", "100"]

  private func growth(
    _ run: TracedRun, _ options: [String] = []
  ) throws -> (status: Ending, growth: [String: Any]) {
    let result = try runCommand(
      ["check", "--format", "json"] + Self.growthOptions + options
        + [run.directory.file("trace.bin")])
    let json = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    return (result.ending, json?["growth"] as? [String: Any] ?? [:])
  }

  private func sites(_ growth: [String: Any]) -> [String: [String: Any]] {
    var sites: [String: [String: Any]] = [:]
    for site in growth["sites"] as? [[String: Any]] ?? [] {
      let stack = site["stack"] as? [[String: Any]] ?? []
      sites[stack.first?["function"] as? String ?? ""] = site
    }
    return sites
  }

  @Test(arguments: [(5, 10), (8, 0), (8, 200), (20, 3)])
  func whatGrowsIsFoundWithExactCountsAndNothingElse(batchCount: Int, warmUp: Int) throws {
    let run = try runTraced(
      Self.batches.path(), ["\(batchCount)", "100", "\(warmUp)"])
    let (status, growth) = try growth(run)
    #expect(status == .exited(1))
    let sites = sites(growth)
    #expect(Set(sites.keys) == ["lose_seldom", "keep_until_exit", "swell"])
    #expect(sites["lose_seldom"]?["bytesPerIteration"] as? Double == 0.24)
    #expect(sites["lose_seldom"]?["blocksPerIteration"] as? Double == 0.01)
    #expect(sites["lose_seldom"]?["count"] as? Int == batchCount)
    #expect(sites["lose_seldom"]?["bytes"] as? Int == batchCount * 24)
    #expect(sites["keep_until_exit"]?["count"] as? Int == batchCount * 100)
    #expect(sites["swell"]?["bytesPerIteration"] as? Double == 16)
    let batches = sites["keep_until_exit"]?["batches"] as? [[String: Int]]
    #expect(
      batches == Array(repeating: ["bytes": 4000, "count": 100], count: batchCount))
    #expect(growth["bytesPerIteration"] as? Double == 56.24)
  }

  @Test func growthHasALimitAndSuppressions() throws {
    let run = try runTraced(Self.batches.path(), ["5", "100", "10"])
    #expect(try growth(run, ["--max-growth", "56.24"]).status == .exited(0))
    #expect(try growth(run, ["--max-growth", "56.2/iteration"]).status == .exited(1))
    #expect(try growth(run, ["--max-site-growth", "40"]).status == .exited(0))
    #expect(try growth(run, ["--max-site-growth", "39.9"]).status == .exited(1))
    #expect(try growth(run, ["--only-image", "*.node"]).status == .exited(0))
    let file = run.directory.file("known.supp")
    try "leak:lose_seldom\nleak:keep_until_exit\nleak:swell\n".write(
      toFile: file, atomically: true, encoding: .utf8)
    #expect(try growth(run, ["--suppressions", file]).status == .exited(0))
  }
}
