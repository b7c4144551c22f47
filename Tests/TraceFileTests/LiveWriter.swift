// SPDX-License-Identifier: Apache-2.0
//
// A program with a shim, played by threads of the test: they allocate and free each other's
// blocks, record into windows of a mapped trace and seal them, as docs/trace-format.md says.

import CTraceFormat
import Foundation
import Glibc
import MemtraceTestSupport
import Synchronization
import SystemPackage
import TraceFile

/// Threads that write one trace until they are told to stop.
final class LiveWriter: Sendable {
  let temporary: TemporaryTrace
  private let descriptor: FileDescriptor
  private let base: UInt
  private let byteCount: Int
  private let windows: [(offset: Int, ordinal: UInt32)]
  private let windowByteCount: Int
  private let clock = Atomic<UInt64>(1)
  private let end: Atomic<UInt64>
  private let isStopped = Atomic<Bool>(false)
  private let heap = Locked(Heap())
  private let running = DispatchGroup()

  /// The allocator: addresses that are free, and blocks that live.
  private struct Heap {
    var free: [UInt64] = (1...64).map { $0 * 16 }
    var live: [UInt64] = []
  }

  init(threadCount: Int, pid: Int32) throws {
    let trace = TraceBuilder(pid: UInt32(pid), windowByteCount: 2048)
    windows = (1...threadCount).map {
      let window = trace.window(thread: UInt32($0))
      return (window.offset, window.ordinal)
    }
    windowByteCount = trace.windowByteCount
    temporary = try TemporaryTrace(trace)
    descriptor = try FileDescriptor.open(temporary.path, .readWrite)
    byteCount = trace.bytes.count
    end = Atomic(UInt64(byteCount))
    let memory = mmap(
      nil, byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor.rawValue, 0)
    base = UInt(bitPattern: memory)
    for index in windows.indices {
      running.enter()
      // Threads of their own: the tests may have taken all that a queue has.
      Thread {
        self.run(index)
        self.running.leave()
      }.start()
    }
  }

  func stop() {
    isStopped.store(true, ordering: .relaxed)
    running.wait()
    munmap(UnsafeMutableRawPointer(bitPattern: base), byteCount)
    try? descriptor.close()
  }

  private func run(_ index: Int) {
    var thread = Recorder(writer: self, window: windows[index])
    var generator = SplitMix64(seed: UInt64(index))
    while !isStopped.load(ordering: .relaxed) {
      // So that the reader, slow as it is without optimization, does not chase a file that grows
      // faster than it reads.
      if generator.next() % 16 == 0 { usleep(1000) }
      if generator.next() % 2 == 0 {
        // The stamp comes after the allocation ...
        guard let block = heap.withLock({ $0.free.popLast() }) else { continue }
        thread.record(.allocated, block, at: now())
        heap.withLock { $0.live.append(block) }
      } else {
        // ... and before the free.
        let block = heap.withLock {
          $0.live.isEmpty ? nil : $0.live.remove(at: Int(generator.next() % UInt64($0.live.count)))
        }
        guard let block else { continue }
        thread.record(.freed, block, at: now())
        heap.withLock { $0.free.append(block) }
      }
    }
  }

  private func now() -> UInt64 {
    clock.wrappingAdd(1, ordering: .sequentiallyConsistent).oldValue
  }

  /// The recording side of one thread.
  private struct Recorder {
    let writer: LiveWriter
    let window: (offset: Int, ordinal: UInt32)
    var committed = 0
    var sequence: UInt64 = 1
    var events: [TraceEvent] = []

    mutating func record(_ kind: TraceEvent.Kind, _ block: UInt64, at ticks: UInt64) {
      let event = TraceEvent(
        kind, ticks: Ticks(ticks), address: Address(block),
        byteCount: kind == .allocated ? 16 : 0, function: kind == .allocated ? .malloc : .free)
      let words = RawEvents.words(of: event)
      if committed + words.count * 8 > writer.windowByteCount - 128 { seal() }
      for word in words {
        store(word, at: 128 + committed)
        committed += 8
      }
      events.append(event)
      store(UInt64(committed), at: 32)
    }

    private mutating func seal() {
      var record = mt_events()
      record.thread.number = window.ordinal
      record.sequence = sequence
      record.ordinal = window.ordinal
      record.event_count = UInt32(events.count)
      record.first_ticks = events[0].ticks.rawValue
      record.last_ticks = events[events.count - 1].ticks.rawValue
      var encoder = EventEncoder()
      let payload =
        withUnsafeBytes(of: record) { Array($0) }
        + encoder.encode(events, firstTicks: record.first_ticks)
      let length = (32 + payload.count + 31) & ~31
      let offset = writer.end.wrappingAdd(UInt64(length), ordering: .relaxed).oldValue
      let chunk = TraceBuilder.sealedChunk(MT_CHUNK_EVENTS, payload, at: Int(offset))
      _ = try? writer.descriptor.writeAll(toAbsoluteOffset: Int64(offset), chunk)
      store(0, at: 32)
      sequence += 1
      store(sequence, at: 40)
      committed = 0
      events = []
    }

    private func store(_ word: UInt64, at offset: Int) {
      atomicMemoryFence(ordering: .releasing)
      UnsafeMutableRawPointer(bitPattern: writer.base)?.storeBytes(
        of: word, toByteOffset: window.offset + offset, as: UInt64.self)
      atomicMemoryFence(ordering: .releasing)
    }
  }
}

/// A value that one thread at a time sees.
///
/// `Mutex` would do, but for ThreadSanitizer: under contention it is locked within a library that has no
/// instrumentation, and even an integer that two threads add to in turn is reported as a race.
private final class Locked<Value>: @unchecked Sendable {
  private let lock = NSLock()
  private var value: Value

  init(_ value: Value) { self.value = value }

  func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    try lock.withLock { try body(&value) }
  }
}
