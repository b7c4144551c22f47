// SPDX-License-Identifier: Apache-2.0
//
// Names of functions made to fit a column: a template's name may be a page long, of which a reader
// needs the words outside the brackets. Only for showing; a machine gets the whole name.

/// Shortens names of C++, Rust, D and Swift functions where the least is lost.
package enum ShortName {
  private static let ellipsis = "…"

  /// The name in no more than `limit` characters; the name itself where it fits.
  ///
  /// What goes first: defaults of the standard library's templates, parameters, template arguments
  /// from the inside out, leading scopes; then the end is cut off.
  ///
  /// - Complexity: O(n), some ten times over.
  package static func shortened(_ name: String, limit: Int) -> String {
    if name.utf8.count <= limit || name.count <= limit { return name }
    let plain = withoutStandardDefaults(name)
    let steps: [(String) -> String] = [
      { $0 },
      { collapsed($0, templateDepth: .max, hidesParameters: true) },
      { collapsed($0, templateDepth: 2, hidesParameters: true) },
      { collapsed($0, templateDepth: 1, hidesParameters: true) },
      { collapsed($0, templateDepth: 0, hidesParameters: true) },
    ]
    var shortest = plain
    for step in steps {
      shortest = step(plain)
      if shortest.count <= limit { return shortest }
    }
    if let tail = withoutLeadingScopes(shortest, limit: limit) { return tail }
    guard limit > 0 else { return "" }
    return shortest.prefix(limit - 1) + ellipsis
  }

  /// How Swift goes on behind the parameters of a function.
  private static let results = [
    " -> ", " throws -> ", " async -> ", " async throws -> ", " throws(",
  ].map { Array($0.utf8) }

  /// The name with template arguments below a depth, and parameters, replaced by an ellipsis.
  private static func collapsed(
    _ name: String, templateDepth: Int, hidesParameters: Bool
  ) -> String {
    let brackets = Brackets(name)
    let bytes = brackets.bytes
    var result: [UInt8] = []
    var depth = 0
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      guard let partner = brackets.partner(of: index) else {
        result.append(byte)
        index += 1
        continue
      }
      switch byte {
      case UInt8(ascii: "<") where partner > index && depth >= templateDepth:
        result += "<…>".utf8
        index = partner + 1
        continue
      case UInt8(ascii: "("):
        if hidesParameters, partner > index + 1, !brackets.isPartOfName(index) {
          result += "(…)".utf8
          index = partner + 1
          if depth == 0, results.contains(where: bytes[index...].starts) {
            return String(decoding: result, as: UTF8.self)
          }
          continue
        }
      case UInt8(ascii: "<"): depth += 1
      case UInt8(ascii: ">"): depth -= 1
      default: break
      }
      result.append(byte)
      index += 1
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// Arguments of templates that hardly anyone writes down.
  private static let defaults = [
    " std::allocator<", " std::char_traits<", " std::default_delete<", " std::less<",
    " std::hash<", " std::equal_to<",
  ].map { Array($0.utf8) }

  private static func withoutStandardDefaults(_ name: String) -> String {
    let brackets = Brackets(name)
    let bytes = brackets.bytes
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: ","),
        let argument = defaults.first(where: { bytes[(index + 1)...].starts(with: $0) }),
        let end = brackets.partner(of: index + argument.count), end > index
      {
        index = end + 1
        continue
      }
      result.append(bytes[index])
      index += 1
    }
    var text = String(decoding: result, as: UTF8.self)
    for (long, short) in [
      ("std::__cxx11::", "std::"), ("std::__1::", "std::"),
      ("std::basic_string<char >", "std::string"), ("std::basic_string<char>", "std::string"),
    ] {
      text = text.replacing(long, with: short)
    }
    return text
  }

  /// The end of the name from a `::` (or a `.`, in Swift) outside all brackets on.
  private static func withoutLeadingScopes(_ name: String, limit: Int) -> String? {
    let brackets = Brackets(name)
    let bytes = brackets.bytes
    var index = 0
    while index < bytes.count {
      if let partner = brackets.partner(of: index), partner > index {
        index = partner + 1
        continue
      }
      let isScope = bytes[index...].starts(with: Array("::".utf8))
      let isMember =
        bytes[index] == UInt8(ascii: ".") && index > 0 && bytes[index - 1] != UInt8(ascii: " ")
      if isScope || isMember {
        let tail = ellipsis + String(decoding: bytes[index...], as: UTF8.self)
        // Of nothing but punctuation nobody learns anything.
        if tail.count <= limit { return tail.contains(where: \.isLetter) ? tail : nil }
      }
      index += isScope ? 2 : 1
    }
    return nil
  }
}
