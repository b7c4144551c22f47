// SPDX-License-Identifier: Apache-2.0
//
// Marks as they stand in the file.

import CTraceFormat

extension Mark {
  init?(_ cursor: inout ByteCursor, _ clock: TraceClock) {
    guard let record = cursor.next(mt_mark.self),
      let name = cursor.nextText(byteCount: record.name_byte_count)
    else { return nil }
    self.init(
      name: name,
      // A kind of a later version is an instant with a name all the same.
      kind: Kind(rawValue: record.kind) ?? .named,
      ticks: record.time_is_monotonic == 0
        ? Ticks(record.time) : clock.ticks(atMonotonicNanoseconds: record.time),
      tid: Int32(truncatingIfNeeded: record.tid))
  }
}
