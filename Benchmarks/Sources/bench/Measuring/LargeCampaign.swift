// SPDX-License-Identifier: Apache-2.0
//
// Makes the large recordings, one at a time because of the room they take, and reports on them.

/// The recordings of `LargeResult`.
struct LargeCampaign {
  let campaign: Campaign
  let folding: Contestant
  let unfolding: Contestant
  /// `build/benchmarks`, with the programs.
  let programs: String

  private static let reportCount = 3

  /// Records and reports.
  func measure() throws -> LargeResult {
    func churn(_ pairs: Int) -> [String] { ["\(programs)/churn", "20", "1", "\(pairs)"] }
    func stacks(_ count: Int) -> [String] {
      ["\(programs)/stacks", "\(count)", "10000000"]
    }
    return LargeResult(
      folded: try record(churn(90_000_000), under: folding, reports: 0),
      unfolded: try record(churn(90_000_000), under: unfolding, reports: 0),
      events: try record(churn(50_000_000), under: unfolding, reports: Self.reportCount),
      fewStacks: try record(stacks(1000), under: unfolding, reports: Self.reportCount),
      manyStacks: try record(stacks(1_000_000), under: unfolding, reports: Self.reportCount))
  }

  private func record(
    _ arguments: [String], under contestant: Contestant, reports: Int
  ) throws -> LargeResult.Recording {
    campaign.progress("large: " + arguments.joined(separator: " "))
    let runner = campaign.runner
    let command = Command(arguments)
    let workload = Workload(
      name: "large", title: "large", kind: .program, command: command, shortCommand: command,
      timing: .whole)
    _ = try runner.time(workload, under: contestant, isShort: false)
    let directory = runner.directory(of: contestant)
    guard let recording = contestant.recording,
      let file = try directory.files(where: recording.includes).first
    else { throw RunError.unexpectedOutput(contestant.name, wanted: "a recording") }
    var result = LargeResult.Recording(
      command: arguments, byteCount: file.byteCount,
      eventCount: try campaign.summary(of: file.path).eventCount)
    for _ in 0..<reports {
      let report = try runner.read(recording.report(file.path), name: "report")
      result.reportMilliseconds.append(report.milliseconds)
      result.reportResidentBytes = max(result.reportResidentBytes, report.residentBytes)
    }
    try directory.empty()
    return result
  }
}
