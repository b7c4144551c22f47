// SPDX-License-Identifier: Apache-2.0
//
// A named instant.

/// An instant the program, or someone outside it, gave a name to.
package struct Mark: Hashable, Sendable {
  package enum Kind: UInt32, Sendable {
    case named = 1
    case snapshot = 2
    /// From here to the next `.resume` blocks that begin are not recorded.
    case pause = 3
    case resume = 4
  }

  package let name: String
  package let kind: Kind
  package let ticks: Ticks
  /// Thread that made it; 0 for another process.
  package let tid: Int32

  package init(name: String, kind: Kind = .named, ticks: Ticks, tid: Int32 = 0) {
    self.name = name
    self.kind = kind
    self.ticks = ticks
    self.tid = tid
  }
}
