// SPDX-License-Identifier: Apache-2.0
//
// Traces changed at random: each must be read to its end without a crash, without a hang, and
// without giving more than a file of its size can hold.

import CTraceFormat
import MemtraceTestSupport
import Testing
import TraceFile

@Suite struct FuzzTests {
  /// A trace with something of everything.
  private static func trace(state: mt_state) -> TraceBuilder {
    let trace = TraceBuilder(clock: .tsc(ticksPerMicrosecond: 2500), pid: 0, windowByteCount: 1024)
    trace.process(
      executable: "/bin/x", command: ["x", "y"], directory: "/", parentTrace: "/t", forkTicks: 5)
    let stacks = (1...40).map { trace.stack([$0, $0 % 7, 9], epoch: UInt32($0 % 2)) }
    let windows = (1...3).map { trace.window(thread: $0, name: "thread") }
    var generator = SplitMix64(seed: 99)
    var ticks: UInt64 = 10
    for round in 0..<400 {
      ticks += generator.next() % 100
      let window = windows[round % 3]
      window.append(RandomEvents.event(at: ticks, stacks: stacks, &generator))
      window.malloc(0x5000, 40, stack: stacks[round % 40], at: ticks)
      window.free(0x5000, at: ticks + 1)
      if round % 60 == 59 { window.seal(folding: true) }
      if round % 100 == 0 {
        trace.image("/lib/a.so", start: 0x1000, end: 0x2000, buildID: [1, 2], at: ticks)
        trace.mark("mark", at: ticks)
        trace.mark("outside", atMonotonicNanoseconds: TraceBuilder.startMonotonicNanoseconds)
        trace.sample(at: ticks, [.rssBytes: 5])
        trace.codeNames("1000 20 name\n2000 2", at: ticks)
      }
    }
    trace.image("/lib/a.so", start: 0x1000, end: 0x2000, at: ticks, event: MT_IMAGE_UNLOADED)
    trace.hole(byteCount: 96)
    if state != MT_STATE_RECORDING { trace.end(at: ticks, state: state) }
    return trace
  }

  private let bytes: [UInt8]
  private let chunks: [TraceBuilder.Chunk]
  /// Where a change is likely to matter.
  private let interesting: [Int]

  init() {
    let trace = Self.trace(state: MT_STATE_RECORDING)
    bytes = trace.bytes
    chunks = trace.chunks
    interesting = trace.bytes.indices.filter { trace.bytes[$0] != 0 }
  }

  /// Reads all there is of the trace in `file`, as every command does together.
  private func readAll(_ file: TemporaryTrace) throws {
    let trace: TraceFile
    do {
      trace = try file.open()
    } catch is TraceFileError {
      return
    }
    var count = 0
    var frameCount = 0
    let statistics = try trace.forEachEvent { event in
      count += 1
      let stack = trace.stacks.canonical(event.stack)
      frameCount += trace.stacks.frames(of: stack).reduce(0) { count, _ in count + 1 }
      _ = trace.stacks.isTruncated(event.stack)
    }
    // The shortest event has four bytes, and no stack more frames than there are nodes.
    #expect(count <= Int(trace.fileByteCount) / 4)
    #expect(frameCount <= count * bytes.count / 16)
    _ = trace.damage.map(\.description) + statistics.damage.map(\.description)
    _ = trace.clock.nanoseconds(at: trace.endTicks)
    _ = trace.images.map { $0.contains(0x1000, epoch: 0) }
  }

  private func place(_ generator: inout SplitMix64) -> Int {
    generator.next() % 8 == 0
      ? Int(generator.next() % UInt64(bytes.count))
      : interesting[Int(generator.next() % UInt64(interesting.count))]
  }

  private func value(_ generator: inout SplitMix64) -> [UInt8] {
    let values: [UInt64] = [
      0, 1, 0x7f, 0xff, 0x7fff_ffff, 0xffff_ffff, .max, .max - 1, UInt64(Int64.max), 1 << 63,
      UInt64(bytes.count), 4096, generator.next(), generator.next() % 1000,
    ]
    let value = values[Int(generator.next() % UInt64(values.count))]
    let count = [1, 1, 2, 4, 8][Int(generator.next() % 5)]
    return withUnsafeBytes(of: value) { Array($0.prefix(count)) }
  }

  @Test(arguments: 1...10)
  func aChangedTraceIsReadToItsEnd(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    let file = try TemporaryTrace(bytes: bytes)
    for _ in 0..<500 {
      let offset = place(&generator)
      let change = Array(value(&generator).prefix(bytes.count - offset))
      try file.write(change, at: offset)
      try readAll(file)
      try file.write(Array(bytes[offset..<offset + change.count]), at: offset)
    }
  }

  /// The same with checksums that are right, so that the change is met behind them.
  @Test(arguments: 11...20)
  func aTraceWrittenWrongIsReadToItsEnd(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    let sealed = chunks.filter { $0.kind >= MT_CHUNK_FIRST_SEALED }
    let file = try TemporaryTrace(bytes: bytes)
    for _ in 0..<400 {
      let chunk = sealed[Int(generator.next() % UInt64(sealed.count))]
      let original = Array(bytes[chunk.offset..<chunk.offset + chunk.byteCount])
      let payloadByteCount = original.withUnsafeBytes {
        Int($0.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
      }
      var payload = Array(original[32..<32 + payloadByteCount])
      for _ in 0...(generator.next() % 3) {
        let place = Int(generator.next() % UInt64(payload.count))
        for (index, byte) in value(&generator).enumerated() where place + index < payload.count {
          payload[place + index] = byte
        }
      }
      let kind = mt_chunk_kind(rawValue: UInt32(chunk.kind))
      try file.write(TraceBuilder.sealedChunk(kind, payload, at: chunk.offset), at: chunk.offset)
      try readAll(file)
      try file.write(original, at: chunk.offset)
    }
  }

  @Test(arguments: 21...24)
  func aTraceWithPartsCutOutAndMovedIsReadToItsEnd(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    for round in 0..<250 {
      var changed = bytes
      for _ in 0...(generator.next() % 4) {
        let from = Int(generator.next() % UInt64(changed.count))
        let count = min(Int(RandomEvents.skewed(below: 20_000, &generator)), changed.count - from)
        let part = changed[from..<from + count]
        switch generator.next() % 4 {
        case 0: changed.replaceSubrange(from..<from + count, with: repeatElement(0, count: count))
        case 1: changed.removeSubrange(from..<from + count)
        case 2: changed.insert(contentsOf: part, at: place(&generator) % changed.count)
        default: changed.insert(contentsOf: part, at: changed.count & ~31)
        }
        if changed.count <= 4096 { changed = bytes }
      }
      let file = try TemporaryTrace(bytes: changed)
      if round % 2 == 0 { try file.truncate(to: changed.count / 32 * 32) }
      try readAll(file)
    }
  }

  @Test func theUnchangedTracesAreSound() throws {
    for state in [MT_STATE_RECORDING, MT_STATE_EXITED] {
      let file = try TemporaryTrace(Self.trace(state: state)).open()
      let statistics = try file.forEachEvent { _ in }
      #expect(file.damage.map(\.mayLoseEvents) == [false])
      #expect(statistics.damage.isEmpty)
      #expect(statistics.recordedEventCount == 1200)
    }
  }
}
