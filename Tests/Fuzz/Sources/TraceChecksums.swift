// SPDX-License-Identifier: Apache-2.0
//
// Checksums that fit, for traces that were changed: whoever makes a trace to hurt makes those too.

import CTraceFormat
import TraceFile

enum TraceChecksums {
  /// Makes every sealed chunk say the truth about its place and its contents.
  static func mend(_ bytes: inout [UInt8]) {
    let alignment = Int(MT_CHUNK_ALIGNMENT)
    let headerByteCount = MemoryLayout<mt_chunk_header>.size
    bytes.withUnsafeMutableBytes { bytes in
      var offset = Int(MT_FILE_HEADER_BYTE_COUNT)
      while offset + headerByteCount <= bytes.count {
        var header = bytes.loadUnaligned(fromByteOffset: offset, as: mt_chunk_header.self)
        let payloadByteCount = Int(header.payload_byte_count)
        let start = offset + headerByteCount
        guard header.magic == MT_CHUNK_MAGIC, header.kind >= MT_CHUNK_FIRST_SEALED,
          payloadByteCount <= bytes.count - start
        else {
          offset += alignment
          continue
        }
        header.offset = UInt64(offset)
        let seed =
          header.offset ^ UInt64(header.kind) ^ UInt64(header.payload_byte_count) << 32
        header.checksum = XXHash64.hash(
          UnsafeRawBufferPointer(rebasing: bytes[start..<start + payloadByteCount]), seed: seed)
        bytes.storeBytes(of: header, toByteOffset: offset, as: mt_chunk_header.self)
        offset = (start + payloadByteCount + alignment - 1) / alignment * alignment
      }
    }
  }
}
