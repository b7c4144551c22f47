// SPDX-License-Identifier: Apache-2.0
//
// The end of a block that began before the present cohort did: all that is to be known of cohorts
// beside the books. A block that begins and ends within one changes nothing that outlives it.

import TraceFile

/// A counted block that ended in a later cohort than its own.
struct LateEnd {
  let address: Address
  let ticks: Ticks
  let byteCount: UInt64
  let site: SiteIndex
  /// Its own.
  let cohort: UInt8
  let isTemporary: Bool
}
