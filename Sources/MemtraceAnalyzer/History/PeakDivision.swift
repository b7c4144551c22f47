// SPDX-License-Identifier: Apache-2.0
//
// Makes the highest instant of all one of a history's instants after the fact: which it will be is
// known only when all events are read. Its interval is read again, and the cohort of that interval
// becomes two.

import TraceFile

/// A history whose interval with the peak is divided there.
struct PeakDivision {
  /// With the instant.
  private(set) var history: SiteHistory

  private let interval: Int
  private let replay: IntervalReplay
  private let peak: PeakInterval
  private let stacks: [StackID]
  private let instant: Ticks

  /// nil where the instant is one already, or the interval's end has to do.
  init?(
    of trace: TraceFile, _ history: SiteHistory, _ recorder: CohortRecorder, at instant: Ticks
  ) throws {
    // With instants given up it is not to be had.
    guard let peak = recorder.peak, history.siteStride == 1,
      case let end = history.instants[peak.interval], peak.ticks <= instant, instant < end
    else { return nil }
    let before = peak.interval > 0 ? history.instants[peak.interval - 1] : nil
    if let before, instant <= before { return nil }
    interval = peak.interval
    self.peak = peak
    self.instant = instant
    stacks = recorder.stacks
    replay = try IntervalReplay(
      of: trace, (before.map { Ticks($0.rawValue + 1) } ?? Ticks(0))...end, peak, at: instant,
      olderBytes: peak.interval > 0 ? history.totals[peak.interval - 1].outstandingBytes : 0,
      meanings: history.meanings)
    self.history = history
    self.history = divided(history)
  }

  // MARK: The peak itself

  /// When most was outstanding.
  var peakTicks: Ticks { peak.ticks }

  /// What all sites held at the peak itself.
  ///
  /// - Complexity: O(sites).
  func atPeak() -> SiteHistory {
    var amounts = replay.atPeak
    if peak.interval > 0 {
      for site in history.sites where site.cohort < peak.interval {
        amounts[site.stack, default: SiteAmount()] += site.amount(at: peak.interval - 1)
      }
    }
    for end in peak.lateEnds.prefix(replay.endsAtPeak) {
      amounts[stacks[Int(end.site.rawValue)], default: SiteAmount()] -=
        SiteAmount(byteCount: end.byteCount, count: 1)
    }
    var totals = HistoryTotals(ticks: peak.ticks)
    totals.outstandingBytes = amounts.values.reduce(0) { $0 &+ $1.byteCount }
    totals.outstandingCount = amounts.values.reduce(0) { $0 &+ $1.count }
    (totals.peakBytes, totals.peakTicks) = (peak.byteCount, peak.ticks)
    // In the order in which they first allocated.
    var sites: [SiteSeries] = []
    for stack in stacks {
      guard let amount = amounts.removeValue(forKey: stack), amount.count > 0 else { continue }
      sites.append(
        SiteSeries(
          stack: stack, cohort: 0, changes: [SiteChange(instant: 0, amount: amount)]))
    }
    return SiteHistory(
      instants: [peak.ticks], totals: [totals], sites: sites, mappings: [], splitsCohorts: false,
      siteStride: 1, meanings: history.meanings)
  }

  // MARK: The division

  private func divided(_ history: SiteHistory) -> SiteHistory {
    var instants = history.instants
    instants.insert(instant, at: interval)
    let sites = olderAndLaterSites(history) + ownSites(history)
    return SiteHistory(
      instants: instants, totals: totals(history, sites), sites: sites,
      allocations: allocations(history), mappings: [], splitsCohorts: true, siteStride: 1,
      meanings: history.meanings)
  }

  private func totals(_ history: SiteHistory, _ sites: [SiteSeries]) -> [HistoryTotals] {
    let own = replay.totalsBefore
    let previous = interval > 0 ? history.totals[interval - 1] : nil
    var row = HistoryTotals(ticks: instant)
    for site in sites {
      let amount = site.amount(at: interval)
      row.outstandingBytes &+= amount.byteCount
      row.outstandingCount &+= amount.count
    }
    (row.peakBytes, row.peakTicks) = (peak.byteCount, peak.ticks)
    row.allocatedBytes = own.allocatedBytes
    row.allocationCount = own.allocationCount
    row.freedBytes =
      (previous?.outstandingBytes ?? 0) &+ own.allocatedBytes &- row.outstandingBytes
    row.freeCount =
      (previous?.outstandingCount ?? 0) &+ own.allocationCount &- row.outstandingCount
    // Only the sum is known.
    row.mappings.anonymousBytes =
      peak.mappingSteps.last { $0.ticks <= instant }?.byteCount
      ?? previous.map { $0.mappings.anonymousBytes &+ $0.mappings.fileBytes } ?? 0
    var rows = history.totals
    (rows[interval].peakBytes, rows[interval].peakTicks) = replay.laterPeak
    rows[interval].allocatedBytes &-= row.allocatedBytes
    rows[interval].allocationCount &-= row.allocationCount
    rows[interval].freedBytes &-= row.freedBytes
    rows[interval].freeCount &-= row.freeCount
    rows.insert(row, at: interval)
    return rows
  }

  private struct Key: Hashable {
    var stack: StackID
    var cohort: Int
  }

  /// Places of instants behind the new one move up.
  private func moved(_ changes: ArraySlice<SiteChange>) -> [SiteChange] {
    changes.map { change in
      SiteChange(
        instant: change.instant + (change.instant >= UInt32(interval) ? 1 : 0),
        amount: change.amount)
    }
  }

  /// Cohorts of other intervals.
  private func olderAndLaterSites(_ history: SiteHistory) -> [SiteSeries] {
    var ended: [Key: SiteAmount] = [:]
    for end in peak.lateEnds.prefix(replay.endsBefore) {
      let key = Key(stack: stacks[Int(end.site.rawValue)], cohort: Int(end.cohort))
      ended[key, default: SiteAmount()] += SiteAmount(byteCount: end.byteCount, count: 1)
    }
    // One array for all: there may be a million of them.
    var changes: [SiteChange] = []
    var ends: [Int] = []
    let others = history.sites.filter { $0.cohort != interval }
    changes.reserveCapacity(others.reduce(ended.count) { $0 + $1.changes.count })
    for site in others {
      changes += site.changes.lazy.filter { $0.instant < UInt32(interval) }
      var amount = changes.count > ends.last ?? 0 ? changes.last?.amount : nil
      if let ended = ended[Key(stack: site.stack, cohort: site.cohort)] {
        var rest = amount ?? SiteAmount()
        rest -= ended
        changes.append(SiteChange(instant: UInt32(interval), amount: rest))
        amount = rest
      }
      for change in site.changes where change.instant >= UInt32(interval) {
        if change.amount != amount {
          changes.append(SiteChange(instant: change.instant + 1, amount: change.amount))
        }
        amount = change.amount
      }
      ends.append(changes.count)
    }
    return others.enumerated().map { place, site in
      var site = site
      site.changes = changes[(place > 0 ? ends[place - 1] : 0)..<ends[place]]
      if site.cohort > interval { site.cohort += 1 }
      return site
    }
  }

  /// The two cohorts of the interval.
  private func ownSites(_ history: SiteHistory) -> [SiteSeries] {
    var whole: [StackID: [SiteChange]] = [:]
    for site in history.sites where site.cohort == interval {
      whole[site.stack] = moved(site.changes)
    }
    let later = laterSeries()
    var series: [SiteSeries] = []
    var seen: Set<StackID> = []
    for stack in stacks where seen.insert(stack).inserted {
      let all = whole[stack] ?? []
      let behind = later[stack] ?? []
      var before =
        replay.before[stack].map {
          SiteAmount(byteCount: $0.outstandingBytes, count: $0.outstandingCount)
        } ?? SiteAmount()
      var changes: [SiteChange] = []
      if before.count > 0 {
        changes.append(SiteChange(instant: UInt32(interval), amount: before))
      }
      for instant in Set(all.map(\.instant) + behind.map(\.instant)).union([UInt32(interval) + 1])
        .sorted()
      {
        var amount = Self.amount(all, at: instant)
        amount -= Self.amount(behind, at: instant)
        if amount != before { changes.append(SiteChange(instant: instant, amount: amount)) }
        before = amount
      }
      if !changes.isEmpty {
        series.append(SiteSeries(stack: stack, cohort: interval, changes: changes[...]))
      }
      if !behind.isEmpty {
        series.append(SiteSeries(stack: stack, cohort: interval + 1, changes: behind[...]))
      }
    }
    return series
  }

  private static func amount(_ changes: [SiteChange], at instant: UInt32) -> SiteAmount {
    changes.last { $0.instant <= instant }?.amount ?? SiteAmount()
  }

  /// What began behind the instant, by stack.
  private func laterSeries() -> [StackID: [SiteChange]] {
    var held: [StackID: SiteAmount] = [:]
    for block in replay.laterBlocks.values {
      held[block.stack, default: SiteAmount()] += SiteAmount(byteCount: block.byteCount, count: 1)
    }
    var series = held.mapValues { [SiteChange(instant: UInt32(interval) + 1, amount: $0)] }
    for (end, place) in peak.laterEnds {
      guard let block = replay.laterBlocks[end.address] else { continue }
      held[block.stack, default: SiteAmount()] -= SiteAmount(byteCount: block.byteCount, count: 1)
      let change = SiteChange(
        instant: UInt32(place) + 1, amount: held[block.stack] ?? SiteAmount())
      if series[block.stack]?.last?.instant == change.instant { series[block.stack]?.removeLast() }
      series[block.stack]?.append(change)
    }
    return series
  }

  private func allocations(_ history: SiteHistory) -> [SiteAllocations] {
    var allocations: [SiteAllocations] = []
    for known in history.allocations where known.cohort != interval {
      var known = known
      if known.cohort > interval { known.cohort += 1 }
      allocations.append(known)
    }
    for (stack, whole) in replay.whole {
      let before = replay.before[stack] ?? SiteTotals(stack: stack)
      let divided = replay.divided[stack] ?? 0
      allocations.append(
        SiteAllocations(
          stack: stack, cohort: interval, byteCount: before.allocatedBytes,
          count: before.allocationCount, temporaryCount: before.temporaryCount &+ divided))
      allocations.append(
        SiteAllocations(
          stack: stack, cohort: interval + 1,
          byteCount: whole.allocatedBytes &- before.allocatedBytes,
          count: whole.allocationCount &- before.allocationCount,
          temporaryCount: whole.temporaryCount &- before.temporaryCount &- divided))
    }
    // Blocks that were temporary, but for an instant between their beginning and their end.
    for (end, _) in peak.laterEnds where end.isTemporary {
      let isBehind = replay.laterBlocks[end.address] != nil
      allocations.append(
        SiteAllocations(
          stack: stacks[Int(end.site.rawValue)], cohort: isBehind ? interval + 1 : interval,
          temporaryCount: 1))
    }
    return allocations.filter { $0.count > 0 || $0.temporaryCount > 0 }
  }
}
