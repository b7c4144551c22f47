// SPDX-License-Identifier: Apache-2.0
//
// A sealed window, as its first bytes describe it. They are not verified: that takes reading the
// whole chunk, which happens when its events are wanted.

import CTraceFormat

/// Where a sealed window stands and what it says it holds.
struct SealedEvents {
  let chunk: ChunkHeader
  let ordinal: UInt32
  let sequence: UInt64
  let firstTicks: UInt64
  let lastTicks: UInt64
  let thread: TraceThread

  /// Reads the description of `chunk`; one too small to have one counts as window 0, which is
  /// none.
  init(_ chunk: ChunkHeader, of file: FileBytes) {
    self.chunk = chunk
    let bytes = file.read(at: chunk.payloadOffset, byteCount: MemoryLayout<mt_events>.size)
    var record = mt_events()
    if bytes.count == MemoryLayout<mt_events>.size, chunk.payloadByteCount >= bytes.count {
      record = bytes.withUnsafeBytes { $0.loadUnaligned(as: mt_events.self) }
    }
    ordinal = record.ordinal
    sequence = record.sequence
    firstTicks = record.first_ticks
    lastTicks = max(record.first_ticks, record.last_ticks)
    thread = TraceThread(record.thread)
  }

  /// Whether the description can be true.
  var isPlausible: Bool { ordinal > 0 && sequence > 0 && sequence < .max }

  /// Whether the chunk is what its writer wrote; reads all of it.
  func isSound(in file: FileBytes, using buffer: ByteBuffer) -> Bool {
    guard isPlausible,
      buffer.fill(
        from: file, at: chunk.payloadOffset, byteCount: Int(chunk.payloadByteCount))
    else { return false }
    return chunk.seals(buffer.bytes)
  }
}
