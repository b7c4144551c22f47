// SPDX-License-Identifier: Apache-2.0
//
// The header of a chunk, as far as it can be checked on its own.

import CTraceFormat

/// A chunk's place and extent in the file.
struct ChunkHeader {
  /// The largest a sealed chunk can be: many times the largest window a shim can be told to use.
  ///
  /// What claims more is no chunk, and must not make a reader allocate that much.
  static let largestSealedByteCount = 64 << 20

  let offset: UInt64
  let kind: UInt16
  let byteCount: UInt32
  let payloadByteCount: UInt32
  private let checksum: UInt64

  /// The header that begins `bytes`, which stand at `offset` of a file `fileByteCount` long;
  /// `nil` if that is none, or one that does not fit there.
  init?(_ bytes: UnsafeRawBufferPointer, at offset: UInt64, fileByteCount: UInt64) {
    guard bytes.count >= Self.byteCount else { return nil }
    let record = bytes.loadUnaligned(as: mt_chunk_header.self)
    guard record.magic == MT_CHUNK_MAGIC, record.offset == offset,
      record.byte_count >= Self.byteCount, record.byte_count % MT_CHUNK_ALIGNMENT == 0,
      record.payload_byte_count <= record.byte_count - UInt32(Self.byteCount),
      fileByteCount >= offset, fileByteCount - offset >= record.byte_count
    else { return nil }
    if record.kind >= MT_CHUNK_FIRST_SEALED {
      // Two fields that must agree: one alone gone wrong would lead astray.
      let padding = record.byte_count - UInt32(Self.byteCount) - record.payload_byte_count
      guard padding < MT_CHUNK_ALIGNMENT, record.byte_count <= Self.largestSealedByteCount else {
        return nil
      }
    }
    self.offset = offset
    kind = record.kind
    byteCount = record.byte_count
    payloadByteCount = record.payload_byte_count
    checksum = record.checksum
  }

  static let byteCount = MemoryLayout<mt_chunk_header>.size

  /// Live chunks change while the program runs and start on a page of their own.
  var isLive: Bool { kind < MT_CHUNK_FIRST_SEALED }
  var payloadOffset: UInt64 { offset + UInt64(Self.byteCount) }
  var end: UInt64 { offset + UInt64(byteCount) }

  func `is`(_ kind: mt_chunk_kind) -> Bool { self.kind == UInt16(kind.rawValue) }

  /// Whether `payload` is what a sealed chunk's writer wrote.
  func seals(_ payload: UnsafeRawBufferPointer) -> Bool {
    let seed = offset ^ UInt64(kind) ^ UInt64(payloadByteCount) << 32
    return XXHash64.hash(payload, seed: seed) == checksum
  }
}
