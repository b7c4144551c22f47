// SPDX-License-Identifier: Apache-2.0
//
// Windows of a trace under construction: events go in, sealed chunks come out.

import CTraceFormat
import TraceFile

extension TraceBuilder {
  /// A thread's window.
  package func window(
    thread number: UInt32, tid: UInt32? = nil, name: String = "thread", startTicks: UInt64 = 0
  ) -> Window {
    let window = Window(
      self, ordinal: UInt32(windows.count + 1),
      thread: Window.thread(number, tid ?? 100 + number, name, startTicks))
    windows.append(window)
    return window
  }
}

/// A window of a thread, and the room in the trace that it occupies.
package final class Window {
  package let ordinal: UInt32
  package let offset: Int
  package private(set) var sequence: UInt64 = 1
  /// The events not sealed yet.
  package private(set) var events: [TraceEvent] = []
  private let trace: TraceBuilder
  private var thread: mt_thread
  private var committed: UInt64 = 0
  /// The block that the last event began, or 0.
  private var lastBegun: UInt64 = 0

  fileprivate init(_ trace: TraceBuilder, ordinal: UInt32, thread: mt_thread) {
    self.trace = trace
    self.ordinal = ordinal
    self.thread = thread
    offset = trace.liveChunk(MT_CHUNK_WINDOW, byteCount: trace.windowByteCount)
    trace.store(ordinal, at: offset + trace.offsetOf(\mt_window.ordinal))
    writeThread()
    writeState()
  }

  static func thread(
    _ number: UInt32, _ tid: UInt32, _ name: String, _ startTicks: UInt64
  ) -> mt_thread {
    var thread = mt_thread()
    thread.number = number
    thread.tid = tid
    thread.start_ticks = startTicks
    withUnsafeMutableBytes(of: &thread.name) { $0.copyBytes(from: name.utf8.prefix(15)) }
    return thread
  }

  /// Another thread takes the window over, or this one has a new name.
  package func takeOver(
    thread number: UInt32, tid: UInt32? = nil, name: String, startTicks: UInt64 = 0
  ) {
    thread = Self.thread(number, tid ?? 100 + number, name, startTicks)
    lastBegun = 0
    writeThread()
    writeLastBegun()
  }

  // MARK: Events

  package func malloc(
    _ address: UInt64, _ byteCount: UInt64, stack: StackID = StackID(0), at ticks: UInt64,
    function: AllocationFunction = .malloc
  ) {
    append(
      TraceEvent(
        .allocated, ticks: Ticks(ticks), address: Address(address), byteCount: byteCount,
        stack: stack, function: function))
  }

  package func free(
    _ address: UInt64, at ticks: UInt64, function: AllocationFunction = .free
  ) {
    append(
      TraceEvent(.freed, ticks: Ticks(ticks), address: Address(address), function: function))
  }

  package func mmap(
    _ address: UInt64, _ byteCount: UInt64, stack: StackID = StackID(0), mapping: UInt16 = 0,
    at ticks: UInt64, function: AllocationFunction = .mmap
  ) {
    append(
      TraceEvent(
        .mapped, ticks: Ticks(ticks), address: Address(address), byteCount: byteCount,
        stack: stack, function: function, mapping: mapping))
  }

  package func munmap(
    _ address: UInt64, _ byteCount: UInt64, at ticks: UInt64,
    function: AllocationFunction = .munmap
  ) {
    append(
      TraceEvent(
        .unmapped, ticks: Ticks(ticks), address: Address(address), byteCount: byteCount,
        function: function))
  }

  /// Says what blocks held that are to be folded away.
  ///
  /// For a window to be sealed: a live one has no such thing.
  package func foldedPeak(_ byteCount: UInt64, at ticks: UInt64) {
    events.append(
      TraceEvent(
        .foldedPeak, ticks: Ticks(ticks), byteCount: byteCount,
        function: AllocationFunction(rawValue: 0)))
  }

  /// Adds an event; a full window is sealed first.
  ///
  /// What it returns is the event as a reader will see it: marked if it ends a temporary block.
  @discardableResult
  package func append(_ newEvent: TraceEvent) -> TraceEvent {
    var event = newEvent
    if event.kind == .freed {
      event.foldedTemporaryCount = event.address.rawValue == lastBegun ? 1 : 0
    }
    let words = RawEvents.words(of: event)
    let capacity = UInt64(trace.windowByteCount) - UInt64(MT_WINDOW_EVENTS_OFFSET)
    if committed + UInt64(words.count * 8) > capacity { seal() }
    for word in words {
      trace.store(word, at: offset + Int(MT_WINDOW_EVENTS_OFFSET) + Int(committed))
      committed += 8
    }
    events.append(event)
    lastBegun = event.kind == .allocated ? event.address.rawValue : 0
    writeState()
    return event
  }

  // MARK: Sealing

  /// Seals the window, with young blocks summed up as the shim does it or with none of that.
  @discardableResult
  package func seal(folding: Bool = false, encoder: EventEncoder = EventEncoder()) -> Int {
    guard folding else { return seal(events, [], encoder) }
    let (kept, folds) = EventFolder.fold(events)
    return seal(kept, folds, encoder)
  }

  /// Seals the window, with `folds` beside its events.
  @discardableResult
  package func seal(folds: [mt_fold], firstTicks: UInt64? = nil, lastTicks: UInt64? = nil) -> Int {
    seal(events, folds, EventEncoder(), firstTicks, lastTicks)
  }

  /// Writes the sealed chunk, then is killed before it empties the window.
  @discardableResult
  package func sealWithoutReset() -> Int {
    trace.sealedChunk(MT_CHUNK_EVENTS, payload(events, [], EventEncoder(), nil, nil))
  }

  /// Empties the window as if it had been sealed, and writes nothing.
  package func lose() {
    reset()
  }

  private func seal(
    _ kept: [TraceEvent], _ folds: [mt_fold], _ encoder: EventEncoder, _ firstTicks: UInt64? = nil,
    _ lastTicks: UInt64? = nil
  ) -> Int {
    let chunk = trace.sealedChunk(
      MT_CHUNK_EVENTS, payload(kept, folds, encoder, firstTicks, lastTicks))
    reset()
    return chunk
  }

  private func payload(
    _ kept: [TraceEvent], _ folds: [mt_fold], _ encoder: EventEncoder, _ firstTicks: UInt64?,
    _ lastTicks: UInt64?
  ) -> [UInt8] {
    let instants = events.map(\.ticks.rawValue)
    var record = mt_events()
    record.thread = thread
    record.sequence = sequence
    record.ordinal = ordinal
    record.event_count = UInt32(kept.count { $0.kind != .foldedPeak })
    record.fold_count = UInt32(folds.count)
    record.first_ticks = firstTicks ?? instants.min() ?? 0
    record.last_ticks = lastTicks ?? instants.max() ?? 0
    var encoder = encoder
    return trace.bytes(of: record) + folds.flatMap { trace.bytes(of: $0) }
      + encoder.encode(kept, firstTicks: record.first_ticks)
  }

  private func reset() {
    committed = 0
    sequence += 1
    events = []
    writeState()
    writeLastBegun()
  }

  private func writeState() {
    trace.store(committed, at: offset + trace.offsetOf(\mt_window.committed))
    trace.store(sequence, at: offset + trace.offsetOf(\mt_window.sequence))
  }

  private func writeLastBegun() {
    trace.store(lastBegun, at: offset + trace.offsetOf(\mt_window.last_begun))
  }

  private func writeThread() {
    trace.store(thread, at: offset + trace.offsetOf(\mt_window.thread))
  }
}
