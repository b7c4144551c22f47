// SPDX-License-Identifier: Apache-2.0
//
// Where an author would look for the cause of a leak: a line of the add-on's own source, and the JavaScript
// that called it.

import Symbolication

/// The lines that answer for a site, as far as they are known.
package struct SiteLocation: Sendable {
  /// Of the program's or the add-on's own native code the innermost frame; with a line where any
  /// has one.
  package var native: Frame?
  /// Of the program's own JavaScript the innermost function.
  package var javaScript: Frame?

  package init(_ frames: [Frame]) {
    let own = frames.filter { FrameRank($0) == .own }
    let native = own.filter { $0.kind == .native }
    self.native = native.first { $0.line != nil } ?? native.first
    javaScript =
      own.first { $0.kind == .javascript }
      ?? frames.first { $0.kind == .javascript && FrameRank($0) == .library }
  }

  /// The one with a file and a line: native code first.
  package var source: Frame? {
    [native, javaScript].compactMap { $0 }.first { $0.file != nil && $0.line != nil }
  }

  /// What names the site best in one line.
  package var best: Frame? { native ?? javaScript }
}
