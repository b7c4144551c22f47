// SPDX-License-Identifier: Apache-2.0
//
// The tables that people read.

extension BenchReport {
  private static let mebibyte = Double(1 << 20)

  /// All tables.
  var text: String {
    var parts = [preface]
    if !bars.isEmpty { parts.append(barTable.text) }
    if !workloads.isEmpty { parts += [matrix.text, Self.table(of: workloads).text] }
    if !failures.isEmpty { parts.append(failures.map { $0 + "\n" }.joined()) }
    return parts.joined(separator: "\n")
  }

  private var preface: String {
    var lines = [
      machine.description + ".",
      "\(date), \(rounds) rounds; medians, with quartiles in brackets."
        + (isQuick ? " A quick look: without the large recordings." : ""),
    ]
    lines += remarks
    return lines.map { $0 + "\n" }.joined()
  }

  /// Who took part and who did not, and how to read a star.
  var remarks: [String] {
    contestants.filter { !$0.remark.isEmpty }.map { "\($0.name): \($0.remark)" }
      + absent.map { "\($0.name) skipped: \($0.remark)" }
      + ["*: a short form of the workload, compared with the native run of that"]
  }

  /// Who failed on what, and what was lost.
  var failures: [String] {
    workloads.flatMap { workload in
      workload.contestants.compactMap { result -> String? in
        let name = "\(workload.title) under \(result.contestant)"
        if let failure = result.failure { return "\(name) failed: \(failure)" }
        guard let lost = result.lostEventCount, lost > 0 else { return nil }
        return "\(name): \(lost) events could not be recorded"
      }
    }
  }

  /// Every figure, a row for a workload and a contestant.
  static func table(of workloads: [WorkloadResult]) -> TextTable {
    var table = TextTable(headings: [
      "workload", "contestant", " wall", " x native", " added", " CPU ms", " RSS MiB", " anon MiB",
      " B/event", " report ms",
    ])
    for workload in workloads {
      table.rows.append(nativeRow(workload))
      table.rows += workload.contestants.map { row($0, of: workload) }
    }
    return table
  }

  private static func nativeRow(_ workload: WorkloadResult) -> [String] {
    let wall = Distribution(workload.native.map(\.wall))
    let processor = Distribution(workload.native.map(\.processorMilliseconds))
    let resident = Distribution(workload.nativeMemory.map { Double($0.residentBytes) / mebibyte })
    let anonymous = Distribution(workload.nativeMemory.map { Double($0.anonymousBytes) / mebibyte })
    return [
      workload.title, "native", Figure.number(wall?.median) + " " + workload.unit, "1", "",
      Figure.number(processor?.median), Figure.number(resident?.median),
      Figure.number(anonymous?.median), "", "",
    ]
  }

  private static func row(_ result: ContestantResult, of workload: WorkloadResult) -> [String] {
    let name = result.contestant + (result.isShort ? "*" : "")
    if result.failure != nil {
      return ["", name, "failed"] + Array(repeating: "", count: 7)
    }
    return [
      "", name, Figure.number(result.wall?.median) + " " + workload.unit, spread(result.ratio),
      Figure.number(result.added?.median), Figure.number(result.processor?.median),
      Figure.number(result.resident.map { $0.median / mebibyte }),
      Figure.number(result.anonymous.map { $0.median / mebibyte }),
      result.bytesPerEvent.map { Figure.number($0) } ?? "",
      result.report.map { Figure.number($0.median) } ?? "",
    ]
  }

  private static func spread(_ values: Distribution?) -> String {
    guard let values else { return "-" }
    return Figure.number(values.median)
      + " [\(Figure.number(values.lowerQuartile)) \(Figure.number(values.upperQuartile))]"
  }

  /// A column for each contestant: how many times the native time, or what is added to a pair.
  var matrix: TextTable {
    let names = contestants.map(\.name).filter { $0 != ContestantCatalog.native }
    var table = TextTable(headings: ["workload", " native"] + names.map { " " + $0 })
    for workload in workloads {
      let wall = Distribution(workload.native.map(\.wall))
      table.rows.append(
        [workload.title, Figure.number(wall?.median) + " " + workload.unit]
          + names.map { name in
            guard let result = workload[name] else { return "-" }
            guard result.failure == nil else { return "failed" }
            return Self.cost(result, of: workload) + (result.isShort ? "*" : "")
          })
    }
    return table
  }

  private static func cost(_ result: ContestantResult, of workload: WorkloadResult) -> String {
    workload.unit == Workload.Timing.pair.unit
      ? (result.added.map { "+\(Figure.number($0.median)) ns" } ?? "-")
      : (result.ratio.map { Figure.number($0.median) + " x" } ?? "-")
  }

  /// The promises, those that are not kept first.
  var barTable: TextTable {
    var table = TextTable(headings: ["promise", " measured", " limit", "", "verdict", "from"])
    table.rows = bars.map { bar in
      [
        bar.name, Figure.number(bar.measured),
        (bar.isLeast ? "at least " : "") + Figure.number(bar.limit), bar.unit, bar.verdict.rawValue,
        bar.note,
      ]
    }
    return table
  }
}
