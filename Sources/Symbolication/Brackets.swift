// SPDX-License-Identifier: Apache-2.0
//
// Which brackets in a function's name belong together. `operator<`, `->` and their like are none.

/// The pairs of brackets in a name.
struct Brackets {
  let bytes: [UInt8]
  /// The place of the other bracket; its own for what is none.
  private var partners: [Int32]

  private static let operatorWord = Array("operator".utf8)
  /// Longer ones first.
  private static let operators = [
    "<=>", "->*", "<<=", ">>=", "()", "[]", "->", "<<", ">>", "<=", ">=", "<", ">",
  ].map { Array($0.utf8) }
  private static let partsOfNames = [
    "(anonymous namespace)", "(anonymous class)", "(extension in ",
  ].map { Array($0.utf8) }

  /// - Complexity: O(n)
  init(_ name: String) {
    bytes = Array(name.utf8)
    partners = bytes.indices.map { Int32(truncatingIfNeeded: $0) }
    var open: [(index: Int, closing: UInt8)] = []
    var index = 0
    while index < bytes.count {
      if let length = operatorLength(at: index) {
        index += length
        continue
      }
      switch bytes[index] {
      case UInt8(ascii: "<"): open.append((index, UInt8(ascii: ">")))
      case UInt8(ascii: "("): open.append((index, UInt8(ascii: ")")))
      case UInt8(ascii: "["): open.append((index, UInt8(ascii: "]")))
      case UInt8(ascii: "{"): open.append((index, UInt8(ascii: "}")))
      case UInt8(ascii: ">") where isArrow(index): break
      case UInt8(ascii: ">"), UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
        if let last = open.last, last.closing == bytes[index] {
          partners[last.index] = Int32(truncatingIfNeeded: index)
          partners[index] = Int32(truncatingIfNeeded: last.index)
          open.removeLast()
        }
      default: break
      }
      index += 1
    }
  }

  /// The place of the bracket that belongs to the one at `index`; nil where there is none.
  func partner(of index: Int) -> Int? {
    guard bytes.indices.contains(index), Int(partners[index]) != index else { return nil }
    return Int(partners[index])
  }

  /// Whether the brackets that open at `index` are no list of parameters.
  func isPartOfName(_ index: Int) -> Bool {
    Self.partsOfNames.contains { bytes[index...].starts(with: $0) }
  }

  /// `->`, `=>`: of closures, and of what functions give.
  private func isArrow(_ index: Int) -> Bool {
    index > 0 && [UInt8(ascii: "-"), UInt8(ascii: "=")].contains(bytes[index - 1])
  }

  /// How long `operator<` or its like is, if that begins at `index`.
  private func operatorLength(at index: Int) -> Int? {
    guard bytes[index] == UInt8(ascii: "o"), bytes[index...].starts(with: Self.operatorWord),
      index == 0 || !Self.isPartOfWord(bytes[index - 1])
    else { return nil }
    let end = index + Self.operatorWord.count
    return Self.operators.first { bytes[end...].starts(with: $0) }
      .map { Self.operatorWord.count + $0.count }
  }

  private static func isPartOfWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...:
      true
    default: false
    }
  }
}
