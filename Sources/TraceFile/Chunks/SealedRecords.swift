// SPDX-License-Identifier: Apache-2.0
//
// Reads the small sealed chunks: verifies each, hands over its content, notes what is wrong.

import CTraceFormat
import Glibc

/// Reads sealed chunks and keeps book of those that cannot be.
struct SealedRecords {
  let file: FileBytes
  /// A chunk of a trace that is still written may be half there; it is looked at again.
  let isStillRunning: Bool
  private(set) var damage: [TraceDamage] = []
  private let buffer = ByteBuffer()

  init(of file: FileBytes, isStillRunning: Bool) {
    self.file = file
    self.isStillRunning = isStillRunning
  }

  /// What `parse` makes of each of `chunks`; `nil` from it means a content that contradicts
  /// itself.
  mutating func read<Value>(
    _ chunks: [ChunkHeader], _ parse: (inout ByteCursor) -> Value?
  ) -> [Value] {
    var values: [Value] = []
    for chunk in chunks {
      guard fillBuffer(with: chunk) else {
        damage.append(.wrongChecksum(byteOffset: chunk.offset, kind: chunk.kind))
        continue
      }
      var cursor = ByteCursor(buffer.bytes)
      if let value = parse(&cursor) {
        values.append(value)
      } else {
        damage.append(.malformedChunk(byteOffset: chunk.offset, kind: chunk.kind))
      }
    }
    return values
  }

  private func fillBuffer(with chunk: ChunkHeader) -> Bool {
    for attempt in 0..<(isStillRunning ? 5 : 1) {
      if attempt > 0 { usleep(1000) }
      if buffer.fill(
        from: file, at: chunk.payloadOffset, byteCount: Int(chunk.payloadByteCount)),
        chunk.seals(buffer.bytes)
      {
        return true
      }
    }
    return false
  }
}
