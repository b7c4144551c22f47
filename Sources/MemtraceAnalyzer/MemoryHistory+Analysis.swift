// SPDX-License-Identifier: Apache-2.0
//
// How memory over time is made of a trace and a history of its sites: the curves, the instants, and
// which of the report's sites its stacks belong to.

import Symbolication
import TraceFile

/// Which of a report's sites a stack is of.
struct SitePlaces {
  /// Stacks that read the same have one number.
  private let numbers: StackNumbers?
  private var places: [UInt32: Int] = [:]
  private let count: Int

  init(_ sites: [Site], _ frames: FrameTable, _ resolver: StackResolver) {
    numbers = resolver.numbers(byLooks: FrameLooks(frames).numbers)
    count = sites.count
    places.reserveCapacity(count)
    for (place, site) in sites.enumerated() { places[number(site.totals.stack)] = place }
  }

  /// The place of a stack's site in the report; the number of sites for one that is not listed.
  subscript(stack: StackID) -> Int { places[number(stack)] ?? count }

  private func number(_ stack: StackID) -> UInt32 { numbers.map { $0[stack] } ?? stack.rawValue }
}

extension MemoryHistory {
  /// Points of a curve: about one for each pixel of a wide screen.
  private static let pointLimit = 2000

  /// - Parameters:
  ///   - trace: a trace that is whole or not.
  ///   - interval: the time asked for.
  ///   - history: at the instants of `plan`, with cohorts.
  ///   - plan: which those are.
  ///   - sites: the report's sites.
  ///   - collections: of V8's garbage.
  init(
    _ trace: TraceFile, _ interval: Interval, _ history: SiteHistory, _ plan: MemoryPlan,
    sites: SitePlaces, collections: [GarbageCollection]
  ) {
    self.init()
    addCurves(trace, interval)
    self.collections = Self.shown(collections, interval, trace.clock)
    beginsAtFirstInstant = interval.start.rawValue > 0
    let kept = history.instants.indices.filter {
      $0 % history.siteStride == 0 || $0 == history.instants.count - 1
    }
    addInstants(history, kept, plan, trace.clock)
    addCohorts(history, kept, sites)
  }

  // MARK: Seen from outside

  private mutating func addCurves(_ trace: TraceFile, _ interval: Interval) {
    let clock = trace.clock
    func add(_ kind: CurveKind, _ points: [(Ticks, UInt64)]) {
      let wanted = points.filter { interval.start <= $0.0 && $0.0 <= interval.end }
      guard wanted.count > 1 else { return }
      curves.append(
        Curve(
          kind: kind,
          points: Self.thinned(wanted).map { (clock.nanoseconds(at: $0.0), $0.1) }))
    }
    func sampled(_ field: Sample.Field) -> [(Ticks, UInt64)] {
      trace.samples.compactMap { sample in sample[field].map { (sample.ticks, $0) } }
    }
    add(.rss, sampled(.rssBytes))
    add(.pss, sampled(.pssBytes))
    add(.cgroup, sampled(.cgroupBytes))
    // Of worker threads each has a heap of its own.
    let main = trace.jsMemory.filter { $0.threadID == 0 }
    add(.jsHeap, main.map { ($0.ticks, $0.heapUsedByteCount) })
    add(.jsExternal, main.map { ($0.ticks, $0.externalByteCount) })
  }

  private static func shown(
    _ collections: [GarbageCollection], _ interval: Interval, _ clock: TraceClock
  ) -> [Collection] {
    collections
      .filter { interval.start <= $0.ticks && $0.ticks <= interval.end }
      .prefix(pointLimit)
      .map { Collection(nanoseconds: clock.nanoseconds(at: $0.ticks), isMajor: $0.kind == .major) }
  }

  /// The highest of each few neighbors, where there are too many points.
  private static func thinned(_ points: [(Ticks, UInt64)]) -> [(Ticks, UInt64)] {
    let step = (points.count + pointLimit - 1) / pointLimit
    guard step > 1 else { return points }
    return stride(from: 0, to: points.count, by: step).compactMap { start in
      points[start..<min(points.count, start + step)].max { $0.1 < $1.1 }
    }
  }

  // MARK: Instants

  private mutating func addInstants(
    _ history: SiteHistory, _ kept: [Int], _ plan: MemoryPlan, _ clock: TraceClock
  ) {
    let planned = Dictionary(plan.instants.map { ($0.ticks, $0) }) { $1 }
    var next = 0
    for index in kept {
      let totals = history.totals[index]
      let name = planned[totals.ticks]
      var instant = Instant(
        nanoseconds: name?.nanoseconds ?? clock.nanoseconds(at: totals.ticks), label: name?.label)
      instant.outstandingBytes = totals.outstandingBytes
      instant.outstandingCount = totals.outstandingCount
      instant.mappedBytes = totals.mappings.anonymousBytes &+ totals.mappings.fileBytes
      for row in history.totals[next...index] where row.peakBytes >= instant.peakBytes {
        instant.peakBytes = row.peakBytes
        instant.peakNanoseconds = clock.nanoseconds(at: row.peakTicks)
      }
      next = index + 1
      instants.append(instant)
    }
  }

  // MARK: Sites

  private struct Key: Hashable {
    var site: Int
    var instant: Int
  }

  private mutating func addCohorts(
    _ history: SiteHistory, _ kept: [Int], _ sites: SitePlaces
  ) {
    // By instant of the history: the first one kept that is not before it.
    var keptPlaces = [Int](repeating: 0, count: history.instants.count)
    var place = 0
    for index in keptPlaces.indices {
      while kept[place] < index { place += 1 }
      keptPlaces[index] = place
    }
    var places: [Key: Int] = [:]
    var series: [[SiteSeries]] = []
    func cohort(_ stack: StackID, _ interval: Int) -> Int? {
      guard interval < keptPlaces.count, case let instant = keptPlaces[interval],
        !(beginsAtFirstInstant && instant == 0)
      else { return nil }
      let key = Key(site: sites[stack], instant: instant)
      if let known = places[key] { return known }
      places[key] = cohorts.count
      cohorts.append(Cohort(site: key.site, instant: key.instant))
      series.append([])
      return cohorts.count - 1
    }
    for allocations in history.allocations {
      guard let place = cohort(allocations.stack, allocations.cohort) else { continue }
      cohorts[place].allocatedBytes &+= allocations.byteCount
      cohorts[place].allocationCount &+= allocations.count
      cohorts[place].temporaryCount &+= allocations.temporaryCount
    }
    for site in history.sites {
      guard let place = cohort(site.stack, site.cohort) else { continue }
      series[place].append(site)
    }
    for (place, parts) in series.enumerated() where !parts.isEmpty {
      let whole = parts.count == 1 ? parts[0] : SiteSeries(sumOf: parts)
      for change in whole.changes {
        let instant = UInt32(keptPlaces[min(Int(change.instant), keptPlaces.count - 1)])
        let kept = SiteChange(instant: instant, amount: change.amount)
        if cohorts[place].changes.last?.instant == instant { cohorts[place].changes.removeLast() }
        cohorts[place].changes.append(kept)
      }
    }
    cohorts.sort { ($0.site, $0.instant) < ($1.site, $1.instant) }
  }
}
