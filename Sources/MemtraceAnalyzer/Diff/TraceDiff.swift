// SPDX-License-Identifier: Apache-2.0
//
// What is outstanding at two instants, of one trace or of two, as one value without text.

import TraceFile

/// Two states of a heap beside each other.
package struct TraceDiff: Sendable {
  /// One of the two.
  package struct Side: Sendable {
    package var trace: TraceSummary
    /// The instant, since the start of its trace.
    package var nanoseconds: UInt64
    package var outstanding: SiteAmount
    package var mappings: MappingTotals
    package var rssBytes: UInt64?
  }

  /// A stack, by its names, and what it holds on both sides.
  package struct Site: Sendable {
    package var before: SiteAmount
    package var after: SiteAmount
    /// As it is on the later side, if it is there.
    package var stack: ReportStack

    package var growthBytes: Int64 {
      Int64(clamping: after.byteCount) - Int64(clamping: before.byteCount)
    }
    package var growthCount: Int64 {
      Int64(clamping: after.count) - Int64(clamping: before.count)
    }
  }

  package var before: Side
  package var after: Side
  package var isOneTrace: Bool
  /// Those that differ, what grew most first and what shrank most last; as many as were asked for,
  /// from both ends.
  package var sites: [Site]
  package var grownSiteCount: Int
  package var shrunkSiteCount: Int
  package var unchangedSiteCount: Int
  package var warnings: [ReportWarning]
  package var frames: FrameTable
}
