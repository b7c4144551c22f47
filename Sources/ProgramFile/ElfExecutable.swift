// SPDX-License-Identifier: Apache-2.0
//
// The little of an ELF program that decides whether a library can be preloaded into it. Files are
// not trusted: what does not fit is taken as absent.

import Glibc

/// An ELF program's headers.
package struct ElfExecutable {
  private static let loaderSegment: UInt32 = 3  // PT_INTERP
  private static let dynamicSymbolSection: UInt32 = 11  // SHT_DYNSYM

  package let is64Bit: Bool
  package let machine: UInt16
  /// The loader it asks for; nil for a statically linked program.
  package let interpreter: String?
  /// Whether it exports a malloc of its own, which is found before any preloaded one.
  package let definesMalloc: Bool
  /// The sanitizer that it was built with.
  package let sanitizer: String?
  /// Whether it was built by Go, whose heap is not malloc's.
  package let isGo: Bool

  #if arch(x86_64)
    package static let ownMachine: UInt16 = 62
  #elseif arch(arm64)
    package static let ownMachine: UInt16 = 183
  #else
    package static let ownMachine: UInt16 = 0
  #endif

  package var machineName: String {
    let names: [UInt16: String] = [
      3: "i386", 40: "arm", 62: is64Bit ? "x86-64" : "x32", 183: "aarch64", 243: "riscv",
      21: "ppc64", 22: "s390",
    ]
    return names[machine] ?? "machine \(machine)"
  }

  /// - Parameters:
  ///   - start: the first bytes of the file.
  ///   - read: gives bytes at an offset, fewer where the file ends.
  init?(_ start: [UInt8], read: (UInt64, Int) -> [UInt8]) {
    guard start.count >= 64, start.starts(with: [0x7f, 0x45, 0x4c, 0x46]) else { return nil }
    is64Bit = start[4] == 2
    machine = Self.load(start, 18, UInt16.self)
    guard is64Bit, start[5] == 1 else {
      interpreter = nil
      definesMalloc = false
      sanitizer = nil
      isGo = false
      return
    }
    interpreter = Self.interpreter(start, read)
    let sections = ElfSections(start, read)
    let symbols = Self.dynamicSymbols(sections, read)
    isGo = sections.hasSection(named: ".go.buildinfo")
    definesMalloc = symbols["malloc"] ?? false
    sanitizer = Self.sanitizers.first { symbols[$0.symbol] != nil }?.name
  }

  private static func interpreter(_ start: [UInt8], _ read: (UInt64, Int) -> [UInt8]) -> String? {
    let size = Int(load(start, 54, UInt16.self))
    let count = Int(load(start, 56, UInt16.self))
    guard size >= 56 else { return nil }
    let table = read(load(start, 32, UInt64.self), size * count)
    for offset in stride(from: 0, to: max(0, table.count - size + 1), by: size)
    where load(table, offset, UInt32.self) == loaderSegment {
      let length = Int(clamping: load(table, offset + 32, UInt64.self))
      let path = read(load(table, offset + 8, UInt64.self), min(length, 4096))
      return String(decoding: path.prefix { $0 != 0 }, as: UTF8.self)
    }
    return nil
  }

  /// Functions that begin a sanitizer's runtime, by which a program is known to need it.
  private static let sanitizers: [(symbol: String, name: String)] = [
    ("__asan_init", "AddressSanitizer"), ("__hwasan_init", "HWAddressSanitizer"),
    ("__tsan_init", "ThreadSanitizer"), ("__msan_init", "MemorySanitizer"),
    ("__lsan_init", "LeakSanitizer"),
  ]

  /// The names in its dynamic symbol table that matter here, and whether each is defined there.
  private static func dynamicSymbols(
    _ sections: ElfSections, _ read: (UInt64, Int) -> [UInt8]
  ) -> [String: Bool] {
    let wanted = (["malloc"] + sanitizers.map(\.symbol)).map {
      (name: $0, bytes: Array($0.utf8) + [0])
    }
    // The format knows one such table in a file (gABI, sh_type).
    guard let symbols = sections.all.first(where: { $0.type == dynamicSymbolSection }),
      sections.all.indices.contains(symbols.link)
    else { return [:] }
    let strings = sections.all[symbols.link]
    let names = read(strings.offset, strings.byteCount)
    let records = read(symbols.offset, symbols.byteCount)
    var found: [String: Bool] = [:]
    for offset in stride(from: 0, to: max(0, records.count - 23), by: 24) {
      let isDefined = load(records, offset + 6, UInt16.self) != 0
      let name = Int(load(records, offset, UInt32.self))
      for (text, bytes) in wanted
      where name + bytes.count <= names.count
        && names[name..<name + bytes.count].elementsEqual(bytes)
      {
        found[text] = isDefined || found[text] ?? false
      }
    }
    return found
  }

  /// A little-endian number; 0 behind the end.
  static func load<Number: FixedWidthInteger>(
    _ bytes: [UInt8], _ offset: Int, _ type: Number.Type
  ) -> Number {
    guard offset >= 0, offset + MemoryLayout<Number>.size <= bytes.count else { return 0 }
    return bytes.withUnsafeBytes {
      Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self))
    }
  }
}
