// SPDX-License-Identifier: Apache-2.0
//
// Sums up the blocks that begin and end within one window, as the shim does when it seals one.

import CTraceFormat
import TraceFile

/// Takes young blocks out of a window's events.
package enum EventFolder {
  /// The events that stay, peaks among them, and the sums of those that do not.
  package static func fold(_ events: [TraceEvent]) -> (kept: [TraceEvent], folds: [mt_fold]) {
    var begunAt: [Address: Int] = [:]
    var endedAt: [Int: Int] = [:]
    for (index, event) in events.enumerated() {
      if event.kind == .allocated {
        let isFoldable =
          event.byteCount < UInt64(MT_FOLD_BYTE_LIMIT) && event.function != .own
        begunAt[event.address] = isFoldable ? index : nil
      } else if event.kind == .freed, let begin = begunAt.removeValue(forKey: event.address) {
        endedAt[begin] = index
      }
    }
    let ends = [Int: Int](uniqueKeysWithValues: endedAt.map { ($0.value, $0.key) })
    let peaks = peaks(events, endedAt, ends)
    var kept: [TraceEvent] = []
    for (index, event) in events.enumerated() {
      if endedAt[index] == nil, ends[index] == nil { kept.append(event) }
      guard let foldedByteCount = peaks[index] else { continue }
      kept.append(
        TraceEvent(
          .foldedPeak, ticks: event.ticks, byteCount: foldedByteCount,
          function: AllocationFunction(rawValue: 0)))
    }
    return (kept, sums(events, endedAt))
  }

  private struct Site: Hashable {
    var stack: UInt32
    var function: UInt32
  }

  private static func sums(_ events: [TraceEvent], _ endedAt: [Int: Int]) -> [mt_fold] {
    var folds: [Site: mt_fold] = [:]
    for (begin, end) in endedAt {
      let event = events[begin]
      let site = Site(stack: event.stack.rawValue, function: UInt32(event.function.rawValue))
      var fold =
        folds[site]
        ?? mt_fold(
          stack: site.stack, count: 0, temporary_count: 0, function: site.function,
          total_bytes: 0)
      fold.count += 1
      fold.temporary_count += end == begin + 1 ? 1 : 0
      fold.total_bytes += event.byteCount
      folds[site] = fold
    }
    return folds.values.sorted { ($0.stack, $0.function) < ($1.stack, $1.function) }
  }

  /// Behind which events the heap may have been highest, and what folded blocks held then: where
  /// what began here held most, and of several such without the end of an older block between
  /// them behind the last.
  private static func peaks(
    _ events: [TraceEvent], _ endedAt: [Int: Int], _ ends: [Int: Int]
  ) -> [Int: UInt64] {
    var peaks: [Int: UInt64] = [:]
    var candidate: (index: Int, folded: UInt64)?
    var keptSizes: [Address: UInt64] = [:]
    var kept: UInt64 = 0
    var folded: UInt64 = 0
    var highest: UInt64 = 0
    func take() {
      if let candidate, candidate.folded > 0 { peaks[candidate.index] = candidate.folded }
      candidate = nil
    }
    for (index, event) in events.enumerated() where event.function != .own {
      if event.kind == .allocated {
        if endedAt[index] == nil {
          kept += event.byteCount
          keptSizes[event.address] = event.byteCount
        } else {
          folded += event.byteCount
        }
        guard kept + folded > highest else { continue }
        highest = kept + folded
        candidate = (index, folded)
      } else if let begin = ends[index] {
        folded -= events[begin].byteCount
      } else if event.kind == .freed {
        if let size = keptSizes.removeValue(forKey: event.address) { kept -= size } else { take() }
      }
    }
    take()
    return peaks
  }
}
