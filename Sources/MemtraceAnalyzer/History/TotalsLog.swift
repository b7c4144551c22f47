// SPDX-License-Identifier: Apache-2.0
//
// Rows of sums over all sites, one for each instant of a history.

import TraceFile

/// All of memory at each instant so far.
struct TotalsLog {
  private(set) var rows: [HistoryTotals] = []
  private var before = HeapTotals()
  private var mappingsBefore = MappingTotals()
  /// The highest since the last row.
  private var peak: (byteCount: UInt64, ticks: Ticks)?

  /// The most that was outstanding in some time behind the last row.
  mutating func note(peak new: (byteCount: UInt64, ticks: Ticks)) {
    if let peak, peak.byteCount >= new.byteCount { return }
    peak = new
  }

  /// Adds a row.
  mutating func record(at instant: Ticks, _ now: HeapTotals, _ mapped: MappingTotals) {
    var row = HistoryTotals(ticks: instant)
    row.outstandingBytes = now.outstandingBytes
    row.outstandingCount = now.outstandingCount
    if let peak { (row.peakBytes, row.peakTicks) = peak }
    row.allocatedBytes = now.allocatedBytes &- before.allocatedBytes
    row.allocationCount = now.allocationCount &- before.allocationCount
    row.freedBytes = before.outstandingBytes &+ row.allocatedBytes &- now.outstandingBytes
    row.freeCount = before.outstandingCount &+ row.allocationCount &- now.outstandingCount
    row.mappings = mapped
    row.mappings.mappedBytes = mapped.mappedBytes &- mappingsBefore.mappedBytes
    row.mappings.mappedCount = mapped.mappedCount &- mappingsBefore.mappedCount
    rows.append(row)
    before = now
    mappingsBefore = mapped
    peak = nil
  }
}
