// SPDX-License-Identifier: Apache-2.0
//
// The frames of a report, each address's once: a hundred thousand stacks share a few thousand
// addresses, and neither the report nor a renderer holds them twice.

import Symbolication

/// A stack of a report: indices into its `FrameTable`, innermost first.
package struct ReportStack: Hashable, Sendable {
  package var addresses: [UInt32]
  /// Whether outer frames are missing.
  package var isTruncated: Bool

  package init(addresses: [UInt32], isTruncated: Bool = false) {
    self.addresses = addresses
    self.isTruncated = isTruncated
  }
}

/// The named frames of every address a report mentions.
package struct FrameTable: Sendable {
  /// By address: the innermost (inlined) function first.
  private let frames: [[Frame]]

  package init(_ frames: [[Frame]] = []) {
    self.frames = frames
  }

  /// Every address.
  package var indices: Range<UInt32> { 0..<UInt32(truncatingIfNeeded: frames.count) }

  package subscript(address: UInt32) -> [Frame] {
    Int(address) < frames.count ? frames[Int(address)] : []
  }

  /// The frames of a stack, innermost first, inlined ones included.
  package func frames(of stack: ReportStack) -> some Sequence<Frame> {
    stack.addresses.lazy.flatMap { self[$0] }
  }
}
