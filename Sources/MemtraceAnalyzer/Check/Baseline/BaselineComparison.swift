// SPDX-License-Identifier: Apache-2.0
//
// What is new beside a baseline, what has grown, and what is gone.

/// A result held against a baseline.
package struct BaselineComparison: Sendable {
  /// Of the result's leaks those that the baseline does not have.
  package var new: [Int] = []
  /// Those that hold more than the baseline allows, and what it allows.
  package var grown: [(site: Int, from: Baseline.Amount)] = []
  /// Those that hold no more.
  package var known: [Int] = []
  /// What the baseline has and is no more.
  package var gone: [(name: SiteName, amount: Baseline.Amount)] = []

  init(of leaks: [CheckedSite], with baseline: Baseline) {
    // Sites that are told apart by lines alone share a name, and its allowance.
    var now: [SiteName: Baseline.Amount] = [:]
    let names = leaks.map { SiteName($0.frames) }
    for (name, site) in zip(names, leaks) {
      let amount = Baseline.Amount(
        byteCount: site.outstandingBytes, blockCount: site.outstandingCount)
      now[name] = now[name].map { $0.adding(amount) } ?? amount
    }
    for (index, name) in names.enumerated() {
      guard let old = baseline.amounts[name], let new = now[name] else {
        self.new.append(index)
        continue
      }
      if new.byteCount > old.byteCount || new.blockCount > old.blockCount {
        grown.append((index, old))
      } else {
        known.append(index)
      }
    }
    gone = baseline.amounts.filter { now[$0.key] == nil }.sorted { $0.key < $1.key }
      .map { ($0.key, $0.value) }
  }
}
