// SPDX-License-Identifier: Apache-2.0
//
// Files made wrong on purpose, in the ways that break readers: numbers at their limits, runs of
// equal bytes, pieces in the wrong place, headers that point elsewhere, ends cut off.

import Foundation

@testable import Symbolication

enum Mutation {
  private static let numbers: [UInt64] = [
    0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff,
    0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000, .max - 1, .max,
  ]

  /// An ELF file with some bytes of its headers, or of sections whose names begin with `target`,
  /// made wrong.
  static func mutated(
    _ original: [UInt8], target: String, using generator: inout Seeded
  ) -> [UInt8] {
    var bytes = original
    let sections = ElfSections(original)
    let places = sections.sections.filter { $0.name.hasPrefix(target) && !$0.bytes.isEmpty }
    let changes = [1, 4, 20].randomElement(using: &generator) ?? 1
    for _ in 0..<changes {
      if target == "headers" {
        changeHeader(&bytes, original, using: &generator)
      } else if let section = places.randomElement(using: &generator) {
        change(&bytes, in: section.bytes, using: &generator)
      }
    }
    if Int.random(in: 0..<20, using: &generator) == 0 {
      bytes.removeLast(.random(in: 0..<bytes.count, using: &generator))
    }
    return bytes
  }

  private static func change(
    _ bytes: inout [UInt8], in range: Range<Int>, using generator: inout Seeded
  ) {
    let place = Int.random(in: range, using: &generator)
    let room = range.upperBound - place
    switch Int.random(in: 0..<6, using: &generator) {
    case 0: bytes[place] = .random(in: 0...255, using: &generator)
    case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
    case 2:
      let byteCount = min(room, [1, 2, 4, 8].randomElement(using: &generator) ?? 1)
      store(
        numbers.randomElement(using: &generator) ?? 0, byteCount: byteCount, at: place,
        in: &bytes)
    case 3:
      let value: UInt8 = [0, 0xff, 0x80, 0x7f].randomElement(using: &generator) ?? 0
      for index in 0..<min(room, .random(in: 1..<64, using: &generator)) {
        bytes[place + index] = value
      }
    case 4:
      let byteCount = min(room, .random(in: 1..<64, using: &generator))
      let source = Int.random(
        in: range.lowerBound...(range.upperBound - byteCount), using: &generator)
      let piece = bytes[source..<(source + byteCount)]
      bytes.replaceSubrange(place..<(place + byteCount), with: piece)
    default: bytes[place] &+= Bool.random(using: &generator) ? 1 : 255
    }
  }

  /// Of the file, a section or a segment.
  private static func changeHeader(
    _ bytes: inout [UInt8], _ original: [UInt8], using generator: inout Seeded
  ) {
    func number(_ offset: Int, _ byteCount: Int) -> Int {
      original[offset..<(offset + byteCount)].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    let sectionCount = number(60, 2)
    let segmentCount = number(56, 2)
    switch Int.random(in: 0..<4, using: &generator) {
    case 0:
      bytes[.random(in: 0..<64, using: &generator)] = .random(in: 0...255, using: &generator)
    case 1 where segmentCount > 0:
      let place = number(32, 8) + .random(in: 0..<(56 * segmentCount), using: &generator)
      bytes[place] = .random(in: 0...255, using: &generator)
    default:
      // name, type, flags, address, offset, size, link, info, alignment, size of entries
      let fields = [(0, 4), (4, 4), (8, 8), (16, 8), (24, 8), (32, 8), (40, 4), (44, 4), (48, 8)]
      let (field, byteCount) = (fields + [(56, 8)]).randomElement(using: &generator) ?? (0, 4)
      let place = number(40, 8) + 64 * .random(in: 0..<sectionCount, using: &generator) + field
      let near = UInt64(number(place, byteCount)) &+ .random(in: 0...64, using: &generator) &- 32
      let value = Bool.random(using: &generator) ? numbers.randomElement(using: &generator) : near
      store(value ?? 0, byteCount: byteCount, at: place, in: &bytes)
    }
  }

  private static func store(
    _ value: UInt64, byteCount: Int, at place: Int, in bytes: inout [UInt8]
  ) {
    for index in 0..<byteCount {
      bytes[place + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index))
    }
  }
}
