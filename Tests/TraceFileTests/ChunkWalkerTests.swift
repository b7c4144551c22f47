// SPDX-License-Identifier: Apache-2.0

import CTraceFormat
import Foundation
import MemtraceTestSupport
import SystemPackage
import Testing

@testable import TraceFile

@Suite struct ChunkWalkerTests {
  private func pieces(of trace: TraceBuilder) throws -> [ChunkWalker.Piece] {
    let file = try TemporaryTrace(trace)
    return Array(
      ChunkWalker(try FileBytes(path: file.path), fileByteCount: UInt64(trace.bytes.count)))
  }

  private func offsets(_ pieces: [ChunkWalker.Piece]) -> [UInt64] {
    pieces.compactMap { if case .chunk(let chunk) = $0 { chunk.offset } else { nil } }
  }

  private func gaps(_ pieces: [ChunkWalker.Piece]) -> [ChunkWalker.Gap] {
    pieces.compactMap { if case .gap(let gap) = $0 { gap } else { nil } }
  }

  @Test func everyChunkIsFoundInFileOrder() throws {
    let trace = TraceBuilder()
    trace.mark("a", at: 1)
    _ = trace.window(thread: 1)
    _ = trace.stack([1])
    trace.mark("b", at: 2)
    trace.codeNames("10 20 f\n", at: 1)
    let found = try pieces(of: trace)
    #expect(offsets(found) == trace.chunks.map { UInt64($0.offset) })
    #expect(gaps(found).filter { !$0.isPadding } == [])
  }

  @Test func roomBeforeAPageAlignedChunkIsPadding() throws {
    let trace = TraceBuilder()
    trace.mark("a", at: 1)
    let end = trace.bytes.count
    let window = trace.window(thread: 1)
    let found = gaps(try pieces(of: trace))
    #expect(found.map(\.isPadding) == [true])
    #expect(found[0].range == UInt64(end)..<UInt64(window.offset))
  }

  @Test func rubbishBeforeAPageAlignedChunkIsNoPadding() throws {
    let trace = TraceBuilder()
    trace.rubbish(byteCount: 64)
    _ = trace.window(thread: 1)
    #expect(try gaps(pieces(of: trace)).map(\.isPadding) == [false])
  }

  @Test func aHoleBeforeASealedChunkIsNoPadding() throws {
    let trace = TraceBuilder()
    let hole = trace.hole(byteCount: 64)
    trace.mark("a", at: 1)
    let found = gaps(try pieces(of: trace))
    #expect(
      found == [
        .init(range: UInt64(hole)..<UInt64(hole + 64), isZero: true, isPadding: false)
      ])
  }

  @Test func aHoleOfMoreThanAPageBeforeAWindowIsNoPadding() throws {
    let trace = TraceBuilder()
    trace.hole(byteCount: 5000 & ~31)
    _ = trace.window(thread: 1)
    #expect(try gaps(pieces(of: trace)).map(\.isPadding) == [false])
  }

  @Test func aChunkThatWasNotNeededIsPassedOver() throws {
    let trace = TraceBuilder()
    let void = trace.stacksChunk(ordinal: 0)
    trace.mark("behind", at: 1)
    trace.bytes[void + 4] = UInt8(MT_CHUNK_VOID.rawValue)
    let found = try pieces(of: trace)
    #expect(offsets(found) == trace.chunks.map { UInt64($0.offset) })
    #expect(try TemporaryTrace(trace).open().damage.isEmpty)
  }

  @Test func chunksBehindRubbishAreFound() throws {
    let trace = TraceBuilder()
    let rubbish = trace.rubbish(byteCount: 300 << 10)
    let mark = trace.mark("behind", at: 1)
    let found = try pieces(of: trace)
    #expect(offsets(found).last == UInt64(mark))
    #expect(
      gaps(found) == [
        .init(range: UInt64(rubbish)..<UInt64(mark), isZero: false, isPadding: false)
      ])
  }

  @Test(arguments: [
    (offset: 0, "magic"), (offset: 8, "byte count"), (offset: 12, "payload byte count"),
    (offset: 16, "own offset"),
  ])
  func aHeaderThatIsWrongInOneFieldIsNone(offset: Int, field: String) throws {
    let trace = TraceBuilder()
    let broken = trace.mark("broken", at: 1)
    let next = trace.mark("next", at: 2)
    trace.flip(at: broken + offset)
    let found = try pieces(of: trace)
    #expect(offsets(found).last == UInt64(next))
    #expect(gaps(found).map(\.range) == [UInt64(broken)..<UInt64(next)])
  }

  @Test func aChunkThatReachesBeyondTheFileIsNone() throws {
    let trace = TraceBuilder()
    let mark = trace.mark("last", at: 1)
    trace.bytes.removeLast(32)
    let found = try pieces(of: trace)
    #expect(!offsets(found).contains(UInt64(mark)))
    #expect(gaps(found).map(\.range.upperBound) == [UInt64(trace.bytes.count)])
  }

  @Test func aChunkInAChunkIsNotSeen() throws {
    // Its content looks like a mark, down to its own offset.
    let trace = TraceBuilder()
    let real = trace.mark("inner", at: 1)
    let inner = Array(trace.bytes[real...])
    let outer = TraceBuilder()
    outer.sealedChunk(mt_chunk_kind(rawValue: 99), inner)
    #expect(try offsets(pieces(of: outer)).count == 2)
  }

  @Test func aGapOfATerabyteIsSteppedOver() throws {
    let trace = TraceBuilder()
    let first = trace.mark("near", at: 1)
    let file = try TemporaryTrace(trace)
    // The same mark again, a terabyte away: only the offset in its header differs.
    let far = UInt64(first) + 1 << 40
    var bytes = Array(trace.bytes[first...])
    bytes.withUnsafeMutableBytes { $0.storeBytes(of: far, toByteOffset: 16, as: UInt64.self) }
    do {
      try file.write(bytes, at: Int(far))
    } catch Errno.fileTooLarge {
      return  // This file system has no files of that size.
    }
    let length = far + UInt64(bytes.count)
    let found = Array(
      ChunkWalker(try FileBytes(path: file.path), fileByteCount: length))
    #expect(offsets(found).last == far)
    #expect(gaps(found).map(\.isZero) == [true])
  }

  @Test func aFileThatBecomesShorterEndsEarlier() throws {
    let trace = TraceBuilder()
    trace.rubbish(byteCount: 1 << 20)
    let file = try TemporaryTrace(trace)
    let length = UInt64(trace.bytes.count)
    var walker = ChunkWalker(try FileBytes(path: file.path), fileByteCount: length)
    _ = walker.next()
    try file.replace(with: Array(trace.bytes.prefix(10_000)))
    var count = 0
    while walker.next() != nil { count += 1 }
    #expect(count == 1)
  }
}
