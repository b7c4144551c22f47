// SPDX-License-Identifier: Apache-2.0
//
// The index of a .dwp file: which bytes of which section belong to which unit.
//
//   | version | columns | rows | slots |   4 each (version 5: 2 of them)
//   | id of each slot                  |   8 each: a hash table by the id itself
//   | row of each slot, from 1; 0 none |   4 each
//   | kind of each column              |   4 each
//   | offsets, row by row              |   4 each
//   | sizes, row by row                |   4 each

/// The index of the units in a package.
struct SplitPackageIndex {
  /// The sections of a unit that names and lines are read from.
  enum Kind: Hashable {
    case information, abbreviations, lines, stringOffsets, ranges

    /// As a number in the index; DWARF 5 and the version before it differ only in what is not
    /// needed here.
    init?(number: UInt32, version: UInt32) {
      switch (number, version) {
      case (1, _): self = .information
      case (3, _): self = .abbreviations
      case (4, _): self = .lines
      case (6, _): self = .stringOffsets
      case (8, 5...): self = .ranges
      default: return nil
      }
    }

    /// In a linked file.
    var plainName: String {
      switch self {
      case .information: ".debug_info"
      case .abbreviations: ".debug_abbrev"
      case .lines: ".debug_line"
      case .stringOffsets: ".debug_str_offsets"
      case .ranges: ".debug_rnglists"
      }
    }

    /// In a package.
    var sectionName: String { plainName + ".dwo" }
  }

  private static let columnLimit: UInt32 = 16

  let version: UInt32
  private let bytes: UnsafeRawBufferPointer
  private let columnCount: Int
  private let rowCount: Int
  private let slotCount: Int

  /// Nil when the bytes are no index of a known version, or end too early.
  ///
  /// They must stay where they are.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= 16 else { return nil }
    self.bytes = bytes
    let first = Self.number(bytes, 0, as: UInt32.self)
    // Version 5 has two bytes for it, and two of padding.
    version = first & 0xffff
    let columns = Self.number(bytes, 4, as: UInt32.self)
    let rows = Self.number(bytes, 8, as: UInt32.self)
    let slots = Self.number(bytes, 12, as: UInt32.self)
    guard version == 2 || version == 5, columns <= Self.columnLimit, slots > 0,
      slots & (slots - 1) == 0
    else { return nil }
    (columnCount, rowCount, slotCount) = (Int(columns), Int(rows), Int(slots))
    let needed = 16 + 12 * slotCount + 4 * columnCount + 8 * rowCount * columnCount
    guard needed <= bytes.count else { return nil }
  }

  /// Where in the package's sections the parts of a unit are; nil when it is not in the package.
  func parts(ofUnit id: UInt64) -> [Kind: Range<Int>]? {
    guard let row = row(ofUnit: id) else { return nil }
    let columns = 16 + 12 * slotCount
    let offsets = columns + 4 * columnCount
    let sizes = offsets + 4 * rowCount * columnCount
    var parts: [Kind: Range<Int>] = [:]
    for column in 0..<columnCount {
      let number = Self.number(bytes, columns + 4 * column, as: UInt32.self)
      guard let kind = Kind(number: number, version: version) else { continue }
      let cell = 4 * (row * columnCount + column)
      let start = Int(Self.number(bytes, offsets + cell, as: UInt32.self))
      parts[kind] = start..<(start + Int(Self.number(bytes, sizes + cell, as: UInt32.self)))
    }
    return parts[.information] == nil ? nil : parts
  }

  private func row(ofUnit id: UInt64) -> Int? {
    let mask = UInt64(slotCount - 1)
    var slot = id & mask
    let step = ((id >> 32) & mask) | 1
    for _ in 0..<slotCount {
      let number = Self.number(bytes, 16 + 8 * slotCount + 4 * Int(slot), as: UInt32.self)
      if number == 0 { return nil }
      if Self.number(bytes, 16 + 8 * Int(slot), as: UInt64.self) == id {
        return number <= rowCount ? Int(number) - 1 : nil
      }
      slot = (slot + step) & mask
    }
    return nil
  }

  private static func number<Number: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: UnsafeRawBufferPointer, _ offset: Int, as type: Number.Type
  ) -> Number {
    Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Number.self))
  }
}
