// SPDX-License-Identifier: Apache-2.0
//
// The table of sections of an ELF file; empty where there is none, or where it does not fit.

/// The sections of a 64-bit little-endian ELF file.
struct ElfSections {
  struct Section {
    let name: String
    let type: UInt32
    let offset: UInt64
    let byteCount: Int
    /// The section that this one refers to: the names of a table of symbols.
    let link: Int
  }

  private static let nameByteLimit = 64

  let all: [Section]

  /// - Parameters:
  ///   - start: the first bytes of the file.
  ///   - read: gives bytes at an offset, fewer where the file ends.
  init(_ start: [UInt8], _ read: (UInt64, Int) -> [UInt8]) {
    func load<Number: FixedWidthInteger>(
      _ bytes: [UInt8], _ offset: Int, _ type: Number.Type
    ) -> Number {
      ElfExecutable.load(bytes, offset, type)
    }
    let size = Int(load(start, 58, UInt16.self))
    let count = Int(load(start, 60, UInt16.self))
    guard size >= 64 else {
      all = []
      return
    }
    let table = read(load(start, 40, UInt64.self), size * count)
    let bases = (0..<count).map { $0 * size }.filter { $0 + size <= table.count }
    func extent(_ base: Int) -> (offset: UInt64, byteCount: Int) {
      (load(table, base + 24, UInt64.self), Int(clamping: load(table, base + 32, UInt64.self)))
    }
    let namesIndex = Int(load(start, 62, UInt16.self))
    let names = bases.indices.contains(namesIndex) ? extent(bases[namesIndex]) : (0, 0)
    let text = read(names.0, names.1)
    all = bases.map { base in
      let place = Int(load(table, base, UInt32.self))
      let name = text.dropFirst(place).prefix(Self.nameByteLimit).prefix { $0 != 0 }
      let (offset, byteCount) = extent(base)
      return Section(
        name: String(decoding: name, as: UTF8.self), type: load(table, base + 4, UInt32.self),
        offset: offset, byteCount: byteCount, link: Int(load(table, base + 40, UInt32.self)))
    }
  }

  func hasSection(named name: String) -> Bool { all.contains { $0.name == name } }
}
