// SPDX-License-Identifier: Apache-2.0
//
// Memory over time as a page carries it: what each site held, as changes, by the interval in which
// it was allocated. Where that is too much for a page, instants are given up until it fits.

/// The history of one page.
struct PageHistory {
  /// In base64 this is less than half of what a page may weigh.
  private static let byteLimit = 6 << 20

  private let history: MemoryHistory
  private var instants: [MemoryHistory.Instant]
  private var entries = Entries()

  /// The columns of what sites held.
  private struct Entries {
    var count = 0
    var changeCount = 0
    var sites = ColumnBytes()
    var cohorts = ColumnBytes()
    var allocatedBytes = ColumnBytes()
    var allocationCounts = ColumnBytes()
    var temporaryCounts = ColumnBytes()
    var changeCounts = ColumnBytes()
    var changeInstants = ColumnBytes()
    var changeBytes = ColumnBytes()
    var changeBlocks = ColumnBytes()

    var byteCount: Int {
      [
        sites, cohorts, allocatedBytes, allocationCounts, temporaryCounts, changeCounts,
        changeInstants, changeBytes, changeBlocks,
      ].reduce(0) { $0 + $1.bytes.count }
    }
  }

  init(_ history: MemoryHistory, byteLimit: Int = Self.byteLimit) {
    self.history = history
    var cohorts = history.cohorts
    instants = history.instants
    entries = Self.entries(cohorts)
    while entries.byteCount > byteLimit, instants.count > 3 {
      (instants, cohorts) = Self.halved(instants, cohorts, history.beginsAtFirstInstant)
      entries = Self.entries(cohorts)
    }
  }

  private static func entries(_ cohorts: [MemoryHistory.Cohort]) -> Entries {
    var entries = Entries()
    var site = 0
    for cohort in cohorts {
      entries.count += 1
      entries.sites.append(cohort.site - site)
      site = cohort.site
      entries.cohorts.append(cohort.instant)
      entries.allocatedBytes.append(cohort.allocatedBytes)
      entries.allocationCounts.append(cohort.allocationCount)
      entries.temporaryCounts.append(cohort.temporaryCount)
      entries.changeCounts.append(cohort.changes.count)
      var instant = cohort.instant
      for change in cohort.changes {
        entries.changeCount += 1
        entries.changeInstants.append(Int(change.instant) - instant)
        instant = Int(change.instant)
        entries.changeBytes.append(change.amount.byteCount)
        entries.changeBlocks.append(change.amount.count)
      }
    }
    return entries
  }

  /// Gives up every second instant, but for the last, those with a mark and the one that begins
  /// the time asked for.
  private static func halved(
    _ instants: [MemoryHistory.Instant], _ cohorts: [MemoryHistory.Cohort], _ keepsFirst: Bool
  ) -> ([MemoryHistory.Instant], [MemoryHistory.Cohort]) {
    let hasRoom = instants.count(where: { $0.label != nil }) * 2 < instants.count
    var kept: [MemoryHistory.Instant] = []
    var places: [Int] = []
    var peak = MemoryHistory.Instant(nanoseconds: 0)
    for (index, instant) in instants.enumerated() {
      places.append(kept.count)
      if instant.peakBytes >= peak.peakBytes { peak = instant }
      guard
        index % 2 == 1 || index == instants.count - 1 || keepsFirst && index == 0
          || hasRoom && instant.label != nil
      else { continue }
      kept.append(instant)
      kept[kept.count - 1].peakBytes = peak.peakBytes
      kept[kept.count - 1].peakNanoseconds = peak.peakNanoseconds
      peak = MemoryHistory.Instant(nanoseconds: 0)
    }
    var merged: [MemoryHistory.Cohort] = []
    for cohort in cohorts {
      var next = MemoryHistory.Cohort(site: cohort.site, instant: places[cohort.instant])
      next.allocatedBytes = cohort.allocatedBytes
      next.allocationCount = cohort.allocationCount
      next.temporaryCount = cohort.temporaryCount
      for change in cohort.changes {
        let instant = UInt32(places[Int(change.instant)])
        if next.changes.last?.instant == instant { next.changes.removeLast() }
        next.changes.append(SiteChange(instant: instant, amount: change.amount))
      }
      if let last = merged.last, last.site == next.site, last.instant == next.instant {
        merged[merged.count - 1].merge(next)
      } else {
        merged.append(next)
      }
    }
    return (kept, merged)
  }

  func write(_ json: inout JSONWriter) {
    writeCurves(&json)
    guard !instants.isEmpty else { return }
    json.key("history")
    json.object(multiline: true) { json in
      json.member("beginsAtFirst", history.beginsAtFirstInstant)
      json.key("instants")
      json.array { json in for instant in instants { json.value(instant.nanoseconds) } }
      json.key("labels")
      json.array { json in
        for instant in instants { json.value(instant.label.map(PageStrings.fit)) }
      }
      json.key("totals")
      json.object { json in
        func column(_ value: (MemoryHistory.Instant) -> UInt64) -> String {
          ColumnBytes(instants.map(value)).base64
        }
        json.member("outstandingBytes", column(\.outstandingBytes))
        json.member("outstandingCount", column(\.outstandingCount))
        json.member("peakBytes", column(\.peakBytes))
        json.member("peakTime", column(\.peakNanoseconds))
        json.member("mappedBytes", column(\.mappedBytes))
      }
      json.key("entries")
      json.object { json in
        json.member("count", entries.count)
        json.member("site", entries.sites.base64)
        json.member("cohort", entries.cohorts.base64)
        json.member("allocatedBytes", entries.allocatedBytes.base64)
        json.member("allocationCount", entries.allocationCounts.base64)
        json.member("temporaryCount", entries.temporaryCounts.base64)
        json.member("changeCount", entries.changeCounts.base64)
      }
      json.key("changes")
      json.object { json in
        json.member("count", entries.changeCount)
        json.member("instant", entries.changeInstants.base64)
        json.member("bytes", entries.changeBytes.base64)
        json.member("blocks", entries.changeBlocks.base64)
      }
    }
  }

  private func writeCurves(_ json: inout JSONWriter) {
    json.key("memory")
    json.object(multiline: true) { json in
      json.key("curves")
      json.array(multiline: true) { json in
        for curve in history.curves {
          json.object { json in
            json.member("id", curve.kind.rawValue)
            json.member("count", curve.points.count)
            json.member("times", Self.times(curve.points.map(\.nanoseconds)).base64)
            json.member("values", ColumnBytes(curve.points.map(\.byteCount)).base64)
          }
        }
      }
      json.key("collections")
      json.object { json in
        json.member("count", history.collections.count)
        json.member("times", Self.times(history.collections.map(\.nanoseconds)).base64)
        json.member("majors", history.collections.map { $0.isMajor ? "1" : "0" }.joined())
      }
    }
  }

  /// Each instant as what it lies behind the one before, in microseconds.
  private static func times(_ nanoseconds: [UInt64]) -> ColumnBytes {
    var column = ColumnBytes()
    var last: UInt64 = 0
    for time in nanoseconds {
      column.append(time / 1000 - min(last, time / 1000))
      last = time / 1000
    }
    return column
  }
}

extension MemoryHistory.Cohort {
  /// Adds what the same site allocated in a neighboring interval.
  mutating func merge(_ other: Self) {
    allocatedBytes &+= other.allocatedBytes
    allocationCount &+= other.allocationCount
    temporaryCount &+= other.temporaryCount
    var sum: [SiteChange] = []
    var left = changes[...]
    var right = other.changes[...]
    var held = (SiteAmount(), SiteAmount())
    while let instant = [left.first?.instant, right.first?.instant].compactMap({ $0 }).min() {
      if left.first?.instant == instant { held.0 = left.removeFirst().amount }
      if right.first?.instant == instant { held.1 = right.removeFirst().amount }
      sum.append(
        SiteChange(
          instant: instant,
          amount: SiteAmount(
            byteCount: held.0.byteCount &+ held.1.byteCount, count: held.0.count &+ held.1.count)))
    }
    changes = sum
  }
}
