// SPDX-License-Identifier: Apache-2.0
//
// Who is answerable for a frame: the program's own code, a library, or the plumbing below both.
// A reader looks for the first; the last says how the block came about, not why.

import Symbolication

/// How much a frame tells, the most telling first.
enum FrameRank: Hashable, Comparable {
  /// The program's own code, native or JavaScript.
  case own
  /// A library that came with the system, or a package that was installed for JavaScript.
  case library
  /// What `PlumbingTable` says is below both.
  case plumbing(PlumbingPart)

  init(_ frame: Frame) {
    if let part = PlumbingTable.part(of: frame) {
      self = .plumbing(part)
    } else {
      self = PlumbingTable.isLibrary(frame) ? .library : .own
    }
  }

  /// The part, of plumbing.
  var part: PlumbingPart? {
    if case .plumbing(let part) = self { part } else { nil }
  }

  var isPlumbing: Bool { part != nil }

  /// Whether the author of the program chose what it does: its own code, and the JavaScript that it
  /// depends on.
  static func isOfProgram(_ frame: Frame) -> Bool {
    switch FrameRank(frame) {
    case .own: true
    case .library: frame.kind == .javascript
    case .plumbing: false
    }
  }

  static func < (left: Self, right: Self) -> Bool { left.order < right.order }

  private var order: Int {
    switch self {
    case .own: 0
    case .library: 1
    case .plumbing(.startUp): 4
    case .plumbing(let part): part.isWrapper ? 3 : 2
    }
  }
}
