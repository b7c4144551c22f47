// SPDX-License-Identifier: Apache-2.0
//
// How long the text of a mangled Swift name can become. The runtime's demangler has no limit, and
// every substitution can repeat all that came before it: 250 bytes may stand for terabytes.

/// An upper bound of how often a Swift name repeats parts of itself.
struct SwiftNameCost {
  /// The most repetitions for which demangling stays a matter of milliseconds.
  ///
  /// Of the 100,000 names in Swift's own libraries one in 800 has more.
  private static let repetitionLimit = 1 << 18

  private var rest: Substring.UTF8View
  private var repetitions = 1

  /// Whether `symbol` can be demangled without its text growing out of hand.
  static func isAcceptable(_ symbol: String) -> Bool {
    var cost = SwiftNameCost(rest: Substring(symbol).utf8)
    return cost.repetitionsStayBelowLimit()
  }

  private mutating func repetitionsStayBelowLimit() -> Bool {
    while let byte = rest.first {
      switch byte {
      case UInt8(ascii: "1")...UInt8(ascii: "9"):
        // Read first: it moves `rest` on.
        let byteCount = number()
        rest = rest.dropFirst(byteCount ?? rest.count)
      case UInt8(ascii: "0"):
        skipWords()
      case UInt8(ascii: "A"):
        guard countSubstitutions() else { return false }
      default:
        rest.removeFirst()
      }
    }
    return true
  }

  /// An identifier that repeats words of others: `0`, letters of which the last is a capital.
  private mutating func skipWords() {
    rest.removeFirst()
    rest = rest.drop { UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 }
    if let byte = rest.first, UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte { rest.removeFirst() }
  }

  /// `A`, then letters of which the last is a capital; a number before one repeats it.
  private mutating func countSubstitutions() -> Bool {
    rest.removeFirst()
    while let byte = rest.first {
      let count = UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte ? number() ?? .max : 1
      let (product, overflow) = repetitions.multipliedReportingOverflow(by: count &+ 1)
      guard !overflow, product > 0, product <= Self.repetitionLimit else { return false }
      repetitions = product
      guard let letter = rest.popFirst(), UInt8(ascii: "a")...UInt8(ascii: "z") ~= letter else {
        return true
      }
    }
    return true
  }

  /// The decimal number at the front; nil when it is too large.
  private mutating func number() -> Int? {
    let digits = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    rest = rest.dropFirst(digits.count)
    return Int(Substring(digits))
  }
}
