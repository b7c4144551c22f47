// SPDX-License-Identifier: Apache-2.0
//
// One window's events, batch by batch, from its first sealed chunk to what it still holds.

/// The history of one window, chunk after chunk.
///
/// Between two chunks, unless their times overlap, the stream rests: it has no memory of its own
/// then, and only knows when it goes on. So a pass needs room for the threads that are busy at
/// the same time, not for all there ever were.
final class EventStream {
  let ordinal: UInt32
  private let history: WindowHistory
  private let context: DecodingContext
  /// Of its sealed chunks in what is read ahead.
  private let places: [Int]
  private var nextSealed = 0
  private var isLiveNext: Bool
  private var isResting = true
  /// What was handed out last.
  private var buffer: EventBuffer?
  /// What is left of the chunk or window begun last.
  private var rest = Rest.none
  /// Events that may belong behind the first ones of what comes next.
  private var held: [TraceEvent] = []

  private enum Rest {
    case none
    case sealed(SealedEvents, CompactEventDecoder)
    case live(WindowCopy, RawEventDecoder)
  }

  init(_ history: WindowHistory, _ context: DecodingContext, places: [Int]) {
    ordinal = history.ordinal
    self.history = history
    self.context = context
    self.places = places
    isLiveNext = history.live != nil
  }

  /// The earliest instant of the chunk that comes next; `nil` after the last.
  var resumeTicks: UInt64? {
    if nextSealed < history.sealed.count { return history.sealed[nextSealed].firstTicks }
    return isLiveNext ? history.live?.firstTicks : nil
  }

  /// Ends a rest.
  func resume() {
    isResting = false
  }

  /// The next events, in order of time; `nil` where the stream comes to rest or to its end.
  ///
  /// They are valid until the next call.
  func nextBatch() -> UnsafeMutableBufferPointer<TraceEvent>? {
    giveBackBuffer()
    while !isResting {
      readOn()
      if let buffer, buffer.count > 0 { return buffer.content }
      giveBackBuffer()
    }
    return nil
  }

  private func giveBackBuffer() {
    if let buffer { context.readAhead.giveBack(buffer) }
    buffer = nil
  }

  /// Fills `buffer` with what comes next, but for what may yet be preceded.
  private func readOn() {
    switch rest {
    case .none: beginNext()
    case .sealed(let sealed, let decoder): decode(sealed, decoder)
    case .live(let window, let decoder): decode(window, decoder)
    }
    if !held.isEmpty {
      buffer = buffer ?? context.readAhead.borrowBuffer()
      buffer?.putInFront(held)
      held = []
    }
    if case .none = rest {
      if let resumeTicks {
        hold(laterThan: resumeTicks)
      }
      isResting = held.isEmpty
    } else {
      hold(laterThan: 0)
    }
  }

  private func hold(laterThan ticks: UInt64) {
    held = buffer?.takeLast(EventBuffer.reorderLimit, laterThan: ticks) ?? []
  }

  private func beginNext() {
    if nextSealed < history.sealed.count {
      nextSealed += 1
      take(history.sealed[nextSealed - 1], at: places[nextSealed - 1])
    } else if isLiveNext, let live = history.live {
      isLiveNext = false
      if live.firstTicks <= context.lastTicks {
        decode(live, RawEventDecoder(lastBegun: live.lastBegun))
      } else {
        finish(live)
      }
    }
  }

  // MARK: Sealed windows

  private func take(_ sealed: SealedEvents, at place: Int) {
    let chunk = context.readAhead.take(place)
    buffer = chunk.events
    context.statistics.add(chunk.statistics)
    if let decoder = chunk.rest {
      rest = .sealed(sealed, decoder)
      return
    }
    if !chunk.isSound {
      context.statistics.damage.append(
        .wrongChecksum(byteOffset: sealed.chunk.offset, kind: sealed.chunk.kind))
    }
    finish(sealed, malformedOffset: chunk.malformedOffset)
  }

  /// What one buffer could not take of a chunk.
  private func decode(_ sealed: SealedEvents, _ decoder: CompactEventDecoder) {
    let buffer = context.readAhead.borrowBuffer()
    context.statistics.add(context.readAhead.decode(with: decoder, into: buffer))
    self.buffer = buffer
    guard decoder.isDone else { return }
    rest = .none
    finish(sealed, malformedOffset: decoder.malformedOffset)
    context.readAhead.giveBack(decoder)
  }

  private func finish(_ sealed: SealedEvents, malformedOffset: Int?) {
    context.doneByteCount += UInt64(sealed.chunk.payloadByteCount)
    if let malformedOffset {
      context.statistics.damage.append(
        .malformedEvents(
          byteOffset: sealed.chunk.payloadOffset + UInt64(malformedOffset), window: ordinal))
    }
  }

  // MARK: Live windows

  private func decode(_ window: WindowCopy, _ continued: RawEventDecoder) {
    var decoder = continued
    let buffer = context.readAhead.borrowBuffer()
    window.events.withUnsafeBytes { bytes in
      while !buffer.isFull, let event = decoder.next(in: bytes) {
        if !context.stacks.contains(event.stack) { context.statistics.unknownStackCount += 1 }
        buffer.insert(event)
      }
    }
    buffer.sort()
    if let cutTicks = context.cutTicks { buffer.removeEvents(laterThan: cutTicks) }
    context.statistics.count(buffer.content)
    self.buffer = buffer
    if decoder.offset < window.events.count {
      rest = .live(window, decoder)
    } else {
      rest = .none
      finish(window)
    }
  }

  private func finish(_ window: WindowCopy) {
    context.doneByteCount += UInt64(window.events.count)
  }
}
