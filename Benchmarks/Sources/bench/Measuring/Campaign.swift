// SPDX-License-Identifier: Apache-2.0
//
// Measures contestants on one workload: natively and traced in turns, so that whatever else the
// machine does meets both alike; each ratio is of two runs side by side.

import Foundation

/// One workload, all contestants, all rounds.
struct Campaign {
  let runner: Runner
  /// Without the native one.
  let contestants: [Contestant]
  let native: Contestant
  /// `build/bin/memtrace`.
  let command: String
  let rounds: Int
  /// Runs whose memory is looked at, of memtrace and natively; of others one.
  let memoryRuns: Int
  let progress: (String) -> Void

  /// Measures everything there is to measure on a workload.
  func measure(_ workload: Workload) throws -> WorkloadResult {
    var result = WorkloadResult(
      workload: workload.name, title: workload.title, unit: workload.timing.unit,
      command: workload.command.arguments, shortCommand: workload.shortCommand.arguments)
    result.contestants = contestants.map {
      ContestantResult(contestant: $0.name, isShort: $0.isShort)
    }
    // Once, unmeasured: files come into the page cache, and a workload that cannot run says so.
    _ = try runner.time(workload, under: native, isShort: false)
    var natives: [RunTime] = []
    for round in 0..<rounds {
      progress("\(workload.name): round \(round + 1) of \(rounds)")
      try forEach(&result, inRound: round) { contestant, mine in
        // Which one goes first changes; neither is always the one that follows the other.
        let isNativeFirst = mine.pairings.count.isMultiple(of: 2)
        let pairing = try pair(
          workload, contestant, round: round, isNativeFirst: isNativeFirst)
        mine.pairings.append(pairing)
        if !contestant.isShort { natives.append(pairing.native) }
      }
    }
    result.native = natives
    progress("\(workload.name): recordings")
    try forEach(&result) { try lookAtRecording(of: $0, &$1) }
    for round in 0..<rounds {
      try forEach(&result, inRound: round) { try timeReport(of: $0, &$1) }
    }
    progress("\(workload.name): memory")
    result.nativeMemory = try memory(workload, native, isShort: false, count: memoryRuns)
    let nativeMemory = result.nativeMemory
    try forEach(&result) { contestant, mine in
      let count = contestant.name == ContestantCatalog.memtrace ? memoryRuns : 1
      mine.memory = try memory(workload, contestant, isShort: contestant.isShort, count: count)
      mine.nativeMemory =
        contestant.isShort
        ? try memory(workload, native, isShort: true, count: 1) : nativeMemory
    }
    return result
  }

  /// Calls `body` for every contestant that has not failed and takes part in the round; one that
  /// fails now is out, with its reason.
  private func forEach(
    _ result: inout WorkloadResult, inRound round: Int = 0,
    _ body: (Contestant, inout ContestantResult) throws -> Void
  ) throws {
    for (index, contestant) in contestants.enumerated()
    where round % contestant.everyRounds == 0 && result.contestants[index].failure == nil {
      do {
        try body(contestant, &result.contestants[index])
      } catch let error as RunError {
        result.contestants[index].failure = error.description
      }
    }
  }

  private func pair(
    _ workload: Workload, _ contestant: Contestant, round: Int, isNativeFirst: Bool
  ) throws -> Pairing {
    let times = try (isNativeFirst ? [native, contestant] : [contestant, native]).map {
      try runner.time(workload, under: $0, isShort: contestant.isShort)
    }
    return isNativeFirst
      ? Pairing(round: round, native: times[0], contestant: times[1])
      : Pairing(round: round, native: times[1], contestant: times[0])
  }

  /// Sizes and events of what the last round left.
  private func lookAtRecording(of contestant: Contestant, _ result: inout ContestantResult) throws {
    guard let recording = contestant.recording else { return }
    let files = try runner.directory(of: contestant).files(where: recording.includes)
    result.recordingBytes = files.map(\.byteCount).reduce(0, +)
    guard contestant.name == ContestantCatalog.memtrace else { return }
    let summaries = try files.map { try summary(of: $0.path) }
    let eventCount = summaries.map(\.eventCount).reduce(0, +)
    guard eventCount > 0 else {
      throw RunError.unexpectedOutput(contestant.name, wanted: "any event into its trace")
    }
    result.eventCount = eventCount
    result.lostEventCount = summaries.map(\.lostEventCount).reduce(0, +)
  }

  /// What the JSON report says of a trace.
  func summary(of trace: String) throws -> TraceSummary {
    let name = "summary"
    _ = try runner.read(TraceSummary.command(command, on: trace), name: name)
    let text = RunDirectory(path: "\(runner.scratch)/\(name)").text(name, "out")
    do {
      return try JSONDecoder().decode(TraceSummary.self, from: Data(text.utf8))
    } catch is DecodingError {
      throw RunError.unexpectedOutput("memtrace report", wanted: "its events")
    }
  }

  /// Reports once on the largest file of a recording.
  private func timeReport(of contestant: Contestant, _ result: inout ContestantResult) throws {
    guard let recording = contestant.recording,
      let file = try runner.directory(of: contestant).files(where: recording.includes).first
    else { return }
    let report = try runner.read(recording.report(file.path), name: "report")
    result.reportMilliseconds.append(report.milliseconds)
  }

  private func memory(
    _ workload: Workload, _ contestant: Contestant, isShort: Bool, count: Int
  ) throws -> [PeakMemory] {
    try (0..<count).map { _ in
      try runner.memory(workload, under: contestant, isShort: isShort)
    }
  }
}
