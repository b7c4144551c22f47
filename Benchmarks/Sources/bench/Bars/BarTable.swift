// SPDX-License-Identifier: Apache-2.0
//
// All promises of speed, memory and size, one row each. Those that are not kept come first.

/// Makes the bars from what was measured.
struct BarTable {
  let workloads: [WorkloadResult]
  let large: LargeResult?

  private static let mebibyte = Double(1 << 20)

  /// The bars in the order in which they are shown.
  var bars: [Bar] {
    let all = churnBars + ratioBars + sizeBars + [memoryBar] + reportBars
    return [.fail, .pass, .unmeasured].flatMap { verdict in all.filter { $0.verdict == verdict } }
  }

  private func result(_ workload: String, _ contestant: String = ContestantCatalog.memtrace)
    -> ContestantResult?
  {
    workloads.first { $0.workload == workload }?[contestant]
  }

  // MARK: - Time

  private var churnBars: [Bar] {
    let ofHeaptrack = [1, 2].map { threads in
      let mine = result("churn-20-\(threads)")?.added?.median
      let theirs = result("churn-20-\(threads)", ContestantCatalog.heaptrack)?.added?.median
      return Bar(
        name: "churn, depth 20, \(threads) thread\(threads == 1 ? "" : "s"): "
          + "added to a pair, of what heaptrack adds",
        limit: 1.0 / 12, unit: "x", measured: quotient(mine, theirs),
        note: note(("memtrace", mine), ("heaptrack", theirs), unit: "ns"))
    }
    let one = result("churn-20-1")
    let two = result("churn-20-2")
    let processor = quotient(two?.addedPairProcessor?.median, one?.addedPairProcessor?.median)
    return ofHeaptrack + [
      Bar(
        name: "churn, depth 20: added to a pair by 2 threads, of that by 1", limit: 1.3, unit: "x",
        measured: quotient(two?.added?.median, one?.added?.median),
        note: note(("1 thread", one?.added?.median), ("2", two?.added?.median), unit: "ns")
          + (processor.map { "; in processor time \(Figure.number($0)) x" } ?? ""))
    ]
  }

  private var ratioBars: [Bar] {
    let limits = [
      ("list-1", 1.6), ("list-16", 1.6), ("node-mixed", 1.2), ("node-mixed-certs", 1.25),
      ("node-start", 1.5),
    ]
    return limits.map { workload, limit in
      let title = workloads.first { $0.workload == workload }?.title ?? workload
      let ratio = result(workload)?.ratio
      return Bar(
        name: "\(title): wall time, of native", limit: limit, unit: "x", measured: ratio?.median,
        note: ratio.map {
          "quartiles \(Figure.number($0.lowerQuartile)) to \(Figure.number($0.upperQuartile))"
        }
          ?? "")
    }
  }

  // MARK: - Size

  private var sizeBars: [Bar] {
    let nodes = ["node-mixed", "node-mixed-certs"].map { workload in
      let result = result(workload)
      return Bar(
        name: "\(workload): trace, by event", limit: 10, unit: "bytes",
        measured: result?.bytesPerEvent,
        note: result?.eventCount.map { "\($0) events" } ?? "")
    }
    return nodes + [
      Bar(
        name: "90 million pairs: trace", limit: 200, unit: "MB",
        measured: large.map { Double($0.folded.byteCount) / 1e6 }),
      Bar(
        name: "90 million pairs, MEMTRACE_FOLD=0: trace, by event", limit: 10, unit: "bytes",
        measured: large?.unfolded.bytesPerEvent),
    ]
  }

  // MARK: - Memory

  /// Of all workloads that with the least room left.
  private var memoryBar: Bar {
    let rooms = workloads.compactMap { workload -> (room: Double, bar: Bar)? in
      guard let result = workload[ContestantCatalog.memtrace],
        let traced = result.anonymous?.median, let native = result.nativeAnonymous?.median
      else { return nil }
      let limit = native * 1.05 + 16 * Self.mebibyte
      let bar = Bar(
        name: "resident memory at its peak, file pages excluded, of the worst workload",
        limit: limit / Self.mebibyte, unit: "MiB", measured: traced / Self.mebibyte,
        note: "\(workload.title), natively \(Figure.number(native / Self.mebibyte))")
      return (limit - traced, bar)
    }
    return rooms.min { $0.room < $1.room }?.bar
      ?? Bar(
        name: "resident memory at its peak, file pages excluded", limit: 16, unit: "MiB",
        measured: nil)
  }

  // MARK: - Reports

  private var reportBars: [Bar] {
    let mine = result("node-mixed")?.report?.median
    let theirs = result("node-mixed", ContestantCatalog.heaptrack)?.report?.median
    let events = large?.events
    let few = large?.fewStacks.reportNanosecondsPerEvent
    let many = large?.manyStacks.reportNanosecondsPerEvent
    let name = "report on 100 million events"
    return [
      Bar(
        name: "report on node-mixed, of heaptrack_print's time", limit: 1, unit: "x",
        measured: quotient(mine, theirs),
        note: note(("memtrace", mine), ("heaptrack_print", theirs), unit: "ms")),
      Bar(
        name: name + ": millions a second", limit: 25, isLeast: true, unit: "",
        measured: events?.reportNanosecondsPerEvent.map { 1e3 / $0 },
        note: events?.report.map { "\(Figure.number($0.median / 1e3)) s" } ?? ""),
      Bar(
        name: name + ": resident memory", limit: 1000, unit: "MB",
        measured: events.map { Double($0.reportResidentBytes) / 1e6 }),
      Bar(
        name: "report with 1,000,000 stacks: time by event, of that with 1,000", limit: 2,
        unit: "x", measured: quotient(many, few),
        note: note(("1,000 stacks", few), ("1,000,000", many), unit: "ns")),
    ]
  }

  private func quotient(_ above: Double?, _ below: Double?) -> Double? {
    guard let above, let below, below > 0 else { return nil }
    return above / below
  }

  private func note(
    _ one: (name: String, value: Double?), _ two: (name: String, value: Double?), unit: String
  ) -> String {
    [one, two].compactMap { part in
      part.value.map { "\(part.name) \(Figure.number($0)) \(unit)" }
    }.joined(separator: ", ")
  }
}
