// SPDX-License-Identifier: Apache-2.0
//
// What stands behind `leak:` in a suppression file of LeakSanitizer's.

import Symbolication

/// A pattern that is looked for in the names of frames: `*` stands for anything, `^` at its
/// beginning and `$` at its end for those of the name.
///
/// LeakSanitizer takes the first place that a piece between wildcards fits, so that its `foo$` does
/// not match `foofoo`; here every place is tried.
struct LeakPattern: Sendable {
  private let pattern: WildcardPattern

  init(_ text: String) {
    var rest = text[...]
    let isAtStart = rest.hasPrefix("^")
    if isAtStart { rest.removeFirst() }
    let isAtEnd = rest.hasSuffix("$")
    if isAtEnd { rest.removeLast() }
    let before = isAtStart ? "" : "*"
    let behind = isAtEnd ? "" : "*"
    pattern = WildcardPattern(before + rest + behind, hasQueries: false)
  }

  /// Whether the function, the file or the image is named so.
  func matches(_ frame: Frame) -> Bool {
    matches(frame.function) || matches(frame.file) || matches(frame.image)
  }

  private func matches(_ name: String?) -> Bool {
    guard let name, !name.isEmpty else { return false }
    return pattern.matches(name)
  }
}
