// SPDX-License-Identifier: Apache-2.0
//
// What each site held at each of several instants, from one pass over a trace. What grows, by how
// much an interval, and what of one interval is still there at a later instant, is read off it.
// It knows no names, and judges nothing.

import Symbolication
import TraceFile

/// Memory at a list of instants, in all and by site.
///
/// The state at an instant is that behind all events up to and with it. Interval `i` is what lies
/// behind instant `i - 1` up to and with instant `i`; interval 0 begins with the trace. What comes
/// after the last instant is not looked at.
///
///     let history = try SiteHistory(of: trace, at: marks, splitsCohorts: true)
///     for site in history.sites where site.cohort == 3 {
///       // What `site.stack` allocated between marks 2 and 3, and has not freed by the last mark:
///       site.amount(at: history.instants.count - 1).byteCount
///     }
package struct SiteHistory {
  /// Strictly ascending.
  package let instants: [Ticks]
  /// By instant.
  package let totals: [HistoryTotals]
  /// Every site that ever held something at one of the instants.
  ///
  /// Without cohorts each stack has one; with them one for each interval in which it allocated.
  package private(set) var sites: [SiteSeries]
  /// What each stack allocated in each interval, freed or not; only with cohorts.
  package let allocations: [SiteAllocations]
  /// Every stack that ever had something mapped at one of the instants.
  package let mappings: [MappingSeries]
  /// Whether sites are told apart by the interval in which they allocated.
  package let splitsCohorts: Bool
  /// Of so many instants one has the sites' amounts: 1, or a power of two.
  ///
  /// It is more than 1 where there were too many changes to keep. The last instant always has
  /// them, as have `totals` and `mappings` all.
  package let siteStride: Int
  /// What the stacks mean.
  let meanings: StackMeanings

  init(
    instants: [Ticks], totals: [HistoryTotals], sites: [SiteSeries],
    allocations: [SiteAllocations] = [], mappings: [MappingSeries], splitsCohorts: Bool,
    siteStride: Int, meanings: StackMeanings
  ) {
    self.instants = instants
    self.totals = totals
    self.sites = sites
    self.allocations = allocations
    self.mappings = mappings
    self.splitsCohorts = splitsCohorts
    self.siteStride = siteStride
    self.meanings = meanings
  }

  /// Reads `trace` once.
  ///
  /// - Parameters:
  ///   - trace: to read.
  ///   - instants: at which to look, in any order; equal ones count once.
  ///   - splitsCohorts: whether to tell apart what was allocated in which interval.
  ///   - changeLimit: about how many changes of sites to keep (24 bytes each). Beyond it, sites are
  ///     known at every second instant only, or every fourth, ...; nil: at all, whatever it takes.
  ///   - codeNames: names of generated code; nil: those of the trace.
  ///   - progress: told now and then which part, 0 to 1, is read.
  /// - Throws: what reading the file throws.
  /// - Complexity: O(events + sites that changed in each interval); memory likewise in the latter.
  package init(
    of trace: TraceFile, at instants: [Ticks], splitsCohorts: Bool = false,
    changeLimit: Int? = HistoryRecorder.defaultChangeLimit, codeNames: [CodeName]? = nil,
    progress: ((Double) -> Void)? = nil
  ) throws {
    let replay = try Replay(
      trace, from: Ticks(0), through: instants.max() ?? Ticks(0), options: AnalysisOptions(),
      history: GeneratedCodeHistory(codeNames ?? trace.codeNames),
      recorder: HistoryRecorder(
        at: instants, splitsCohorts: splitsCohorts, changeLimit: changeLimit),
      progress: progress)
    self = replay.siteHistory
  }

  /// `count` instants at equal distances, the last one at `end`.
  package static func grid(from start: Ticks = Ticks(0), through end: Ticks, count: Int) -> [Ticks]
  {
    guard end > start, count > 1 else { return [end] }
    let span = end.rawValue - start.rawValue
    let steps = UInt64(min(UInt64(count - 1), span))
    return (0...steps).map { step in
      let product = span.multipliedFullWidth(by: step)
      return Ticks(start.rawValue + steps.dividingFullWidth(product).quotient)
    }
  }

  /// What all sites of a cohort hold at an instant, by stack.
  package func outstanding(
    ofCohort cohort: Int, at instant: Int
  ) -> [(stack: StackID, amount: SiteAmount)] {
    sites.compactMap { site in
      guard site.cohort == cohort, case let amount = site.amount(at: instant), amount.count > 0
      else { return nil }
      return (site.stack, amount)
    }
  }

  /// Makes one site of those whose stacks have one number, each cohort for itself; it has the stack
  /// of the one that came first.
  mutating func merge(by numbers: StackNumbers) {
    struct Key: Hashable {
      var number: UInt32
      var cohort: Int
    }
    var places: [Key: Int] = [:]
    var merged: [SiteSeries] = []
    var parts: [Int: [SiteSeries]] = [:]
    for site in sites {
      let key = Key(number: numbers[site.stack], cohort: site.cohort)
      if let place = places[key] {
        parts[place, default: [merged[place]]].append(site)
      } else {
        places[key] = merged.count
        merged.append(site)
      }
    }
    for (place, parts) in parts { merged[place] = SiteSeries(sumOf: parts) }
    sites = merged
  }
}
