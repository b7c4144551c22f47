// SPDX-License-Identifier: Apache-2.0
//
// The decoded events of one chunk, in order of time. A decoder appends at its end; what a stream
// held back of the chunk before goes in at its front. Filled again and again, never enlarged.

/// A fixed room for decoded events.
///
/// Events come nearly in order: those that come a little late are put to their places at once. Only
/// a damaged file has others; where there is one, `sort` puts all in order in the end.
///
/// Belongs to one thread at a time; `ReadAhead` hands it from one to another.
final class EventBuffer {
  /// As many as a window of 256 KiB holds: what a chunk has beyond that comes in further batches.
  static let capacity = 16 << 10
  /// How far an event may stand behind its place in time and still be put there, if the batch
  /// ends between the two.
  static let reorderLimit = 64

  private let memory: UnsafeMutablePointer<TraceEvent>
  private(set) var events: UnsafeMutablePointer<TraceEvent>
  private(set) var count = 0
  private var isSorted = true

  /// How many events an event that comes late may have to be put before; more of them are sorted.
  private static let insertLimit = 64

  init() {
    memory = .allocate(capacity: Self.reorderLimit + Self.capacity)
    events = memory + Self.reorderLimit
  }

  deinit {
    memory.deallocate()
  }

  var isFull: Bool { count >= Self.capacity }

  var content: UnsafeMutableBufferPointer<TraceEvent> {
    UnsafeMutableBufferPointer(start: events, count: count)
  }

  /// The time of the last event, or 0.
  @inline(__always)
  var lastTicks: UInt64 { count == 0 ? 0 : events[count - 1].ticks.rawValue }

  /// Begins anew.
  func removeAll() {
    events = memory + Self.reorderLimit
    count = 0
    isSorted = true
  }

  /// Says that a decoder has written events up to `count`, in order of time.
  @inline(__always)
  func setCount(_ count: Int) {
    self.count = count
  }

  /// Puts `event` behind all that are not later, as soon as `sort` is called; there must be room.
  ///
  /// - Complexity: O(1).
  func insert(_ event: TraceEvent) {
    var place = count
    if isSorted, event.ticks.rawValue < lastTicks {
      let lowest = max(0, count - Self.insertLimit)
      place = firstIndex(laterThan: event.ticks.rawValue, from: lowest)
      if place == lowest, lowest > 0 {
        isSorted = false
        place = count
      }
      (events + place + 1).update(from: events + place, count: count - place)
    }
    events[place] = event
    count += 1
  }

  /// Puts events in order that came too late to be put to their places.
  func sort() {
    guard !isSorted else { return }
    var all = content
    // Stable: what came at one time keeps its order.
    all.sort { $0.ticks.rawValue < $1.ticks.rawValue }
    isSorted = true
  }

  /// Drops the events later than `ticks`.
  func removeEvents(laterThan ticks: UInt64) {
    if ticks < lastTicks { count = firstIndex(laterThan: ticks, from: 0) }
  }

  /// Takes away the last events, at most `limit`, that are later than `ticks`.
  func takeLast(_ limit: Int, laterThan ticks: UInt64) -> [TraceEvent] {
    guard ticks < lastTicks else { return [] }
    let kept = max(count - limit, firstIndex(laterThan: ticks, from: 0))
    defer { count = kept }
    return Array(content[kept...])
  }

  /// Puts events to their places that stood before all of these but may be later, in order of
  /// time and at most `reorderLimit` of them; once only.
  func putInFront(_ held: [TraceEvent]) {
    let start = events - held.count
    let end = events + count
    var place = start
    var next = events
    for event in held {
      while next < end, next.pointee.ticks.rawValue < event.ticks.rawValue {
        place.update(from: next, count: 1)
        place += 1
        next += 1
      }
      place.initialize(to: event)
      place += 1
    }
    events = start
    count += held.count
  }

  private func firstIndex(laterThan ticks: UInt64, from start: Int) -> Int {
    var low = start
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if events[middle].ticks.rawValue <= ticks { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
