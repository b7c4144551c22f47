// SPDX-License-Identifier: Apache-2.0
//
// Samples as they stand in the file: besides what they measured, an instant on all clocks.

import CTraceFormat

/// A sample with the reading of the clocks that calibrates the trace's own.
struct SampleRecord {
  let sample: Sample
  let clockPair: mt_clock_pair

  /// A sample of another version has fewer fields, or more that are passed over here.
  init?(_ cursor: inout ByteCursor) {
    guard let clock = cursor.next(mt_clock_pair.self), let valid = cursor.next(UInt64.self) else {
      return nil
    }
    var values: [UInt64] = []
    while values.count < Sample.Field.allCases.count, let value = cursor.next(UInt64.self) {
      values.append(value)
    }
    clockPair = clock
    sample = Sample(ticks: Ticks(clock.ticks), valid: valid, values: values)
  }
}
