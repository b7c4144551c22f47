// SPDX-License-Identifier: Apache-2.0
//
// What a trace says, as one value without any text: renderers make lines or JSON of it.

import Symbolication
import TraceFile

/// The findings on one trace.
package struct LeakReport: Sendable {
  package var trace: TraceSummary
  /// The span that was asked for, in nanoseconds since the start of the trace.
  package var interval: ClosedRange<UInt64>
  /// Whether the interval is less than all of the trace.
  package var isPartOfTrace: Bool
  /// When what is outstanding had to be there still; nil: at the end of the interval.
  package var aliveAtNanoseconds: UInt64?
  package var heap: HeapSummary
  /// Sites that match the filter, as many as were asked for, in the order asked for.
  package var sites: [Site]
  package var selection: SiteSelection
  /// The sites that match, in groups, where that was asked for.
  package var grouping: SiteGrouping?
  /// The sites that match, laid over each other, where that was asked for.
  package var tree: CallTree?
  package var mappings: MappingSummary
  package var largeAllocations: [LargeAllocation]
  /// Large allocations and bursts there were in all; the list above may be shorter.
  package var largeAllocationCount: UInt64
  package var burstCount: UInt64
  package var largeThreshold: UInt64
  package var burstThreshold: UInt64
  package var burstWindowNanoseconds: UInt64
  package var marks: [MarkSummary]
  package var warnings: [ReportWarning]
  /// What the stacks of the sites refer to.
  package var frames: FrameTable
  /// Memory over time, where that was asked for.
  package var memory: MemoryHistory?
  /// What is to be thought of it, likewise.
  package var timeline: Timeline?
}
