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
  /// By an event's first and second byte.
  private let forms: UnsafeMutablePointer<EventForm>
  private let lengths: UnsafeMutablePointer<EventLengths>

  private var record = mt_events()
  /// Offsets into `buffer`.
  private var offset = 0
  private var foldOffset = 0
  private var remainingEventCount = 0
  private var remainingFoldCount = 0
  private var ticks: UInt64 = 0
  private var lastBegun: UInt64 = 0
  private var lastEnded: UInt64 = 0
  /// Where what was decoded last stands, runs apart; 0 if there was nothing.
  private var lastEventOffset = 0
  /// What is still to come of a run, and what it repeats.
  private var run = EventRun()

  /// What stands next is no event, or more stands there than should; nothing more is decoded.
  private var isMalformed = false
  /// References to stacks that are not in the trace, since they were last taken away.
  private var unknownStackCount: UInt64 = 0
  /// Whether among the chunk's events are some that stand for sums, or for none.
  private(set) var hasFolds = false

  /// The two things a call site mostly repeats.
  private struct Site {
    var size: UInt64
    var stack: UInt32
  }

  init(stacks: StackTable) {
    self.stacks = stacks
    sites = .allocate(capacity: Int(MT_SITE_SLOT_COUNT))
    forms = .allocate(capacity: 256)
    lengths = .allocate(capacity: 256)
    for byte in 0...UInt8.max {
      (forms + Int(byte)).initialize(to: EventForm(firstByte: byte))
      (lengths + Int(byte)).initialize(to: EventLengths(secondByte: byte))
    }
  }

  deinit {
    lengths.deallocate()
    forms.deallocate()
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
    hasFolds = remainingFoldCount > 0
    remainingEventCount = Int(record.event_count)
    isMalformed =
      offset == byteCount && remainingEventCount > 0
      || record.event_count > UInt32(MT_WINDOW_BYTE_LIMIT) / 16
    ticks = record.first_ticks
    lastBegun = 0
    lastEnded = 0
    lastEventOffset = 0
    run = EventRun()
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
  private var areEventsDone: Bool {
    isMalformed || offset == buffer.bytes.count && run.count == 0
  }

  /// Where in the chunk's payload something stands that is no event; `nil` if that is not so.
  var malformedOffset: Int? { isMalformed ? offset : nil }

  /// Decodes events into `batch`, which is empty, until it is full or the chunk is done.
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

  private func decodeEvents(into batch: EventBuffer) {
    while !areEventsDone, !batch.isFull {
      if run.count == 0 {
        decodeWrittenEvents(into: batch)
      } else {
        run.decode(into: batch)
        let address = run.event.address.rawValue
        if run.event.kind == .freed { lastEnded = address } else { lastBegun = address }
        // The chunk may end with a run, and say that there is more.
        isMalformed =
          run.count == 0 && offset == buffer.bytes.count && remainingEventCount > 0
      }
    }
    batch.sort()
  }

  /// Takes on the run at `offset`.
  ///
  /// It is said in few bytes, but stands for no more events than the chunk says it has.
  private func openRun() {
    guard let start = buffer.bytes.baseAddress else { return }
    let place = start + offset
    let ticksByteCount = 1 << Int(place.load(as: UInt8.self) >> 5)
    let count = Int(place.load(fromByteOffset: 1, as: UInt8.self)) + 1
    let end = offset + 2 + ticksByteCount
    if run.offset != lastEventOffset { run = repeating(start + lastEventOffset) ?? EventRun() }
    guard end <= buffer.bytes.count, count <= remainingEventCount, run.offset > 0 else {
      isMalformed = true
      return
    }
    ticks &+= Self.word(place + 2, UInt8(64 - 8 * ticksByteCount))
    run.event.ticks = Ticks(ticks)
    run.count = count
    remainingEventCount -= count
    offset = end
  }

  /// A run of events like the last, which stands at `place`; `nil` if that does not begin or end
  /// a block.
  private func repeating(_ place: UnsafeRawPointer) -> EventRun? {
    let first = place.load(as: UInt8.self)
    let length = lengths[Int(place.load(fromByteOffset: 1, as: UInt8.self))]
    let function = AllocationFunction(rawValue: first & 31)
    let event: TraceEvent
    switch forms[Int(first)] {
    case .end:
      event = TraceEvent(
        .freed, ticks: Ticks(0), address: Address(lastEnded), function: function)
    case .sameSite, .sameStack, .newSite:
      let at = place + Int(length.addressEnd)
      let slot =
        forms[Int(first)] == .newSite
        ? Self.slot(of: UInt32(littleEndian: at.loadUnaligned(as: UInt32.self)))
        : Int(at.load(as: UInt8.self))
      let site = sites[slot]
      event = TraceEvent(
        .allocated, ticks: Ticks(0), address: Address(lastBegun), byteCount: site.size,
        stack: StackID(site.stack), function: function)
    case .mapping, .unmapping, .foldedPeak, .run, .none:
      return nil
    }
    let zigzag = Self.word(place + Int(length.ticksEnd), length.addressShift)
    return EventRun(event: event, step: Self.step(zigzag, first), offset: lastEventOffset)
  }

  /// Decodes events up to a run, or the end of the batch or the chunk.
  ///
  /// An event is at most 32 bytes and `buffer` has slack for them, so that one check an event
  /// is enough: that it did not end behind the payload.
  private func decodeWrittenEvents(into batch: EventBuffer) {
    guard let start = buffer.bytes.baseAddress else { return }
    let end = start + buffer.bytes.count
    let room = batch.events
    let (forms, lengths, sites) = (self.forms, self.lengths, self.sites)
    var next = start + offset
    var count = batch.count
    var remaining = remainingEventCount
    var ticks = self.ticks
    var lastBegun = self.lastBegun
    var lastEnded = self.lastEnded
    var previousTicks = batch.lastTicks
    var last = start + lastEventOffset
    var isAtRun = false

    events: while next < end, count < EventBuffer.capacity {
      let first = next.load(as: UInt8.self)
      let form = forms[Int(first)]
      let length = lengths[Int(next.load(fromByteOffset: 1, as: UInt8.self))]
      let function = AllocationFunction(rawValue: first & 31)
      let eventTicks = ticks &+ Self.word(next + 2, length.ticksShift)
      let zigzag = Self.word(next + Int(length.ticksEnd), length.addressShift)
      let step = Self.step(zigzag, first)
      var at = next + Int(length.addressEnd)
      let event: TraceEvent
      switch form {
      case .end:
        lastEnded &+= step
        event = TraceEvent(
          .freed, ticks: Ticks(eventTicks), address: Address(lastEnded), function: function,
          foldedTemporaryCount: UInt32(length.temporaryCount))
      case .sameSite, .sameStack, .newSite, .mapping:
        lastBegun &+= step
        let site = sites + slot(form, first, &at)
        if form != .sameSite, first >> 5 & 3 != MT_SITE_SAME.rawValue {
          site.pointee.size = Self.word(at, length.sizeShift)
          at += Int(length.sizeByteCount)
        }
        var mapping: UInt16 = 0
        if form == .mapping {
          mapping = UInt16(littleEndian: at.loadUnaligned(as: UInt16.self))
          at += 2
        }
        event = TraceEvent(
          form == .mapping ? .mapped : .allocated, ticks: Ticks(eventTicks),
          address: Address(lastBegun), byteCount: site.pointee.size,
          stack: StackID(site.pointee.stack), function: function, mapping: mapping)
      case .unmapping:
        lastEnded &+= step
        event = TraceEvent(
          .unmapped, ticks: Ticks(eventTicks), address: Address(lastEnded),
          byteCount: Self.word(at, length.sizeShift), function: function)
        at += Int(length.sizeByteCount)
      case .foldedPeak:
        at = next + Int(length.ticksEnd)
        event = TraceEvent(
          .foldedPeak, ticks: Ticks(eventTicks), byteCount: Self.word(at, length.sizeShift),
          function: AllocationFunction(rawValue: 0))
        at += Int(length.sizeByteCount)
        // It counts as none.
        remaining &+= 1
        hasFolds = true
      case .run:
        isAtRun = true
        break events
      case .none:
        // Behind the end: as if there were too many.
        event = TraceEvent(.freed, ticks: Ticks(0), function: function)
        at = end + 1
      }
      guard at <= end, remaining > 0 else { break }
      last = next

      ticks = eventTicks
      if ticks >= previousTicks {
        (room + count).initialize(to: event)
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
    lastEventOffset = last - start
    self.ticks = ticks
    self.lastBegun = lastBegun
    self.lastEnded = lastEnded
    remainingEventCount = remaining
    if isAtRun {
      openRun()
    } else {
      // What stands at `next` is no event, or one too many; or there are too few.
      isMalformed = next < end ? count < EventBuffer.capacity : remaining > 0
    }
  }

  /// The slot that the site field at `at` names, which is stepped over.
  @inline(__always)
  private func slot(_ form: EventForm, _ first: UInt8, _ at: inout UnsafeRawPointer) -> Int {
    guard
      form == .newSite || form == .mapping && UInt32(first >> 5 & 3) == MT_SITE_FULL.rawValue
    else {
      defer { at += 1 }
      return Int(at.load(as: UInt8.self))
    }
    let stack = UInt32(littleEndian: at.loadUnaligned(as: UInt32.self))
    at += 4
    let slot = Self.slot(of: stack)
    sites[slot].stack = stack
    if !stacks.contains(StackID(stack)) { unknownStackCount += 1 }
    return slot
  }

  @inline(__always)
  private static func slot(of stack: UInt32) -> Int { Int((stack &* MT_SITE_HASH) >> 24) }

  /// From one address to the next, by the field and the first byte.
  @inline(__always)
  private static func step(_ zigzag: UInt64, _ first: UInt8) -> UInt64 {
    ((zigzag >> 1) ^ (0 &- (zigzag & 1))) &<< UInt64(first >> 5 & 4)
  }

  /// The lowest bytes of the word at `at`, by how far a mask of all bits is to be shifted.
  @inline(__always)
  private static func word(_ at: UnsafeRawPointer, _ shift: UInt8) -> UInt64 {
    let word = UInt64(littleEndian: at.loadUnaligned(as: UInt64.self))
    return word & (UInt64.max &>> UInt64(shift))
  }
}
