// SPDX-License-Identifier: Apache-2.0
//
// A mark as the trace format has it (MT_CHUNK_MARK).

import CTraceFormat
import TraceFile

/// The bytes of a mark.
struct MarkChunk {
  private let payload: [UInt8]

  init(name: String, kind: mt_mark_kind, monotonicNanoseconds: UInt64) {
    let name = Array(name.utf8)
    let mark = mt_mark(
      time: monotonicNanoseconds, time_is_monotonic: 1, kind: kind.rawValue, tid: 0,
      name_byte_count: UInt32(name.count))
    payload = withUnsafeBytes(of: mark) { Array($0) } + name
  }

  /// Space the chunk takes in the file.
  var byteCount: Int {
    let alignment = Int(MT_CHUNK_ALIGNMENT)
    let unpadded = MemoryLayout<mt_chunk_header>.size + payload.count
    return (unpadded + alignment - 1) / alignment * alignment
  }

  /// The chunk as it stands at `offset` of the file.
  func bytes(at offset: UInt64) -> [UInt8] {
    let kind = UInt16(MT_CHUNK_MARK.rawValue)
    let seed = offset ^ UInt64(kind) ^ UInt64(payload.count) << 32
    let header = mt_chunk_header(
      magic: MT_CHUNK_MAGIC, kind: kind, reserved: 0, byte_count: UInt32(byteCount),
      payload_byte_count: UInt32(payload.count), offset: offset,
      checksum: payload.withUnsafeBytes { XXHash64.hash($0, seed: seed) })
    let bytes = withUnsafeBytes(of: header) { Array($0) } + payload
    return bytes + [UInt8](repeating: 0, count: byteCount - bytes.count)
  }
}
