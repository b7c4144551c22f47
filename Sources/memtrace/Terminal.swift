// SPDX-License-Identifier: Apache-2.0
//
// What is known of the screen: whether there is one, its size, and whether colour is wanted.

import ArgumentParser
import Glibc

/// A file descriptor that may be a terminal.
struct Terminal {
  enum Color: String, ExpressibleByArgument, CaseIterable {
    case auto
    case always
    case never
  }

  static let output = Terminal(descriptor: 1)
  static let error = Terminal(descriptor: 2)

  let descriptor: Int32

  var isTerminal: Bool { isatty(descriptor) == 1 }

  /// Columns; nil where there is no screen, unless COLUMNS says.
  var width: Int? {
    if let columns = Self.environment("COLUMNS").flatMap(Int.init), columns > 0 { return columns }
    guard isTerminal else { return nil }
    return size.map { Int($0.ws_col) } ?? 80
  }

  private var size: winsize? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return size
  }

  /// `auto` is a terminal that is not dumb, unless NO_COLOR is set to anything (no-color.org).
  func usesColor(_ wish: Color) -> Bool {
    switch wish {
    case .always: true
    case .never: false
    case .auto:
      isTerminal && (Self.environment("NO_COLOR") ?? "").isEmpty
        && Self.environment("TERM") != "dumb"
    }
  }

  /// Whether it is a screen that the locale says shows nothing but ASCII.
  ///
  /// The variables are asked, not libc: a locale that is not installed says as much about the screen.
  var isASCII: Bool {
    guard isTerminal else { return false }
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(Self.environment)
      .first { !$0.isEmpty }
    let name = (locale ?? "").lowercased()
    return !name.contains("utf-8") && !name.contains("utf8")
  }

  static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
