// SPDX-License-Identifier: Apache-2.0
//
// What is asked of a timeline.

import TraceFile

/// Which part of a trace to look at, and what to list of it.
package struct TimelineOptions: Sendable {
  package var from: TimeBound?
  package var to: TimeBound?
  /// Most growing sites to list; nil: all.
  package var siteLimit: Int? = 10
  /// Single allocations, and growth of a site at once, from here on are events; nil: a twentieth of
  /// the resident memory at its peak, 1 to 16 MiB.
  package var largeThreshold: UInt64?
  /// Instants to look at, besides marks.
  package var instantCount = 241
  /// Collections of a log; they take the place of those in the trace.
  package var collections: [GarbageCollection]?
  /// A folder that stands for `/` when the traced program's files are looked for.
  package var sysroot: String?
  package var usesNameCache = true

  package init() {}
}
