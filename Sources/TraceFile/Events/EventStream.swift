// SPDX-License-Identifier: Apache-2.0
//
// One window's events, batch by batch, from its first sealed chunk to what it still holds.

/// Decodes the history of one window, chunk after chunk.
///
/// Between two chunks, unless their times overlap, the stream rests: it has no memory of its own
/// then, and only knows when it goes on. So a pass needs room for the threads that are busy at
/// the same time, not for all there ever were.
final class EventStream {
  let ordinal: UInt32
  private let history: WindowHistory
  private let context: DecodingContext
  private var room: DecodingRoom?
  private var part = Part.none
  private var nextSealed = 0
  private var isLiveNext: Bool
  /// Events at the front of the batch that were handed out.
  private var givenCount = 0

  private enum Part {
    case none
    case sealed(SealedEvents)
    case live(WindowCopy, RawEventDecoder)
  }

  init(_ history: WindowHistory, _ context: DecodingContext) {
    ordinal = history.ordinal
    self.history = history
    self.context = context
    isLiveNext = history.live != nil
  }

  /// The earliest instant of the chunk that comes next; `nil` after the last.
  var resumeTicks: UInt64? {
    if nextSealed < history.sealed.count { return history.sealed[nextSealed].firstTicks }
    return isLiveNext ? history.live?.firstTicks : nil
  }

  /// Ends a rest.
  func resume() {
    let room = context.borrowRoom()
    self.room = room
    openNext(room)
  }

  /// The next events, in order of time; `nil` where the stream comes to rest or to its end.
  ///
  /// They are valid until the next call.
  func nextBatch() -> UnsafeMutableBufferPointer<TraceEvent>? {
    guard let room else { return nil }
    let batch = room.batch
    batch.removeFirst(givenCount)
    repeat {
      fill(batch, room)
      if let cutTicks = context.cutTicks { batch.removeEvents(laterThan: cutTicks) }
      givenCount = goesOn(batch) ? max(0, batch.count - EventBuffer.reorderLimit) : batch.count
    } while givenCount == 0 && goesOn(batch)
    guard givenCount > 0 else {
      context.giveBack(room)
      self.room = nil
      return nil
    }
    let given = UnsafeMutableBufferPointer(start: batch.events, count: givenCount)
    context.statistics.count(given)
    return given
  }

  /// Whether what comes next may belong before the last events of `batch`.
  private func goesOn(_ batch: EventBuffer) -> Bool {
    guard case .none = part else { return true }
    guard let resumeTicks else { return false }
    return resumeTicks < batch.lastTicks
  }

  /// Decodes until `batch` is full or what comes next is later than all in it.
  private func fill(_ batch: EventBuffer, _ room: DecodingRoom) {
    while !batch.isFull, goesOn(batch) {
      switch part {
      case .none:
        openNext(room)
      case .sealed(let sealed):
        room.decoder.decode(into: batch)
        if room.decoder.isDone { finish(sealed, room.decoder) }
      case .live(let window, var decoder):
        window.events.withUnsafeBytes { bytes in
          while !batch.isFull, let event = decoder.next(in: bytes) {
            if !context.stacks.contains(event.stack) {
              context.statistics.unknownStackCount += 1
            }
            batch.insert(event)
          }
        }
        part = .live(window, decoder)
        if decoder.offset == window.events.count { finish(window) }
      }
    }
  }

  private func openNext(_ room: DecodingRoom) {
    if nextSealed < history.sealed.count {
      let sealed = history.sealed[nextSealed]
      nextSealed += 1
      if room.decoder.open(sealed.chunk, of: context.file) {
        part = .sealed(sealed)
      } else {
        context.statistics.damage.append(
          .wrongChecksum(byteOffset: sealed.chunk.offset, kind: sealed.chunk.kind))
        context.doneByteCount += UInt64(sealed.chunk.payloadByteCount)
      }
    } else if isLiveNext, let live = history.live {
      isLiveNext = false
      part = .live(live, RawEventDecoder(lastBegun: live.lastBegun))
    }
  }

  private func finish(_ sealed: SealedEvents, _ decoder: CompactEventDecoder) {
    part = .none
    context.doneByteCount += UInt64(sealed.chunk.payloadByteCount)
    if decoder.isMalformed {
      context.statistics.damage.append(
        .malformedEvents(
          byteOffset: sealed.chunk.payloadOffset + UInt64(decoder.payloadOffset),
          window: ordinal))
    }
  }

  private func finish(_ window: WindowCopy) {
    part = .none
    context.doneByteCount += UInt64(window.events.count)
  }
}
