// SPDX-License-Identifier: Apache-2.0
//
// A named instant of the trace.

/// A mark, with its time.
package struct MarkSummary: Hashable, Sendable {
  package enum Kind: String, Sendable {
    case mark
    case snapshot
    case pause
    case resume
  }

  package var name: String
  package var kind: Kind
  package var nanoseconds: UInt64

  package init(name: String, kind: Kind, nanoseconds: UInt64) {
    self.name = name
    self.kind = kind
    self.nanoseconds = nanoseconds
  }
}
