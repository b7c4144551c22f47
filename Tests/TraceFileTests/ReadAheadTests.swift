// SPDX-License-Identifier: Apache-2.0
//
// Chunks decoded on other threads: each once, whatever the order in which they are asked for.

import MemtraceTestSupport
import Testing

@testable import TraceFile

@Suite struct ReadAheadTests {
  private static let chunkCount = 40

  /// A trace of so many chunks, each with an address of its own, and what is to be read of it.
  private func trace() throws -> (TraceFile, [ReadAhead.Work]) {
    let trace = TraceBuilder()
    let window = trace.window(thread: 1)
    for ticks in 0..<UInt64(Self.chunkCount) {
      window.malloc(0x1000 + ticks, 1, at: ticks)
      window.seal()
    }
    trace.end(at: 100)
    let file = try TemporaryTrace(trace).open()
    let chunks = file.histories.flatMap(\.sealed)
    return (file, chunks.map { ReadAhead.Work(chunk: $0.chunk, firstTicks: $0.firstTicks) })
  }

  /// The addresses in the chunks at `places`, which are asked for in that order.
  private func addresses(
    at places: [Int], workerCount: Int, aheadLimit: Int
  ) throws -> (addresses: [UInt64], bufferCount: Int) {
    let (file, work) = try trace()
    let readAhead = ReadAhead(
      work, of: file.file, file.stacks, cutTicks: nil, lastTicks: .max, aheadLimit: aheadLimit)
    let workers = (0..<workerCount).compactMap { _ in
      WorkerThread { readAhead.workUntilDone() }
    }
    defer {
      readAhead.stop()
      for worker in workers { worker.join() }
    }
    let addresses = places.flatMap { place in
      let events = readAhead.take(place).events
      defer { events.map { readAhead.giveBack($0) } }
      return events?.content.map(\.address.rawValue) ?? []
    }
    return (addresses, readAhead.bufferCount)
  }

  @Test(arguments: 0...3, [1, 2, 100])
  func everyChunkCanBeTakenInAnyOrder(workerCount: Int, aheadLimit: Int) throws {
    var generator = SplitMix64(seed: UInt64(workerCount + 10 * aheadLimit))
    let inOrder = Array(0..<Self.chunkCount)
    for places in [inOrder, inOrder.reversed(), inOrder.shuffled(using: &generator)] {
      let taken = try addresses(at: places, workerCount: workerCount, aheadLimit: aheadLimit)
      #expect(taken.addresses == places.map { UInt64(0x1000 + $0) })
      #expect(taken.bufferCount <= aheadLimit + 1)
    }
  }

  @Test func threadsEndThoughNothingIsTaken() throws {
    let taken = try addresses(at: [], workerCount: 3, aheadLimit: 2)
    #expect(taken.addresses.isEmpty)
  }

  @Test func aChunkTooLargeForABufferIsHandedOverWithItsDecoder() throws {
    let trace = TraceBuilder(windowByteCount: 1 << 20)
    let window = trace.window(thread: 1)
    let count = EventBuffer.capacity + 10
    for ticks in 0..<UInt64(count) { window.malloc(0x1000 + ticks, 1, at: ticks) }
    window.seal()
    trace.end(at: 1_000_000)
    let file = try TemporaryTrace(trace).open()
    let chunk = try #require(file.histories.first?.sealed.first)
    let readAhead = ReadAhead(
      [ReadAhead.Work(chunk: chunk.chunk, firstTicks: chunk.firstTicks)], of: file.file,
      file.stacks, cutTicks: nil, lastTicks: .max, aheadLimit: 1)
    let decoded = readAhead.take(0)
    #expect(decoded.events?.count == EventBuffer.capacity)
    let decoder = try #require(decoded.rest)
    let buffer = readAhead.borrowBuffer()
    let statistics = readAhead.decode(with: decoder, into: buffer)
    #expect(buffer.count == 10)
    #expect(statistics.eventCount == 10)
    #expect(decoder.isDone)
    #expect(decoder.malformedOffset == nil)
  }
}
