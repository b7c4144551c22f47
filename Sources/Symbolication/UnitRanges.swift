// SPDX-License-Identifier: Apache-2.0
//
// What the ranges of a unit's code refer to and does not stand with the unit itself: the skeleton
// in the linked file has the address that they count from.

/// The ranges of one unit out of a package.
struct UnitRanges {
  // length, version, size of addresses, size of segments, number of lists
  private static let headerByteCount = 12

  /// The lowest address of the unit.
  let base: UInt64
  /// The unit's part of `.debug_rnglists`, in memory that outlives this value.
  let lists: UnsafeRawBufferPointer

  /// Where a list begins, given its number; nil where there is none.
  func list(_ number: Int) -> Int? {
    let place = Self.headerByteCount + 4 * number
    guard number >= 0, number < lists.count / 4, place + 4 <= lists.count else { return nil }
    let offset = UInt32(littleEndian: lists.loadUnaligned(fromByteOffset: place, as: UInt32.self))
    return Self.headerByteCount + Int(offset)
  }
}
