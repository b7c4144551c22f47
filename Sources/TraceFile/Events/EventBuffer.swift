// SPDX-License-Identifier: Apache-2.0
//
// A batch of decoded events in order of time. Decoders append at its end, the merger takes from
// its front; nothing is allocated in between.

/// A fixed room for decoded events, kept sorted.
final class EventBuffer {
  /// Small enough for several threads' batches to stay in the second-level cache.
  static let capacity = 1024
  /// How far an event may stand behind its place in time and still be put there, if the batch
  /// ends between the two.
  static let reorderLimit = 64

  let events: UnsafeMutablePointer<TraceEvent>
  private(set) var count = 0

  init() {
    events = .allocate(capacity: Self.capacity)
  }

  deinit {
    events.deallocate()
  }

  var isFull: Bool { count >= Self.capacity }

  /// The time of the last event, or 0.
  @inline(__always)
  var lastTicks: UInt64 { count == 0 ? 0 : events[count - 1].ticks.rawValue }

  /// Says that a decoder has written events up to `count`, in order of time.
  @inline(__always)
  func setCount(_ count: Int) {
    self.count = count
  }

  /// Puts `event` behind all that are not later; there must be room.
  ///
  /// - Complexity: O(1) for an event that is not earlier than the last.
  func insert(_ event: TraceEvent) {
    var place = count
    if event.ticks.rawValue < lastTicks {
      place = firstIndex(laterThan: event.ticks.rawValue)
      (events + place + 1).update(from: events + place, count: count - place)
    }
    events[place] = event
    count += 1
  }

  /// Drops the first `dropped` events.
  func removeFirst(_ dropped: Int) {
    events.update(from: events + dropped, count: count - dropped)
    count -= dropped
  }

  /// Drops the events later than `ticks`.
  func removeEvents(laterThan ticks: UInt64) {
    if ticks < lastTicks { count = firstIndex(laterThan: ticks) }
  }

  private func firstIndex(laterThan ticks: UInt64) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if events[middle].ticks.rawValue <= ticks { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
