// SPDX-License-Identifier: Apache-2.0
//
// The ledger's own number for a stack: dense, where the trace's stack ids are sparse.

/// A site, as its place in a `SiteTable`.
struct SiteIndex: Hashable, Sendable {
  let rawValue: UInt32

  /// Blocks that are known, so that their frees are, but not counted: from before the time asked
  /// for, or of memtrace's own making.
  static let uncounted = SiteIndex(rawValue: 0)
  /// Blocks whose stack the trace does not hold.
  static let unknown = SiteIndex(rawValue: 1)
}
