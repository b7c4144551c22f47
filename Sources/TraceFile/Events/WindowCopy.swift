// SPDX-License-Identifier: Apache-2.0
//
// A thread's window as it was at one moment. The thread may be writing to it all the while.

import CTraceFormat

/// The newest events of one window, copied out of the file.
struct WindowCopy {
  let chunk: ChunkHeader
  let ordinal: UInt32
  /// Of the sealed chunk that these events will become.
  let sequence: UInt64
  /// What the window said, of which `events` is the decodable part.
  let committed: UInt64
  /// The block that the event before these began, or 0.
  let lastBegun: UInt64
  let thread: TraceThread
  /// Raw events, all of them known to be decodable.
  let events: [UInt8]
  /// The earliest and the latest instant in `events`.
  let firstTicks: UInt64
  let lastTicks: UInt64

  /// What came of copying a window.
  enum Outcome {
    case copied(WindowCopy)
    /// It was made, and its maker killed before it was numbered.
    case unused
    /// It was sealed again and again meanwhile: its events are in sealed chunks by now.
    case busy
    case malformed
  }

  /// Copies the window at `chunk`; events that cannot be decoded are left out and go to `damage`.
  static func copy(
    _ chunk: ChunkHeader, of file: FileBytes, damage: inout [TraceDamage]
  ) -> Outcome {
    copy(chunk, damage: &damage) { file.read(at: $0, byteCount: $1) }
  }

  /// The same with another way to read so many bytes at an offset, so that tests can let things
  /// happen in between.
  static func copy(
    _ chunk: ChunkHeader, damage: inout [TraceDamage], read: (UInt64, Int) -> [UInt8]
  ) -> Outcome {
    for _ in 0..<8 {
      // In this order: the owner writes a sealed chunk, sets `committed` to 0, adds 1 to
      // `sequence` and only then writes over the old events. So between two equal sequences
      // everything up to `committed` belongs to that sequence.
      guard let before = header(of: chunk, read), let record = header(of: chunk, read) else {
        return .malformed
      }
      if record.ordinal == 0, record.committed == 0 { return .unused }
      guard record.ordinal > 0, record.sequence > 0, record.sequence < .max,
        record.committed % 8 == 0, chunk.byteCount >= MT_WINDOW_EVENTS_OFFSET,
        record.committed <= UInt64(chunk.byteCount - MT_WINDOW_EVENTS_OFFSET)
      else { return .malformed }
      var events = read(eventsOffset(of: chunk), Int(record.committed))
      guard let after = header(of: chunk, read), events.count == record.committed else {
        return .malformed
      }
      guard before.sequence == record.sequence, after.sequence == record.sequence else { continue }
      let (first, last) = span(of: &events, in: chunk, ordinal: record.ordinal, damage: &damage)
      return .copied(
        WindowCopy(
          chunk: chunk, ordinal: record.ordinal, sequence: record.sequence,
          committed: record.committed, lastBegun: record.last_begun,
          thread: TraceThread(record.thread), events: events,
          firstTicks: first, lastTicks: last))
    }
    return .busy
  }

  /// Whether nothing has happened in the window since it was copied.
  func isCurrent(in file: FileBytes) -> Bool {
    let record = Self.header(of: chunk) { file.read(at: $0, byteCount: $1) }
    guard let record else { return false }
    return record.sequence == sequence && record.committed == committed
  }

  /// Where the first raw event of the window at `chunk` stands in the file.
  private static func eventsOffset(of chunk: ChunkHeader) -> UInt64 {
    chunk.offset + UInt64(MT_WINDOW_EVENTS_OFFSET)
  }

  private static func header(
    of chunk: ChunkHeader, _ read: (UInt64, Int) -> [UInt8]
  ) -> mt_window? {
    let bytes = read(chunk.offset, MemoryLayout<mt_window>.size)
    guard bytes.count == MemoryLayout<mt_window>.size else { return nil }
    return bytes.withUnsafeBytes { $0.loadUnaligned(as: mt_window.self) }
  }

  /// Earliest and latest instant of `events`, which are cut where they cannot be decoded.
  private static func span(
    of events: inout [UInt8], in chunk: ChunkHeader, ordinal: UInt32,
    damage: inout [TraceDamage]
  ) -> (UInt64, UInt64) {
    var decoder = RawEventDecoder()
    var first = UInt64.max
    var last = UInt64.min
    events.withUnsafeBytes { bytes in
      while let event = decoder.next(in: bytes) {
        first = min(first, event.ticks.rawValue)
        last = max(last, event.ticks.rawValue)
      }
    }
    if decoder.isMalformed {
      damage.append(
        .malformedEvents(
          byteOffset: eventsOffset(of: chunk) + UInt64(decoder.offset), window: ordinal))
      events.removeLast(events.count - decoder.offset)
    }
    return (first, last)
  }
}
