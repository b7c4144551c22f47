// SPDX-License-Identifier: Apache-2.0
//
// Decodes a sealed window: a table of folded blocks, then events of four to thirty-two bytes.
// The hottest loop of the reader.

import CTraceFormat

/// Decodes one sealed window after another, each in batches.
final class CompactEventDecoder {
  /// What a decoded chunk's references to stacks are checked against.
  private let stacks: StackTable
  private let buffer = ByteBuffer()
  private let sites: UnsafeMutablePointer<Site>

  private var record = mt_events()
  /// Offsets into `buffer`.
  private var offset = 0
  private var foldOffset = 0
  private var remainingEventCount = 0
  private var remainingFoldCount = 0
  private var ticks: UInt64 = 0
  private var lastBegun: UInt64 = 0
  private var lastEnded: UInt64 = 0

  /// What stands next is no event, or more stands there than should; nothing more is decoded.
  private var isMalformed = false
  /// References to stacks that are not in the trace, since they were last taken away.
  private var unknownStackCount: UInt64 = 0

  /// The two things a call site mostly repeats.
  private struct Site {
    var size: UInt64
    var stack: UInt32
  }

  init(stacks: StackTable) {
    self.stacks = stacks
    sites = .allocate(capacity: Int(MT_SITE_SLOT_COUNT))
  }

  deinit {
    sites.deallocate()
  }

  /// Takes on `chunk`; `false` if it is not what was written.
  func open(_ chunk: ChunkHeader, of file: FileBytes) -> Bool {
    isMalformed = false
    remainingEventCount = 0
    remainingFoldCount = 0
    let byteCount = Int(chunk.payloadByteCount)
    guard buffer.fill(from: file, at: chunk.payloadOffset, byteCount: byteCount),
      chunk.seals(buffer.bytes)
    else { return false }
    let headerByteCount = MemoryLayout<mt_events>.size
    guard byteCount >= headerByteCount else { return false }
    record = buffer.bytes.loadUnaligned(as: mt_events.self)
    let foldsByteCount = Int(record.fold_count) * MemoryLayout<mt_fold>.size
    guard foldsByteCount <= byteCount - headerByteCount else {
      isMalformed = true
      return true
    }
    foldOffset = headerByteCount
    offset = foldOffset + foldsByteCount
    remainingFoldCount = Int(record.fold_count)
    remainingEventCount = Int(record.event_count)
    isMalformed = offset == byteCount && remainingEventCount > 0
    ticks = record.first_ticks
    lastBegun = 0
    lastEnded = 0
    sites.update(repeating: Site(size: 0, stack: 0), count: Int(MT_SITE_SLOT_COUNT))
    return true
  }

  func takeUnknownStackCount() -> UInt64 {
    defer { unknownStackCount = 0 }
    return unknownStackCount
  }

  /// Whether all of the chunk is decoded, or all that can be.
  var isDone: Bool { areEventsDone && remainingFoldCount == 0 }

  /// Behind the last event there may still be a peak.
  private var areEventsDone: Bool { isMalformed || offset == buffer.bytes.count }

  /// Where in the chunk's payload something stands that is no event; `nil` if that is not so.
  var malformedOffset: Int? { isMalformed ? offset : nil }

  /// Decodes events into `batch` until it is full or the chunk is done.
  func decode(into batch: EventBuffer) {
    if !areEventsDone { decodeEvents(into: batch) }
    if areEventsDone { decodeFolds(into: batch) }
  }

  private func decodeFolds(into batch: EventBuffer) {
    // The instant at which all of them are over.
    let ticks = Ticks(max(record.last_ticks, batch.lastTicks))
    while remainingFoldCount > 0, !batch.isFull {
      let fold = buffer.bytes.loadUnaligned(fromByteOffset: foldOffset, as: mt_fold.self)
      foldOffset += MemoryLayout<mt_fold>.size
      remainingFoldCount -= 1
      let function = AllocationFunction(rawValue: UInt8(truncatingIfNeeded: fold.function))
      guard function.eventKind == .allocated else {
        isMalformed = true
        continue
      }
      if !stacks.contains(StackID(fold.stack)) { unknownStackCount += 1 }
      batch.insert(
        TraceEvent(
          .folded, ticks: ticks, byteCount: fold.total_bytes, stack: StackID(fold.stack),
          function: function, foldedCount: fold.count,
          foldedTemporaryCount: fold.temporary_count))
    }
  }

  /// Bit N says that function N begins something, ends something.
  private static let begins: UInt32 = 0xeffe
  private static let ends: UInt32 = 0xc03f_0000

  /// An event is at most 32 bytes and `buffer` has slack for them, so that one check an event
  /// is enough: that it did not end behind the payload.
  private func decodeEvents(into batch: EventBuffer) {
    guard let start = buffer.bytes.baseAddress else { return }
    let end = start + buffer.bytes.count
    let events = batch.events
    var next = start + offset
    var count = batch.count
    var remaining = remainingEventCount
    var ticks = self.ticks
    var lastBegun = self.lastBegun
    var lastEnded = self.lastEnded
    var previousTicks = batch.lastTicks

    while next < end, count < EventBuffer.capacity {
      var at = next
      let head = UInt32(UInt16(littleEndian: at.loadUnaligned(as: UInt16.self)))
      let function = UInt8(truncatingIfNeeded: head & 31)
      let ticksByteCount = 1 &<< Int(head >> 8 & 3)
      let addressByteCount = Int(head >> 10 & 7) &+ 1
      at += 2
      let eventTicks = ticks &+ Self.word(at, byteCount: ticksByteCount)
      at += ticksByteCount
      var event: TraceEvent
      if function == UInt8(MT_FOLD_PEAK.rawValue) {
        let sizeByteCount = 1 &<< Int(head >> 13 & 3)
        event = TraceEvent(
          .foldedPeak, ticks: Ticks(eventTicks),
          byteCount: Self.word(at, byteCount: sizeByteCount),
          function: AllocationFunction(rawValue: 0))
        at += sizeByteCount
        // It counts as none.
        remaining &+= 1
      } else {
        let zigzag = Self.word(at, byteCount: addressByteCount)
        at += addressByteCount
        let step = ((zigzag >> 1) ^ (0 &- (zigzag & 1))) &<< UInt64(head >> 5 & 4)
        let bit: UInt32 = 1 &<< UInt32(function)
        if bit & Self.ends != 0 {
          lastEnded &+= step
          if function >= UInt8(MT_MUNMAP.rawValue) {
            let sizeByteCount = 1 &<< Int(head >> 13 & 3)
            event = TraceEvent(
              .unmapped, ticks: Ticks(eventTicks), address: Address(lastEnded),
              byteCount: Self.word(at, byteCount: sizeByteCount),
              function: AllocationFunction(rawValue: function))
            at += sizeByteCount
          } else {
            event = TraceEvent(
              .freed, ticks: Ticks(eventTicks), address: Address(lastEnded),
              function: AllocationFunction(rawValue: function),
              foldedTemporaryCount: head >> 15)
          }
        } else {
          let mode = head >> 5 & 3
          guard bit & Self.begins != 0, mode != 3 else { break }
          lastBegun &+= step
          let slot: Int
          if mode == MT_SITE_FULL.rawValue {
            let stack = UInt32(littleEndian: at.loadUnaligned(as: UInt32.self))
            at += 4
            slot = Int((stack &* MT_SITE_HASH) >> 24)
            sites[slot].stack = stack
            if !stacks.contains(StackID(stack)) { unknownStackCount += 1 }
          } else {
            slot = Int(at.load(as: UInt8.self))
            at += 1
          }
          if mode != MT_SITE_SAME.rawValue {
            let sizeByteCount = 1 &<< Int(head >> 13 & 3)
            sites[slot].size = Self.word(at, byteCount: sizeByteCount)
            at += sizeByteCount
          }
          event = TraceEvent(
            .allocated, ticks: Ticks(eventTicks), address: Address(lastBegun),
            byteCount: sites[slot].size, stack: StackID(sites[slot].stack),
            function: AllocationFunction(rawValue: function))
          if function >= UInt8(MT_MMAP.rawValue) {
            event.kind = .mapped
            event.mapping = UInt16(littleEndian: at.loadUnaligned(as: UInt16.self))
            at += 2
          }
        }
      }
      guard at <= end, remaining > 0 else { break }

      ticks = eventTicks
      if ticks >= previousTicks {
        (events + count).initialize(to: event)
        previousTicks = ticks
      } else {
        // Rare: see "order" in docs/trace-format.md.
        batch.setCount(count)
        batch.insert(event)
      }
      count &+= 1
      remaining &-= 1
      next = at
    }

    batch.setCount(count)
    offset = next - start
    self.ticks = ticks
    self.lastBegun = lastBegun
    self.lastEnded = lastEnded
    remainingEventCount = remaining
    // What stands at `next` is no event, or one too many; or there are too few.
    isMalformed = next < end ? count < EventBuffer.capacity : remaining > 0
  }

  /// The lowest `byteCount` bytes, 1 to 8, of the word at `at`.
  @inline(__always)
  private static func word(_ at: UnsafeRawPointer, byteCount: Int) -> UInt64 {
    let word = UInt64(littleEndian: at.loadUnaligned(as: UInt64.self))
    return word & (UInt64.max &>> UInt64(truncatingIfNeeded: 64 &- 8 &* byteCount))
  }
}
