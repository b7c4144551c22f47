// SPDX-License-Identifier: Apache-2.0
//
// What one pass over the events met.

/// Counts of one pass over a trace's events, and the damage that only reading them showed.
package struct EventStatistics: Hashable, Sendable {
  /// Events handed over that stand in the file one by one.
  package var eventCount: UInt64 = 0
  /// Blocks that began and ended within one window, told only as sums.
  package var foldedBlockCount: UInt64 = 0
  /// References to stacks that are not in the trace.
  package var unknownStackCount: UInt64 = 0
  /// What was found missing or unreadable; `TraceFile.damage` is not repeated.
  package var damage: [TraceDamage] = []

  package init() {}

  /// Counts events that are handed over.
  mutating func count(_ events: UnsafeMutableBufferPointer<TraceEvent>) {
    eventCount += UInt64(events.count)
    for event in events where event.kind == .folded || event.kind == .foldedPeak {
      eventCount -= 1
      foldedBlockCount += UInt64(event.foldedCount)
    }
  }

  /// Adds the counts of a part.
  mutating func add(_ part: EventStatistics) {
    eventCount += part.eventCount
    foldedBlockCount += part.foldedBlockCount
    unknownStackCount += part.unknownStackCount
    damage += part.damage
  }

  /// Events the program caused: a folded block was two.
  package var recordedEventCount: UInt64 { eventCount &+ 2 &* foldedBlockCount }
}
