// SPDX-License-Identifier: Apache-2.0
//
// Decodes sealed windows before they are asked for, on threads of its own: chunks hang together in
// nothing, so each can be decoded anywhere. What comes out is the same with any number of threads.

import CTraceFormat

/// The sealed windows of one pass, decoded in the order in which they will be wanted.
///
/// Only so many lie ready at a time. Whoever asks for one that no thread has begun decodes it
/// itself, so that nobody waits for a thread that is busy elsewhere, and without threads all goes
/// on as well.
final class ReadAhead: Sendable {
  /// A sealed window that is to be read.
  struct Work: Sendable {
    let chunk: ChunkHeader
    let firstTicks: UInt64
  }

  /// Threads beyond this wait for the one that takes.
  static let workerLimit = 3
  /// Fewer chunks than this are not worth a thread.
  private static let leastWorkPerWorker = 4

  private enum Slot {
    case untouched
    case begun
    case decoded(DecodedChunk)
    case taken
  }

  private struct State {
    var slots: [Slot]
    /// No slot before it is untouched.
    var next = 0
    /// Slots that are begun or decoded and not taken.
    var aheadCount = 0
    var isOver = false
    var idleBuffers: [EventBuffer] = []
    /// Buffers there are, idle or not.
    var bufferCount = 0
    var idleDecoders: [CompactEventDecoder] = []
  }

  private let work: [Work]
  private let file: FileBytes
  private let stacks: StackTable
  /// Events later than this are left out.
  private let cutTicks: UInt64?
  /// Chunks of which all is later are verified, not decoded.
  private let lastTicks: UInt64
  private let aheadLimit: Int
  private let monitor: Monitor<State>

  /// Reads `work`, which will be asked for in this order, more or less, and never has more than
  /// `aheadLimit` chunks ready.
  init(
    _ work: [Work], of file: FileBytes, _ stacks: StackTable, cutTicks: UInt64?,
    lastTicks: UInt64, aheadLimit: Int
  ) {
    self.work = work
    self.file = file
    self.stacks = stacks
    self.cutTicks = cutTicks
    self.lastTicks = lastTicks
    self.aheadLimit = aheadLimit
    monitor = Monitor(State(slots: Array(repeating: .untouched, count: work.count)))
  }

  /// How many threads are of use.
  static func workerCount(forChunks count: Int) -> Int {
    max(0, min(workerLimit, WorkerThread.processorCount - 1, count / leastWorkPerWorker))
  }

  // MARK: Threads that work ahead

  /// Decodes chunk after chunk until all are begun or `stop` was called.
  func workUntilDone() {
    while let place = monitor.wait(for: { self.place(toBeginIn: &$0) }) {
      let chunk = decode(work[place])
      monitor.change { $0.slots[place] = .decoded(chunk) }
    }
  }

  /// A chunk that is now this thread's to decode; `.some(nil)` if there will be none, `nil` if it
  /// must wait.
  private func place(toBeginIn state: inout State) -> Int?? {
    if state.isOver { return .some(nil) }
    while state.next < state.slots.count, case let slot = state.slots[state.next] {
      if case .untouched = slot { break }
      state.next += 1
    }
    guard state.next < state.slots.count else { return .some(nil) }
    guard state.aheadCount < aheadLimit else { return nil }
    state.slots[state.next] = .begun
    state.aheadCount += 1
    return state.next
  }

  /// Ends the threads that work ahead, as soon as each is through with its chunk.
  func stop() {
    monitor.change { $0.isOver = true }
  }

  // MARK: The thread that takes

  private enum Answer {
    case ready(DecodedChunk)
    /// Decode this one; it need not be the one asked for.
    case decode(Int)
  }

  /// The chunk at `place` of the work; each may be taken once.
  func take(_ place: Int) -> DecodedChunk {
    while true {
      let answer = monitor.wait { state -> Answer? in
        switch state.slots[place] {
        case .decoded(let chunk):
          state.slots[place] = .taken
          state.aheadCount -= 1
          return .ready(chunk)
        case .untouched:
          state.slots[place] = .taken
          return .decode(place)
        case .begun, .taken:
          // Another thread is at it: better to do something than to wait.
          return self.place(toBeginIn: &state).flatMap { $0 }.map(Answer.decode)
        }
      }
      switch answer {
      case .ready(let chunk): return chunk
      case .decode(let begun):
        let chunk = decode(work[begun])
        if begun == place { return chunk }
        monitor.change { $0.slots[begun] = .decoded(chunk) }
      }
    }
  }

  // MARK: Memory

  /// An empty buffer, to be given back.
  func borrowBuffer() -> EventBuffer {
    monitor.change { state in
      if let buffer = state.idleBuffers.popLast() { return buffer }
      state.bufferCount += 1
      return EventBuffer()
    }
  }

  func giveBack(_ buffer: EventBuffer) {
    buffer.removeAll()
    monitor.change { $0.idleBuffers.append(buffer) }
  }

  /// Buffers there are, lent or not: one for each stream that was ever busy at the same time, and
  /// those that lay ready.
  var bufferCount: Int { monitor.change { $0.bufferCount } }

  private func borrowDecoder() -> CompactEventDecoder {
    monitor.change { $0.idleDecoders.popLast() } ?? CompactEventDecoder(stacks: stacks)
  }

  func giveBack(_ decoder: CompactEventDecoder) {
    monitor.change { $0.idleDecoders.append(decoder) }
  }

  // MARK: Decoding

  private func decode(_ work: Work) -> DecodedChunk {
    let decoder = borrowDecoder()
    guard decoder.open(work.chunk, of: file) else {
      giveBack(decoder)
      return DecodedChunk(isSound: false)
    }
    guard work.firstTicks <= lastTicks else {
      giveBack(decoder)
      return DecodedChunk(isSound: true)
    }
    let buffer = borrowBuffer()
    var chunk = DecodedChunk(events: buffer, isSound: true)
    chunk.statistics = decode(with: decoder, into: buffer)
    if decoder.isDone {
      chunk.malformedOffset = decoder.malformedOffset
      giveBack(decoder)
    } else {
      chunk.rest = decoder
    }
    return chunk
  }

  /// Decodes as much as `buffer`, which is empty, takes.
  func decode(with decoder: CompactEventDecoder, into buffer: EventBuffer) -> EventStatistics {
    decoder.decode(into: buffer)
    if let cutTicks { buffer.removeEvents(laterThan: cutTicks) }
    var statistics = EventStatistics()
    if decoder.hasFolds {
      statistics.count(buffer.content)
    } else {
      statistics.eventCount = UInt64(buffer.count)
    }
    statistics.unknownStackCount = decoder.takeUnknownStackCount()
    return statistics
  }
}
