// SPDX-License-Identifier: Apache-2.0
//
// A stack as lines for people, before they are laid out.

import Symbolication

/// One line of a stack.
enum StackLine: Equatable {
  case frame(Frame)
  /// Frames of nothing but plumbing, and of which parts.
  case folded(Int, [PlumbingPart])
  /// Frames left out because there are more than were asked for.
  case omitted(Int)
  /// So many frames, which end with the line above, come again, so many times more.
  case repeated(Int, times: Int)

  /// In words, where it is no frame.
  var words: String? {
    switch self {
    case .frame: nil
    case .folded(let count, let parts): PlumbingPart.words(count, of: parts)
    case .omitted(let count): Quantity.count(UInt64(count), "frame")
    case .repeated(1, let times): "repeated \(Quantity.count(UInt64(times), "more time"))"
    case .repeated(let count, let times):
      "these \(count) frames repeated \(Quantity.count(UInt64(times), "more time"))"
    }
  }
}
