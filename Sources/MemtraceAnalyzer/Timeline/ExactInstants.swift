// SPDX-License-Identifier: Apache-2.0
//
// At which instants to look. Blocks that begin and end within one window are folded away unless a
// sample or a mark lies between, so that the heap is exact at those instants, and may look smaller
// anywhere else; a curve is made of the former, on a grid of equal distances.

import TraceFile

/// The instants of a timeline.
struct ExactInstants {
  /// Fewer samples do not make a curve.
  private static let leastSamples = 12
  /// A curve of fewer points shows no shape.
  private static let leastCount = 24

  /// Where the heap is known exactly, and both ends of the span.
  let instants: [Ticks]
  /// At equal distances, both ends included.
  let grid: [Ticks]

  init(_ trace: TraceFile, from start: Ticks, through end: Ticks, _ count: Int) {
    let samples = trace.samples.map(\.ticks).filter { start < $0 && $0 < end }
    guard samples.count >= Self.leastSamples else {
      grid = SiteHistory.grid(from: start, through: end, count: count)
      instants = grid
      return
    }
    grid = SiteHistory.grid(
      from: start, through: end, count: min(count, max(Self.leastCount, samples.count)))
    // Two of the grid's steps may share none, but no step needs more than its last one.
    var kept: [Ticks] = [start, end]
    var next = 0
    for instant in grid {
      var last: Ticks?
      while next < samples.count, samples[next] <= instant {
        last = samples[next]
        next += 1
      }
      if let last { kept.append(last) }
    }
    instants = kept
  }

  /// For each instant of a grid, the place of the latest one of a history that is not behind it.
  static func places(of grid: [Ticks], in instants: [Ticks]) -> [Int] {
    var place = 0
    return grid.map { instant in
      while place + 1 < instants.count, instants[place + 1] <= instant { place += 1 }
      return place
    }
  }
}
