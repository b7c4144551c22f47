// SPDX-License-Identifier: Apache-2.0
//
// The sites of a report one after the other: a million stacks as lists are too much at once.

import TraceFile

/// Sites whose stacks are made as they are asked for.
struct SiteStream: Sequence {
  let totals: [SiteTotals]
  let clock: TraceClock
  let resolver: StackResolver

  func makeIterator() -> some IteratorProtocol<Site> {
    totals.lazy.map { Site($0, clock: clock, resolver: resolver) }.makeIterator()
  }
}
