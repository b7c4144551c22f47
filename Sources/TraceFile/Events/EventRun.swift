// SPDX-License-Identifier: Apache-2.0
//
// Events that a chunk says in one: they are like the last but for their addresses, which go on in
// the same step.

/// Events that are still to be decoded.
struct EventRun {
  var count = 0
  /// The event before them, at their time.
  var event = TraceEvent(.freed, ticks: Ticks(0), function: .free)
  /// From an address to the next.
  var step: UInt64 = 0
  /// Where the event stands that they repeat; 0: nowhere.
  var offset = 0

  /// Decodes as many as there is room for.
  mutating func decode(into batch: EventBuffer) {
    let room = EventBuffer.capacity - batch.count
    let isInOrder = event.ticks.rawValue >= batch.lastTicks
    let places = batch.count..<(batch.count + min(count, room))
    var event = self.event
    for place in places {
      event.address = Address(event.address.rawValue &+ step)
      if isInOrder { batch.events[place] = event } else { batch.insert(event) }
    }
    if isInOrder { batch.setCount(places.upperBound) }
    self.event = event
    count -= places.count
  }
}
