// SPDX-License-Identifier: Apache-2.0
//
// Which sealed chunks and which window copies make up each window's history: what stands twice is
// taken once, what is missing is noted.

/// Sorts out the events of a trace, window by window.
///
/// What a sealed chunk says of itself is believed until something speaks against it: then the
/// chunk is read as a whole and left out if its checksum is wrong. Those that nothing speaks
/// against are verified when they are decoded.
struct WindowHistories {
  private(set) var histories: [WindowHistory] = []
  private(set) var damage: [TraceDamage] = []
  private let file: FileBytes
  /// Set where the trace is still written: what lies behind it is not wanted.
  private let cutTicks: UInt64?
  private let buffer = ByteBuffer()

  /// Sorts out the sealed windows `events` and the windows copied before those were looked for.
  ///
  /// `cutTicks` is an instant before the copies were made, if the trace is still written.
  init(
    events: [SealedEvents], windows: [WindowCopy], of file: FileBytes, cutTicks: UInt64?
  ) {
    self.file = file
    self.cutTicks = cutTicks
    var parts: [UInt32: [SealedEvents]] = [:]
    for part in events {
      if part.isPlausible { parts[part.ordinal, default: []].append(part) } else { leaveOut(part) }
    }
    var live: [UInt32: WindowCopy] = [:]
    for window in windows {
      guard live[window.ordinal] == nil else {
        damage.append(
          .duplicateChunk(byteOffset: window.chunk.offset, kind: window.chunk.kind))
        continue
      }
      live[window.ordinal] = window
    }
    for ordinal in Set(parts.keys).union(live.keys).sorted() {
      let sorted = parts[ordinal, default: []].sorted {
        ($0.sequence, $0.chunk.offset) < ($1.sequence, $1.chunk.offset)
      }
      add(WindowHistory(ordinal: ordinal, sealed: sorted, live: live[ordinal]))
    }
    if cutTicks == nil { verifyLatest() }
  }

  /// The latest instant in any of the histories.
  var lastTicks: UInt64 {
    histories.reduce(0) {
      max($0, $1.live?.lastTicks ?? 0, $1.sealed.lazy.map(\.lastTicks).max() ?? 0)
    }
  }

  private mutating func add(_ candidate: WindowHistory) {
    var history = candidate
    let hasWindow = history.live != nil
    if !hasWindow {
      settleWithoutWindow(&history)
    } else if cutTicks != nil {
      settleWhileWritten(&history)
    } else {
      settleNewest(&history)
    }
    let newest = history.live?.sequence
    settleSequence(&history, newest: newest)
    if history.live?.events.isEmpty == true { history.live = nil }
    guard !history.sealed.isEmpty || history.live != nil else { return }
    if !hasWindow, cutTicks == nil { damage.append(.missingWindow(window: history.ordinal)) }
    histories.append(history)
  }

  /// No window of this ordinal: nothing else vouches for it, so its first chunk must be sound.
  private mutating func settleWithoutWindow(_ history: inout WindowHistory) {
    if let cutTicks {
      // A thread that began after the look at the windows.
      history.sealed.removeAll { $0.firstTicks > cutTicks }
    }
    while let first = history.sealed.first, !isSound(first) {
      leaveOut(history.sealed.removeFirst())
    }
  }

  /// The copy is older than the chunks were looked for, and complete up to `cutTicks`: what was
  /// sealed behind it, or is only just being sealed, is not wanted.
  private func settleWhileWritten(_ history: inout WindowHistory) {
    guard let live = history.live else { return }
    // An empty copy was made when its events had just been sealed.
    history.sealed.removeAll {
      $0.sequence > live.sequence || $0.sequence == live.sequence && !live.events.isEmpty
    }
  }

  /// Chooses between a window and the chunks that say they are as new, or newer.
  private mutating func settleNewest(_ history: inout WindowHistory) {
    guard let live = history.live else { return }
    while let last = history.sealed.last, last.sequence >= live.sequence {
      if isSound(last) {
        // Sealed, and its writer killed before it could empty the window.
        if last.sequence > live.sequence {
          damage.append(
            .malformedChunk(byteOffset: live.chunk.offset, kind: live.chunk.kind))
        }
        history.live = nil
        return
      }
      history.sealed.removeLast()
      if last.sequence == live.sequence, !live.events.isEmpty {
        // Killed while it was being sealed.
        damage.append(
          .unwrittenChunk(byteOffset: last.chunk.offset, byteCount: UInt64(last.chunk.byteCount)))
      } else {
        leaveOut(last)
      }
    }
  }

  /// Leaves one chunk for each sequence number and notes the numbers that none has, below
  /// `newest` too.
  private mutating func settleSequence(_ history: inout WindowHistory, newest: UInt64?) {
    var settled: [SealedEvents] = []
    settled.reserveCapacity(history.sealed.count)
    var expected: UInt64 = 1
    var lastIsSound = false
    for part in history.sealed {
      if let last = settled.last, part.sequence == last.sequence {
        // Once for each number, however many chunks claim it.
        lastIsSound = lastIsSound || isSound(last)
        if lastIsSound {
          leaveOut(part, isDuplicate: isSound(part))
        } else {
          leaveOut(settled.removeLast())
          settled.append(part)
        }
        continue
      }
      lastIsSound = false
      if part.sequence > expected {
        guard isSound(part) else {
          leaveOut(part)
          continue
        }
        damage.append(
          .missingEvents(window: history.ordinal, sequences: expected...part.sequence - 1))
      }
      settled.append(part)
      expected = part.sequence + 1
    }
    if let newest, newest > expected {
      damage.append(.missingEvents(window: history.ordinal, sequences: expected...newest - 1))
    }
    history.sealed = settled
  }

  /// The end of the recording may be taken from the chunk with the latest instant.
  private mutating func verifyLatest() {
    let latestFirst = histories.flatMap(\.sealed).sorted { $0.lastTicks > $1.lastTicks }
    let unsound = latestFirst.prefix { !isSound($0) }
    guard !unsound.isEmpty else { return }
    let offsets = Set(unsound.map(\.chunk.offset))
    for part in unsound { leaveOut(part) }
    for index in histories.indices {
      histories[index].sealed.removeAll { offsets.contains($0.chunk.offset) }
    }
  }

  private func isSound(_ part: SealedEvents) -> Bool {
    part.isSound(in: file, using: buffer)
  }

  private mutating func leaveOut(_ part: SealedEvents, isDuplicate: Bool = false) {
    // While the trace is written, it may be just this chunk that is written.
    guard cutTicks == nil else { return }
    let (offset, kind) = (part.chunk.offset, part.chunk.kind)
    if isDuplicate {
      damage.append(.duplicateChunk(byteOffset: offset, kind: kind))
    } else if part.ordinal == 0, part.sequence == 0 {
      // Only its header was written. If events are lost with it, a gap in a sequence says so.
      damage.append(.unwrittenChunk(byteOffset: offset, byteCount: UInt64(part.chunk.byteCount)))
    } else {
      damage.append(.wrongChecksum(byteOffset: offset, kind: kind))
    }
  }
}
