// SPDX-License-Identifier: Apache-2.0
//
// As much of a 64-bit little-endian ELF file as tests need to know, read without elfutils.

import Foundation

/// The sections of an ELF file.
struct ElfSections {
  struct Section {
    let name: String
    let address: UInt64
    let byteCount: Int
    /// Where its bytes stand in the file; empty when it has none there.
    let bytes: Range<Int>
  }

  private(set) var sections: [Section] = []
  private(set) var buildID: [UInt8] = []
  /// From the lowest page that is loaded to the end of the highest segment.
  private(set) var mappedRange: Range<UInt64> = 0..<0

  init(ofFile path: String) throws {
    self.init([UInt8](try Data(contentsOf: URL(fileURLWithPath: path))))
  }

  init(_ bytes: [UInt8]) {
    func number(_ offset: Int, _ byteCount: Int) -> Int {
      bytes[offset..<(offset + byteCount)].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    let segments = (0..<number(56, 2)).map { number(32, 8) + 56 * $0 }
      .filter { number($0, 4) == 1 }
    if let lowest = segments.map({ number($0 + 16, 8) }).min(),
      let highest = segments.map({ number($0 + 16, 8) + number($0 + 40, 8) }).max()
    {
      mappedRange = UInt64(lowest & ~4095)..<UInt64(highest)
    }
    let table = number(40, 8)
    let count = number(60, 2)
    let names = number(table + 64 * number(62, 2) + 24, 8)
    for index in 0..<count {
      let header = table + 64 * index
      let name = bytes[(names + number(header, 4))...].prefix { $0 != 0 }
      let offset = number(header + 24, 8)
      let byteCount = number(header + 32, 8)
      let hasBytes = ![0, 8].contains(number(header + 4, 4))
      sections.append(
        Section(
          name: String(decoding: name, as: UTF8.self), address: UInt64(number(header + 16, 8)),
          byteCount: byteCount, bytes: offset..<(offset + (hasBytes ? byteCount : 0))))
    }
    // name size, id size, type, name, id; each padded to 4 bytes
    for note in sections where note.name.hasPrefix(".note") {
      var at = note.bytes.lowerBound
      while at + 16 <= note.bytes.upperBound {
        let (nameSize, idSize) = (number(at, 4), number(at + 4, 4))
        let id = at + 12 + (nameSize + 3) / 4 * 4
        if number(at + 8, 4) == 3, bytes[(at + 12)...].starts(with: Array("GNU\0".utf8)) {
          buildID = Array(bytes[id..<(id + idSize)])
        }
        at = id + (idSize + 3) / 4 * 4
      }
    }
  }

  subscript(name: String) -> Section? { sections.first { $0.name == name } }

  /// Addresses spread evenly over the code.
  func codeAddresses(count: Int) -> [UInt64] {
    guard let text = self[".text"] else { return [] }
    let step = max(1, text.byteCount / count)
    return stride(from: 0, to: text.byteCount, by: step).map { text.address + UInt64($0) }
  }
}
