// SPDX-License-Identifier: Apache-2.0
//
// Samples as they stand in the file: besides what they measured, an instant on all clocks.

import CTraceFormat

/// A sample with the reading of the clocks that calibrates the trace's own.
struct SampleRecord {
  let sample: Sample
  let clockPair: mt_clock_pair

  init?(_ cursor: inout ByteCursor) {
    guard let record = cursor.next(mt_sample.self) else { return nil }
    clockPair = record.clock
    let values = withUnsafeBytes(of: record.fields) { Array($0.bindMemory(to: UInt64.self)) }
    sample = Sample(ticks: Ticks(record.clock.ticks), valid: record.valid, values: values)
  }
}
