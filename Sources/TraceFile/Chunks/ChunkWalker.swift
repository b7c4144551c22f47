// SPDX-License-Identifier: Apache-2.0
//
// Goes through a trace from chunk to chunk. Where no chunk stands it looks for the next one, and
// says what it stepped over.

import CTraceFormat

/// The pieces of a trace behind its header, in file order.
struct ChunkWalker: Sequence, IteratorProtocol {
  enum Piece {
    case chunk(ChunkHeader)
    case gap(Gap)
  }

  /// Bytes that are no chunk.
  struct Gap: Hashable {
    var range: Range<UInt64>
    var isZero: Bool
    /// The room left before a chunk that must begin on a page, and no loss.
    var isPadding: Bool
  }

  private let file: FileBytes
  private let fileByteCount: UInt64
  private var offset = UInt64(MT_FILE_HEADER_BYTE_COUNT)
  private var buffer = ByteBuffer()

  /// Walks `file` as far as `fileByteCount`, its length a moment ago.
  init(_ file: FileBytes, fileByteCount: UInt64) {
    self.file = file
    self.fileByteCount = fileByteCount
  }

  mutating func next() -> Piece? {
    guard offset < fileByteCount else { return nil }
    if let chunk = header(at: offset) {
      offset = chunk.end
      return .chunk(chunk)
    }
    var gap = Gap(range: offset..<offset, isZero: true, isPadding: false)
    let chunk = search(&gap)
    offset = gap.range.upperBound
    gap.isPadding =
      gap.isZero && gap.range.count < Self.pageByteCount && offset % Self.pageByteCount == 0
      && chunk?.isLive == true
    return .gap(gap)
  }

  private static let pageByteCount: UInt64 = 4096
  private static let alignment = Int(MT_CHUNK_ALIGNMENT)

  private func header(at offset: UInt64) -> ChunkHeader? {
    guard buffer.fill(from: file, at: offset, byteCount: ChunkHeader.byteCount) else { return nil }
    return ChunkHeader(buffer.bytes, at: offset, fileByteCount: fileByteCount)
  }

  /// Extends `gap` to the next chunk, which is returned, or to the end of the file.
  private func search(_ gap: inout Gap) -> ChunkHeader? {
    var position = gap.range.lowerBound
    // Most gaps are smaller than a page; others may be large.
    var blockByteCount = UInt64(4096)
    defer { gap.range = gap.range.lowerBound..<position }
    while position < fileByteCount {
      guard let stored = file.nextStoredByte(from: position), stored < fileByteCount else {
        position = fileByteCount
        return nil
      }
      position = stored & ~UInt64(Self.alignment - 1)
      let byteCount = Swift.min(blockByteCount, fileByteCount - position)
      // A file that has become shorter meanwhile ends here.
      guard buffer.fill(from: file, at: position, byteCount: Int(byteCount)) else {
        position = fileByteCount
        return nil
      }
      if let chunk = firstChunk(inBlockAt: position, &gap.isZero) {
        position = chunk.offset
        return chunk
      }
      position += byteCount
      blockByteCount = 256 << 10
    }
    return nil
  }

  /// The first chunk that begins in the block just read; clears `isZero` if there are other
  /// bytes than zeros before it.
  private func firstChunk(inBlockAt position: UInt64, _ isZero: inout Bool) -> ChunkHeader? {
    let block = buffer.bytes
    for start in stride(from: 0, to: block.count, by: Self.alignment) {
      let slot = UnsafeRawBufferPointer(rebasing: block[start...].prefix(Self.alignment))
      if slot.count == Self.alignment,
        slot.loadUnaligned(as: UInt32.self) == MT_CHUNK_MAGIC,
        let chunk = ChunkHeader(
          slot, at: position + UInt64(start), fileByteCount: fileByteCount)
      {
        return chunk
      }
      if isZero { isZero = slot.allSatisfy { $0 == 0 } }
    }
    return nil
  }
}
