// SPDX-License-Identifier: Apache-2.0
//
// How the series of a timeline are made of a history and of the trace's samples.

import TraceFile

extension TimelineSeries {
  /// The series on a grid, each of whose instants has what stands at its place of the history.
  init(_ history: SiteHistory, grid: [Ticks], places: [Int], _ trace: TraceFile) {
    nanoseconds = grid.map { trace.clock.nanoseconds(at: $0) }
    mallocBytes = places.map { history.totals[$0].outstandingBytes }
    mallocCount = places.map { history.totals[$0].outstandingCount }
    mmapBytes = places.map {
      history.totals[$0].mappings.anonymousBytes &+ history.totals[$0].mappings.fileBytes
    }
    mappedHeapBytes = places.map { _ in 0 }
    // Several instants of the history may lie between two of the grid, or none.
    var next = 0
    for (index, place) in places.enumerated() {
      guard next <= place else {
        mallocPeakBytes.append(history.totals[place].outstandingBytes)
        allocatedBytes.append(0)
        freedBytes.append(0)
        allocationCount.append(0)
        continue
      }
      let rows = history.totals[next...place]
      mallocPeakBytes.append(rows.reduce(0) { max($0, $1.peakBytes) })
      // What came before the first instant is not of the span.
      allocatedBytes.append(index == 0 ? 0 : rows.reduce(0) { $0 &+ $1.allocatedBytes })
      freedBytes.append(index == 0 ? 0 : rows.reduce(0) { $0 &+ $1.freedBytes })
      allocationCount.append(index == 0 ? 0 : rows.reduce(0) { $0 &+ $1.allocationCount })
      next = place + 1
    }
    var sample = 0
    // The first sample is a moment younger than the trace.
    var latest: [Sample.Field: UInt64] = [:]
    if let first = trace.samples.first {
      for field in Self.fields { latest[field] = first[field] }
    }
    for instant in grid {
      while sample < trace.samples.count, trace.samples[sample].ticks <= instant {
        for field in Self.fields {
          if let value = trace.samples[sample][field] { latest[field] = value }
        }
        sample += 1
      }
      rssBytes.append(latest[.rssBytes])
      cgroupBytes.append(latest[.cgroupBytes])
      cgroupLimitBytes.append(latest[.cgroupLimitBytes])
      allocatorFreeBytes.append(latest[.arenaFreeBytes])
    }
  }

  private static let fields: [Sample.Field] = [
    .rssBytes, .cgroupBytes, .cgroupLimitBytes, .arenaFreeBytes,
  ]

  /// Takes V8's heap from what it says itself, and before it says anything from what it mapped for
  /// it; and counts what it mapped as mapped, although it reserves first and opens up then.
  mutating func setJavaScriptHeap(
    _ history: SiteHistory, places: [Int], _ trace: TraceFile, isHeap: (StackID) -> Bool
  ) {
    var mapped = [UInt64](repeating: 0, count: places.count)
    for mapping in history.mappings where isHeap(mapping.stack) {
      let totals = mapping.totals(count: history.instants.count)
      for (index, place) in places.enumerated() {
        mapped[index] &+= totals[place].outstandingBytes
        // Anonymous and file bytes are in the sum already.
        mmapBytes[index] &+= totals[place].reservedBytes
      }
    }
    mappedHeapBytes = mapped
    javaScriptHeapBytes = mapped.map { $0 }
    var next = 0
    var latest: [UInt32: JSMemory] = [:]
    for index in places.indices {
      while next < trace.jsMemory.count,
        trace.clock.nanoseconds(at: trace.jsMemory[next].ticks) <= nanoseconds[index]
      {
        latest[trace.jsMemory[next].threadID] = trace.jsMemory[next]
        next += 1
      }
      // Workers that said nothing are in the mappings alone.
      let total = latest.values.reduce(0) { $0 &+ $1.heapTotalByteCount }
      if mapped[index] == 0, total > 0 { javaScriptHeapBytes[index] = total }
      javaScriptUsedBytes.append(
        latest.isEmpty ? nil : latest.values.reduce(0) { $0 &+ $1.heapUsedByteCount })
    }
  }
}
