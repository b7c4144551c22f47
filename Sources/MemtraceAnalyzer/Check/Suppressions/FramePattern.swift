// SPDX-License-Identifier: Apache-2.0
//
// One line of a stack in a suppression of valgrind's, and those that only the built-in ones have.

import Symbolication

/// What must hold of a frame, or of some.
enum FramePattern: Hashable, Sendable {
  /// `fun:`
  case function(FunctionPattern)
  /// `obj:`, by the whole path.
  case image(WildcardPattern)
  /// `src:`, by the file's name alone, with its line where one is given.
  case source(WildcardPattern, line: Int?)
  /// `...`: any number of frames.
  case anything
  /// Built-in only: any number of frames, all of the runtime that is meant.
  case runtime(RuntimeImages)
  /// Built-in only: a frame of that runtime.
  case part(RuntimeImages)
  /// Built-in only: a frame of JavaScript, or of code that was generated for it.
  case javaScript
  /// Built-in only: the outermost frame has been passed.
  case end

  /// Whether `frames`, or the first of them, match all of `patterns`.
  ///
  /// - Complexity: O(n m): all ways to match go forward together.
  static func match(
    _ patterns: ArraySlice<FramePattern>, _ frames: [Frame], isTruncated: Bool
  ) -> Bool {
    // Whether the patterns so far can have taken that many frames.
    var reached = [Bool](repeating: false, count: frames.count + 1)
    reached[0] = true
    for pattern in patterns {
      switch pattern {
      case .anything:
        for place in frames.indices where reached[place] { reached[place + 1] = true }
      case .runtime(let images):
        for place in frames.indices where reached[place] && images.contain(frames[place]) {
          reached[place + 1] = true
        }
      case .end:
        return reached[frames.count] && !isTruncated
      default:
        for place in frames.indices.reversed() {
          reached[place + 1] = reached[place] && pattern.matches(frames[place])
        }
        reached[0] = false
      }
      if !reached.contains(true) { return false }
    }
    return true
  }

  private func matches(_ frame: Frame) -> Bool {
    switch self {
    case .function(let pattern): pattern.matches(frame.function ?? "???")
    case .image(let pattern): pattern.matches(frame.image ?? "???")
    case .source(let pattern, let line):
      frame.file.map {
        pattern.matches(Self.lastComponent(of: $0)) && (line == nil || line == frame.line)
      } ?? false
    case .part(let images): images.contain(frame)
    case .javaScript: RuntimeImages.isGenerated(frame)
    case .anything, .runtime, .end: false
    }
  }

  static func lastComponent(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }
}

/// A function's name as valgrind has it: that of the linker.
///
/// Frames have the name that the author wrote. So one that is mangled is demangled, as far as its
/// wildcards let it; one that is not may be written with its arguments or without.
struct FunctionPattern: Hashable, Sendable {
  private let pattern: WildcardPattern
  /// The same as an author would write it.
  private let demangled: WildcardPattern?

  init(_ text: String) {
    pattern = WildcardPattern(text)
    demangled = Self.demangled(pattern).map { WildcardPattern($0) }
  }

  func matches(_ function: String) -> Bool {
    if pattern.matches(function) || demangled?.matches(function) == true { return true }
    guard function.utf8.contains(UInt8(ascii: "(")) else { return false }
    let qualified = String(FunctionName.qualified(function))
    return pattern.matches(qualified) || demangled?.matches(qualified) == true
  }

  private static func demangled(_ pattern: WildcardPattern) -> String? {
    let text = pattern.text
    guard text.hasPrefix("_Z") || text.hasPrefix("_R") else { return nil }
    guard pattern.hasWildcards else {
      let name = Demangler.demangle(text)
      return name == text ? nil : name
    }
    return beginning(ofMangled: text.prefix { $0 != "*" && $0 != "?" }).map { $0 + "*" }
  }

  /// `ns::Class::f` of `_ZN2ns5Class1fE…`: the names before the first wildcard.
  private static func beginning(ofMangled text: Substring) -> String? {
    var rest = text.dropFirst(2)
    let isNested = rest.hasPrefix("N")
    if isNested { rest.removeFirst() }
    while let first = rest.first, "KVrRO".contains(first) { rest.removeFirst() }
    var names: [Substring] = []
    if rest.hasPrefix("St") {
      names.append("std")
      rest.removeFirst(2)
    }
    while let length = Int(rest.prefix(while: \.isASCIIDigit)), length > 0 {
      rest = rest.drop(while: \.isASCIIDigit)
      let name = rest.prefix(length)
      names.append(name)
      guard name.count == length, isNested else { break }
      rest = rest.dropFirst(length)
    }
    return names.isEmpty ? nil : names.joined(separator: "::")
  }
}

extension Character {
  fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}
