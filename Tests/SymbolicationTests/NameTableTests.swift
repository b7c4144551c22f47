// SPDX-License-Identifier: Apache-2.0
//
// The bytes of a cache file: what was put in comes out, and what was not put in never does.

import Testing

@testable import Symbolication

struct NameTableTests {
  typealias Row = (address: UInt64, functions: [SourceFunction])

  private static let rows: [Row] = [
    (0x10, [SourceFunction(name: "alone")]),
    (
      0x20,
      [
        SourceFunction(
          name: "inner", location: SourceLocation(file: "/a.c", line: 7, column: 3),
          isInlined: true),
        SourceFunction(name: "outer", location: SourceLocation(file: "/a.c", line: 70)),
      ]
    ),
    (0x30, [SourceFunction()]),
    (.max, [SourceFunction(name: "", location: SourceLocation(file: "é\u{1b}\0", line: 1))]),
  ]

  @Test func whatIsPutInComesOut() throws {
    let bytes = try #require(NameTable.encoded(Self.rows, key: "key"))
    let table = try #require(NameTable(bytes, key: "key"))
    #expect(table.rowCount == 4)
    #expect(table.rows.map(\.address) == Self.rows.map(\.address))
    #expect(table.rows.map(\.functions) == Self.rows.map(\.functions))
    for row in Self.rows { #expect(table.functions(at: row.address) == row.functions) }
    for address: UInt64 in [0, 0x11, 0x2f, 0x31, .max - 1] {
      #expect(table.functions(at: address) == nil)
    }
  }

  @Test func anEmptyTableHasNothing() throws {
    let bytes = try #require(NameTable.encoded([], key: ""))
    let table = try #require(NameTable(bytes, key: ""))
    #expect(table.rows.isEmpty)
    #expect(table.functions(at: 0) == nil)
  }

  @Test func aTableForAnotherKeyIsNone() throws {
    let bytes = try #require(NameTable.encoded(Self.rows, key: "key"))
    for other in ["", "ke", "keys", "kez", "KEY"] {
      #expect(NameTable(bytes, key: other) == nil)
    }
  }

  @Test func aTableWithAnyBitChangedOrCutOffAnywhereIsNone() throws {
    let bytes = try #require(NameTable.encoded(Self.rows, key: "key"))
    for index in bytes.indices {
      #expect(NameTable(Array(bytes[..<index]), key: "key") == nil)
      for bit in 0..<8 {
        var changed = bytes
        changed[index] ^= 1 << UInt8(bit)
        #expect(NameTable(changed, key: "key") == nil, "byte \(index), bit \(bit)")
      }
    }
    #expect(NameTable(bytes + [0], key: "key") == nil)
  }

  /// The checksum is no protection from someone who computes it.
  @Test func aTableThatContradictsItselfIsReadWithoutHarm() throws {
    let bytes = try #require(NameTable.encoded(Self.rows, key: "key"))
    var generator = Seeded(state: 11)
    for _ in 0..<20_000 {
      var changed = bytes
      for _ in 0...Int.random(in: 0..<4, using: &generator) {
        let index = Int.random(in: 16..<bytes.count, using: &generator)
        changed[index] =
          [0, 1, 0x7f, 0xff, .random(in: 0...255, using: &generator)]
          .randomElement(using: &generator) ?? 0
      }
      let checksum = Checksum.of(changed[16...])
      withUnsafeBytes(of: checksum.littleEndian) { changed.replaceSubrange(8..<16, with: $0) }
      guard let table = NameTable(changed, key: "key") else { continue }
      for row in table.rows { #expect(!row.functions.isEmpty) }
      for row in Self.rows { _ = table.functions(at: row.address) }
    }
  }

  /// A hundred rows, half of which claim all the functions of all.
  @Test func aSmallFileIsNoLargeTable() throws {
    let rows = (0..<100).map { (UInt64($0), [SourceFunction(name: "f\($0)")]) }
    for placeOfEnds in [36 + 3 + 100 * 8, 36 + 3 + 100 * 12 + 100 * 16] {
      var bytes = try #require(NameTable.encoded(rows, key: "key"))
      for index in 0..<100 {
        let end = UInt32(index % 2 == 0 ? 0 : 100)
        withUnsafeBytes(of: end.littleEndian) {
          let place = placeOfEnds + 4 * index
          bytes.replaceSubrange(place..<place + 4, with: $0)
        }
      }
      let checksum = Checksum.of(bytes[16...])
      withUnsafeBytes(of: checksum.littleEndian) { bytes.replaceSubrange(8..<16, with: $0) }
      #expect(NameTable(bytes, key: "key") == nil)
    }
  }

  @Test func aNumberTooLargeIsNotPutIn() {
    for location in [
      SourceLocation(line: 1 << 40), SourceLocation(line: 1, column: 1 << 31),
    ] {
      #expect(NameTable.encoded([(1, [SourceFunction(location: location)])], key: "") == nil)
    }
  }

  @Test func aChecksumDependsOnEveryByteAndTheirOrder() {
    let bytes = (0..<64).map { UInt8($0) }
    var sums = Set([Checksum.of(bytes), Checksum.of(bytes.reversed()), Checksum.of([UInt8]())])
    for count in 0..<64 { sums.insert(Checksum.of(bytes[..<count])) }
    // The empty one was there already.
    #expect(sums.count == 66)
    #expect(Checksum.of(bytes[8...]) == Checksum.of(Array(bytes[8...])))
  }
}
