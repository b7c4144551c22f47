// SPDX-License-Identifier: Apache-2.0
//
// Ways to damage a trace under construction.

import CTraceFormat

extension TraceBuilder {
  /// Reserves room and writes nothing into it, as a thread does that is killed just then.
  @discardableResult
  package func hole(byteCount: Int) -> Int {
    let offset = bytes.count
    bytes += repeatElement(0, count: byteCount)
    updateEndOffset()
    return offset
  }

  /// Bytes that are no chunk.
  @discardableResult
  package func rubbish(byteCount: Int, seed: UInt64 = 1) -> Int {
    let offset = bytes.count
    var generator = SplitMix64(seed: seed)
    bytes += (0..<byteCount).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    updateEndOffset()
    return offset
  }

  /// Changes the byte at `offset`.
  package func flip(at offset: Int) {
    bytes[offset] ^= 0x55
  }

  /// Writes zeros over `range`.
  package func erase(_ range: Range<Int>) {
    bytes.replaceSubrange(range, with: repeatElement(0, count: range.count))
  }

  /// The chunks of `kind`, in file order.
  package func chunks(_ kind: mt_chunk_kind) -> [Chunk] {
    chunks.filter { $0.kind == UInt16(kind.rawValue) }
  }
}
