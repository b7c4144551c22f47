// SPDX-License-Identifier: Apache-2.0
//
// What a language runtime told of its memory, as it stands in the file.

import CTraceFormat

extension JSMemory {
  init?(_ cursor: inout ByteCursor) {
    guard let record = cursor.next(mt_js_memory.self) else { return nil }
    self.init(
      ticks: Ticks(record.clock.ticks), rssByteCount: record.rss_byte_count,
      heapTotalByteCount: record.heap_total_byte_count,
      heapUsedByteCount: record.heap_used_byte_count,
      externalByteCount: record.external_byte_count,
      arrayBuffersByteCount: record.array_buffers_byte_count,
      heapLimitByteCount: record.heap_limit_byte_count == 0 ? nil : record.heap_limit_byte_count,
      threadID: record.thread_id)
  }
}

extension GarbageCollection {
  /// The collections of one chunk; `nil` when its content is no whole number of them.
  static func collections(
    _ cursor: inout ByteCursor, _ clock: TraceClock
  ) -> [GarbageCollection]? {
    guard cursor.remainingByteCount.isMultiple(of: MemoryLayout<mt_gc>.size) else { return nil }
    var collections: [GarbageCollection] = []
    while let record = cursor.next(mt_gc.self) {
      collections.append(GarbageCollection(record, clock))
    }
    return collections
  }

  private init(_ record: mt_gc, _ clock: TraceClock) {
    self.init(
      ticks: record.start_is_monotonic == 0
        ? Ticks(record.start) : clock.ticks(atMonotonicNanoseconds: record.start),
      durationNanoseconds: record.duration_nanoseconds, kind: Kind(record.kind),
      flags: record.flags, threadID: record.thread_id)
  }
}

extension GarbageCollection.Kind {
  fileprivate init(_ kind: UInt32) {
    self =
      switch kind {
      case MT_GC_MINOR.rawValue: .minor
      case MT_GC_MAJOR.rawValue: .major
      case MT_GC_INCREMENTAL.rawValue: .incremental
      case MT_GC_WEAK_CALLBACKS.rawValue: .weakCallbacks
      case MT_GC_MINOR_MARK_SWEEP.rawValue: .minorMarkSweep
      default: .other(kind)
      }
  }
}
