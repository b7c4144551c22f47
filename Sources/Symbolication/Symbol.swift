// SPDX-License-Identifier: Apache-2.0
//
// One entry of a symbol table, if it names code.

import CElfutils
import Glibc

/// A name for a range of code.
struct Symbol {
  /// The code it covers; without a size of its own, up to the end of its section.
  private(set) var range: Range<UInt64>
  let isSized: Bool
  private let binding: Binding
  private let isFunction: Bool
  /// Memory of the file it comes from.
  private let name: UnsafePointer<CChar>

  private enum Binding: Int {
    case local, weak, global
  }

  /// Nil for symbols that name no code: variables, files, sections, what other files define.
  init?(index: Int32, file: ElfFile, sections: inout CodeSections) {
    var entry = GElf_Sym()
    var address: GElf_Addr = 0
    var section: GElf_Word = 0
    var elf: OpaquePointer?
    var bias: Dwarf_Addr = 0
    guard
      let name = dwfl_module_getsym_info(
        file.module, index, &entry, &address, &section, &elf, &bias),
      name.pointee != 0, !Self.isMappingSymbol(name), let elf,
      section != SHN_UNDEF, section != SHN_ABS,
      [STT_FUNC, STT_GNU_IFUNC, STT_NOTYPE].contains(Int32(entry.st_info & 0xf)),
      let sectionEnd = sections.end(ofSection: section, in: elf)
    else { return nil }
    let (end, overflow) = address.addingReportingOverflow(entry.st_size)
    isSized = entry.st_size > 0 && !overflow
    let limit = isSized ? end : sectionEnd &+ bias
    range = address..<max(address, limit)
    isFunction = Int32(entry.st_info & 0xf) != STT_NOTYPE
    binding =
      switch Int32(entry.st_info >> 4) {
      case STB_LOCAL: .local
      case STB_WEAK: .weak
      default: .global
      }
    self.name = name
  }

  /// As the linker knows it, without the version behind an `@`.
  func linkerName(byteLimit: Int) -> String {
    let bytes = UnsafeBufferPointer(start: name, count: strnlen(name, byteLimit))
    let text = String(decoding: UnsafeRawBufferPointer(bytes), as: UTF8.self)
    guard let at = text.dropFirst().firstIndex(of: "@") else { return text }
    return String(text[..<at])
  }

  mutating func end(before limit: UInt64) {
    range = range.lowerBound..<min(range.upperBound, max(range.lowerBound, limit))
  }

  /// `$x`, `$d.12` and their like mark code and data on ARM and RISC-V.
  private static func isMappingSymbol(_ name: UnsafePointer<CChar>) -> Bool {
    guard name[0] == CChar(ascii: "$"), name[1] != 0 else { return false }
    let kinds = "xadt".utf8.map { CChar($0) }
    return kinds.contains(name[1]) && (name[2] == 0 || name[2] == CChar(ascii: "."))
  }

  private var leadingUnderscoreCount: Int {
    var count = 0
    while name[count] == CChar(ascii: "_") { count += 1 }
    return count
  }
}

extension Symbol: Comparable {
  /// A symbol is greater than those it is to hide: those without a size, those that began
  /// earlier or go on longer, and among names of one range those less fit for a reader.
  static func < (left: Symbol, right: Symbol) -> Bool {
    if left.isSized != right.isSized { return right.isSized }
    if left.range != right.range {
      return (left.range.lowerBound, right.range.upperBound)
        < (right.range.lowerBound, left.range.upperBound)
    }
    if left.isFunction != right.isFunction { return right.isFunction }
    if left.binding != right.binding { return left.binding.rawValue < right.binding.rawValue }
    let underscores = (left.leadingUnderscoreCount, right.leadingUnderscoreCount)
    if underscores.0 != underscores.1 { return underscores.0 > underscores.1 }
    return strcmp(left.name, right.name) > 0
  }

  static func == (left: Symbol, right: Symbol) -> Bool { !(left < right) && !(right < left) }
}

/// Which sections of ELF files hold code, each looked at once.
struct CodeSections {
  private var ends: [Key: UInt64?] = [:]

  private struct Key: Hashable {
    let elf: OpaquePointer
    let section: GElf_Word
  }

  /// The address behind a section of code; nil for any other section.
  mutating func end(ofSection section: GElf_Word, in elf: OpaquePointer) -> UInt64? {
    let key = Key(elf: elf, section: section)
    if let known = ends[key] { return known }
    var header = GElf_Shdr()
    var end: UInt64?
    if let found = elf_getscn(elf, Int(section)), gelf_getshdr(found, &header) != nil,
      header.sh_flags & GElf_Xword(SHF_EXECINSTR) != 0
    {
      end = header.sh_addr &+ header.sh_size
    }
    ends[key] = .some(end)
    return end
  }
}

extension CChar {
  fileprivate init(ascii: Unicode.Scalar) { self = CChar(bitPattern: UInt8(ascii: ascii)) }
}
