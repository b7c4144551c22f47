// SPDX-License-Identifier: Apache-2.0
//
// What several places (sites, or cohorts of sites) held at each instant, written down where it
// changed. Where that becomes too much, every second instant is given up.

import TraceFile

/// Amounts over time, by place.
struct ChangeLog {
  /// Where only so many instants are left to look at, no more are given up.
  private static let leastInstants = 32

  private struct Record {
    var place: UInt32
    var instant: UInt32
    var amount: SiteAmount
  }

  private let instantCount: Int
  private let limit: Int
  private var records: [Record] = []
  /// By place: what was written down last.
  private var last: [SiteAmount] = []
  /// Of so many instants one is written down, and the last.
  private(set) var stride = 1

  init(instantCount: Int, limit: Int) {
    self.instantCount = instantCount
    self.limit = limit
  }

  /// Whether amounts are written down at an instant.
  func isKept(_ instant: Int) -> Bool {
    instant % stride == 0 || instant == instantCount - 1
  }

  mutating func addPlace() { last.append(SiteAmount()) }

  /// What a place holds at an instant; of no interest if it is what it held before.
  mutating func note(_ place: Int, _ amount: SiteAmount, at instant: Int) {
    guard last[place] != amount else { return }
    last[place] = amount
    records.append(
      Record(
        place: UInt32(truncatingIfNeeded: place), instant: UInt32(truncatingIfNeeded: instant),
        amount: amount))
  }

  /// Nothing more is to be noted at an instant.
  mutating func finish(_ instant: Int) {
    if records.count > limit, instant % (2 * stride) == 0,
      instantCount / (2 * stride) >= Self.leastInstants
    {
      thin()
    }
  }

  /// Gives up every second of the instants: what changed in one is said to have changed by the
  /// next.
  private mutating func thin() {
    stride *= 2
    let step = UInt32(truncatingIfNeeded: stride)
    var taken = [UInt32](repeating: .max, count: last.count)
    var kept: [Record] = []
    for record in records.reversed() {
      let instant = (record.instant + step - 1) / step * step
      guard taken[Int(record.place)] != instant else { continue }
      taken[Int(record.place)] = instant
      kept.append(Record(place: record.place, instant: instant, amount: record.amount))
    }
    kept.reverse()
    records = kept
  }

  /// A series for each place that ever held something, in their order; `owner` is asked in that
  /// order whose it is.
  func series(_ owner: (Int) -> (stack: StackID, cohort: Int)) -> [SiteSeries] {
    var ends = [Int](repeating: 0, count: last.count + 1)
    for record in records { ends[Int(record.place) + 1] += 1 }
    for place in 1..<max(1, ends.count) { ends[place] += ends[place - 1] }
    let starts = ends
    var changes = [SiteChange](
      repeating: SiteChange(instant: 0, amount: SiteAmount()), count: records.count)
    for record in records {
      let index = ends[Int(record.place)]
      ends[Int(record.place)] += 1
      changes[index] = SiteChange(instant: record.instant, amount: record.amount)
    }
    var series: [SiteSeries] = []
    for place in last.indices where ends[place] > starts[place] {
      let (stack, cohort) = owner(place)
      series.append(
        SiteSeries(
          stack: stack, cohort: cohort, changes: changes[starts[place]..<ends[place]]))
    }
    return series
  }
}
