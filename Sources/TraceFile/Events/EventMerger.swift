// SPDX-License-Identifier: Apache-2.0
//
// All windows' events, each in order of time, into one stream in order of time.

/// Merges streams: by time, then ends before begins, then by window.
///
/// As long as one stream is earlier than all others its events are handed on where they stand.
/// Where threads take turns their events are gathered first, so that whoever takes them always
/// has many at a time.
final class EventMerger {
  private let streams: [EventStream]
  /// A binary heap, the earliest at the top.
  private let heads: UnsafeMutablePointer<Head>
  private var headCount = 0
  /// Events of short runs that are not handed on yet.
  private let gathered: UnsafeMutablePointer<TraceEvent>
  private var gatheredCount = 0

  /// Small enough to stay in the first-level cache.
  private static let gatherLimit = 512
  /// A run from here on is handed on where it stands.
  private static let longRunCount = 256

  /// A stream's next events and the place in the order of the first of them.
  private struct Head {
    var ticks: UInt64
    /// What decides at equal times.
    var rank: UInt64
    /// None while the stream rests; `ticks` is when it goes on.
    var next: UnsafeMutablePointer<TraceEvent>?
    var end: UnsafeMutablePointer<TraceEvent>?
    var stream: Int

    @inline(__always)
    static func < (left: Self, right: Self) -> Bool {
      left.ticks < right.ticks || left.ticks == right.ticks && left.rank < right.rank
    }
  }

  init(_ histories: [WindowHistory], _ context: DecodingContext) {
    streams = zip(histories, context.places).map { EventStream($0, context, places: $1) }
    heads = .allocate(capacity: streams.count)
    gathered = .allocate(capacity: Self.gatherLimit + Self.longRunCount)
    for (index, stream) in streams.enumerated() {
      guard let ticks = stream.resumeTicks else { continue }
      (heads + headCount).initialize(
        to: Head(ticks: ticks, rank: UInt64(stream.ordinal), next: nil, end: nil, stream: index))
      headCount += 1
    }
    for index in (0..<headCount / 2).reversed() { siftDown(from: index) }
  }

  deinit {
    heads.deallocate()
    gathered.deallocate()
  }

  /// Calls `body` with all events, in runs; what it is given is valid during the call only.
  func forEachRun(_ body: (UnsafeBufferPointer<TraceEvent>) throws -> Void) rethrows {
    while headCount > 0 {
      if let next = heads[0].next, let end = heads[0].end {
        let stop = endOfRun(from: next, to: end)
        heads[0].next = stop
        if stop - next < Self.longRunCount {
          gather(UnsafePointer(next), stop - next)
          if gatheredCount >= Self.gatherLimit { try handOn(body) }
        } else {
          try handOn(body)
          try body(UnsafeBufferPointer(start: next, count: stop - next))
        }
        if stop < end { setKey(stop) } else { advance() }
      } else {
        streams[heads[0].stream].resume()
        advance()
      }
      siftDown(from: 0)
    }
    try handOn(body)
  }

  @inline(__always)
  private func gather(_ run: UnsafePointer<TraceEvent>, _ count: Int) {
    (gathered + gatheredCount).update(from: run, count: count)
    gatheredCount += count
  }

  private func handOn(_ body: (UnsafeBufferPointer<TraceEvent>) throws -> Void) rethrows {
    guard gatheredCount > 0 else { return }
    defer { gatheredCount = 0 }
    try body(UnsafeBufferPointer(start: gathered, count: gatheredCount))
  }

  /// Where the earliest stream stops being that; behind `next` at least.
  @inline(__always)
  private func endOfRun(
    from next: UnsafeMutablePointer<TraceEvent>, to end: UnsafeMutablePointer<TraceEvent>
  ) -> UnsafeMutablePointer<TraceEvent> {
    guard headCount > 1 else { return end }
    let second = headCount > 2 && heads[2] < heads[1] ? heads[2] : heads[1]
    if (end - 1).pointee.ticks.rawValue < second.ticks { return end }
    let ordinal = heads[0].rank & UInt64(UInt32.max)
    var stop = next + 1
    while stop < end {
      let ticks = stop.pointee.ticks.rawValue
      guard
        ticks < second.ticks
          || ticks == second.ticks && Self.rank(of: stop, ordinal) < second.rank
      else { break }
      stop += 1
    }
    return stop
  }

  /// Ends before begins, then by window.
  @inline(__always)
  private static func rank(of event: UnsafeMutablePointer<TraceEvent>, _ ordinal: UInt64) -> UInt64
  {
    switch event.pointee.kind {
    case .freed, .unmapped: ordinal
    case .allocated, .mapped, .folded, .foldedPeak: 1 << 32 | ordinal
    }
  }

  @inline(__always)
  private func setKey(_ event: UnsafeMutablePointer<TraceEvent>) {
    heads[0].ticks = event.pointee.ticks.rawValue
    heads[0].rank = Self.rank(of: event, heads[0].rank & UInt64(UInt32.max))
  }

  /// Gives the earliest stream its next events, or its rest; takes it out at its end.
  private func advance() {
    let stream = streams[heads[0].stream]
    if let batch = stream.nextBatch(), let start = batch.baseAddress {
      heads[0].next = start
      heads[0].end = start + batch.count
      setKey(start)
    } else if let ticks = stream.resumeTicks {
      heads[0].next = nil
      heads[0].end = nil
      heads[0].ticks = ticks
      heads[0].rank = UInt64(stream.ordinal)
    } else {
      headCount -= 1
      heads[0] = heads[headCount]
    }
  }

  @inline(__always)
  private func siftDown(from start: Int) {
    guard start < headCount else { return }
    let moved = heads[start]
    var place = start
    while true {
      var child = 2 * place + 1
      if child >= headCount { break }
      if child + 1 < headCount, heads[child + 1] < heads[child] { child += 1 }
      guard heads[child] < moved else { break }
      heads[place] = heads[child]
      place = child
    }
    heads[place] = moved
  }
}
