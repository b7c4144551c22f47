// SPDX-License-Identifier: Apache-2.0
//
// Names of one image's addresses as bytes: what a file of the cache holds. Read in place, so that a
// report pays for what it asks, and every number is checked before it is used.
//
//   | magic | checksum | key size | strings | string bytes | rows | functions | key |
//     8       8          4          4         4              4      4           ...
//   | address of each row | end of each row's functions | functions | end of each string | strings |
//     8 each, ascending     4 each                        16 each     4 each
//
// A function is {name, file, line, column and bit 31: inlined}, a string its number, none all ones.
// Least significant byte first.

/// Functions at addresses of a file.
struct NameTable {
  private static let magic: [UInt8] = Array("MTNAMES\n".utf8)
  private static let headerByteCount = 36
  private static let functionByteCount = 16
  private static let none = UInt32.max
  private static let inlinedBit: UInt32 = 1 << 31

  let rowCount: Int
  private let bytes: [UInt8]
  private let functionCount: Int
  private let stringCount: Int
  private let addresses: Int
  private let rowEnds: Int
  private let functions: Int
  private let stringEnds: Int
  private let strings: Int

  /// Nil when the bytes are no table for this key, or not as they were written.
  init?(_ bytes: [UInt8], key: String) {
    guard bytes.count >= Self.headerByteCount, bytes.starts(with: Self.magic),
      Checksum.of(bytes[16...]) == Self.number(UInt64.self, bytes, 8)
    else { return nil }
    func count(_ offset: Int) -> Int { Int(Self.number(UInt32.self, bytes, offset)) }
    let keyByteCount = count(16)
    stringCount = count(20)
    rowCount = count(28)
    functionCount = count(32)
    addresses = Self.headerByteCount + keyByteCount
    rowEnds = addresses + 8 * rowCount
    functions = rowEnds + 4 * rowCount
    stringEnds = functions + Self.functionByteCount * functionCount
    strings = stringEnds + 4 * stringCount
    guard strings + count(24) == bytes.count,
      bytes[Self.headerByteCount..<addresses].elementsEqual(key.utf8)
    else { return nil }
    self.bytes = bytes
    guard isAscending(rowEnds, rowCount), isAscending(stringEnds, stringCount) else { return nil }
  }

  /// Whether each of so many numbers is no less than the one before.
  ///
  /// Else many rows could have the same functions, many functions the same bytes for a name, and a
  /// small file would be a large table.
  private func isAscending(_ offset: Int, _ count: Int) -> Bool {
    var last: UInt32 = 0
    for index in 0..<count {
      let number = Self.number(UInt32.self, bytes, offset + 4 * index)
      guard number >= last else { return false }
      last = number
    }
    return true
  }

  /// The functions at an address, innermost first; nil when it is not in the table.
  func functions(at address: UInt64) -> [SourceFunction]? {
    var low = 0
    var high = rowCount
    while low < high {
      let middle = (low + high) / 2
      if self.address(ofRow: middle) < address { low = middle + 1 } else { high = middle }
    }
    guard low < rowCount, self.address(ofRow: low) == address else { return nil }
    return functions(ofRow: low)
  }

  /// Every row, in the order of the addresses.
  var rows: [(address: UInt64, functions: [SourceFunction])] {
    (0..<rowCount).compactMap { row in functions(ofRow: row).map { (address(ofRow: row), $0) } }
  }

  private func address(ofRow row: Int) -> UInt64 {
    Self.number(UInt64.self, bytes, addresses + 8 * row)
  }

  private func functions(ofRow row: Int) -> [SourceFunction]? {
    let start = row == 0 ? 0 : Int(Self.number(UInt32.self, bytes, rowEnds + 4 * (row - 1)))
    let end = Int(Self.number(UInt32.self, bytes, rowEnds + 4 * row))
    guard start < end, end <= functionCount else { return nil }
    return (start..<end).map(function)
  }

  private func function(_ index: Int) -> SourceFunction {
    func field(_ number: Int) -> UInt32 {
      Self.number(UInt32.self, bytes, functions + Self.functionByteCount * index + 4 * number)
    }
    let column = field(3)
    return SourceFunction(
      name: string(field(0)),
      location: SourceLocation(
        file: string(field(1)), line: Self.counted(field(2)),
        column: Self.counted(column & ~Self.inlinedBit)),
      isInlined: column & Self.inlinedBit != 0)
  }

  private func string(_ number: UInt32) -> String? {
    guard number != Self.none, number < stringCount else { return nil }
    let index = Int(number)
    let start =
      index == 0 ? 0 : Int(Self.number(UInt32.self, bytes, stringEnds + 4 * (index - 1)))
    let end = Int(Self.number(UInt32.self, bytes, stringEnds + 4 * index))
    guard start <= end, strings + end <= bytes.count else { return nil }
    return String(decoding: bytes[(strings + start)..<(strings + end)], as: UTF8.self)
  }

  private static func counted(_ number: UInt32) -> Int? { number == 0 ? nil : Int(number) }

  private static func number<Number: FixedWidthInteger & BitwiseCopyable>(
    _ type: Number.Type, _ bytes: [UInt8], _ offset: Int
  ) -> Number {
    bytes.withUnsafeBytes {
      Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self))
    }
  }
}

extension NameTable {
  /// The bytes of a table for `key`; nil when there is more than fits into one.
  ///
  /// Rows are ascending and distinct in their addresses, and have a function each at least.
  static func encoded(
    _ rows: [(address: UInt64, functions: [SourceFunction])], key: String
  ) -> [UInt8]? {
    var strings = StringNumbers()
    var rowEnds: [UInt32] = []
    var functions: [UInt8] = []
    var functionCount = 0
    for row in rows {
      for function in row.functions {
        let location = function.location
        guard let line = UInt32(exactly: location.line ?? 0),
          let column = UInt32(exactly: location.column ?? 0), column < inlinedBit
        else { return nil }
        for field in [
          strings.number(of: function.name), strings.number(of: location.file), line,
          column | (function.isInlined ? inlinedBit : 0),
        ] {
          append(field, to: &functions)
        }
      }
      functionCount += row.functions.count
      guard let end = UInt32(exactly: functionCount) else { return nil }
      rowEnds.append(end)
    }
    guard let stringByteCount = UInt32(exactly: strings.bytes.count) else { return nil }

    var content: [UInt8] = []
    for count in [key.utf8.count, strings.ends.count] { append(UInt32(count), to: &content) }
    append(stringByteCount, to: &content)
    for count in [rows.count, functionCount] { append(UInt32(count), to: &content) }
    content += key.utf8
    for row in rows { append(row.address, to: &content) }
    for end in rowEnds { append(end, to: &content) }
    content += functions
    for end in strings.ends { append(end, to: &content) }
    content += strings.bytes

    var bytes = magic
    append(Checksum.of(content), to: &bytes)
    return bytes + content
  }

  private static func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// Distinct strings, numbered as they come.
  private struct StringNumbers {
    private var numbers: [String: UInt32] = [:]
    private(set) var bytes: [UInt8] = []
    private(set) var ends: [UInt32] = []

    mutating func number(of string: String?) -> UInt32 {
      guard let string else { return NameTable.none }
      if let number = numbers[string] { return number }
      let number = UInt32(ends.count)
      numbers[string] = number
      bytes += string.utf8
      ends.append(UInt32(truncatingIfNeeded: bytes.count))
      return number
    }
  }
}
