// SPDX-License-Identifier: Apache-2.0
//
// The strings of one unit of a package: those that it refers to, out of the strings of all units,
// which may be hundreds of megabytes.

/// A unit's strings, and where in them each one begins.
struct SplitStrings {
  private static let headerByteCount = 8
  private static let stringByteLimit = 64 * 1024
  private static let totalByteLimit = 256 << 20

  /// A section `.debug_str_offsets` that fits `bytes`, with its header if it has one.
  private(set) var offsets: [UInt8] = []
  /// A section `.debug_str`; every offset that was wrong leads to an empty string at its start.
  private(set) var bytes: [UInt8] = [0]

  init(
    offsets: UnsafeRawBufferPointer?, hasHeader: Bool, strings: UnsafeRawBufferPointer?
  ) {
    guard let offsets, let strings else { return }
    var position = hasHeader ? min(Self.headerByteCount, offsets.count) : 0
    self.offsets += offsets[..<position]
    self.offsets.reserveCapacity(offsets.count)
    while position + 4 <= offsets.count {
      let offset = UInt32(
        littleEndian: offsets.loadUnaligned(fromByteOffset: position, as: UInt32.self))
      let place = UInt32(truncatingIfNeeded: copy(Int(offset), of: strings))
      withUnsafeBytes(of: place.littleEndian) { self.offsets.append(contentsOf: $0) }
      position += 4
    }
  }

  /// Where the string's copy begins.
  private mutating func copy(_ offset: Int, of strings: UnsafeRawBufferPointer) -> Int {
    guard offset < strings.count, bytes.count < Self.totalByteLimit else { return 0 }
    let text = strings[offset...].prefix(Self.stringByteLimit).prefix { $0 != 0 }
    let place = bytes.count
    bytes += text
    bytes.append(0)
    return place
  }
}
