// SPDX-License-Identifier: Apache-2.0
//
// Whether an ELF file has sections with DWARF, and whether libdw could unpack them. It unpacks what
// it knows when it opens a file, so what is still packed then it cannot read.

import CElfutils

/// The sections of an ELF file in which debug information stands.
struct DebugSections {
  /// Without one of these there is nothing to say about a function.
  private static let essential: Set<String> = [
    ".debug_info", ".debug_abbrev", ".debug_line", ".debug_str", ".debug_line_str",
    ".debug_str_offsets", ".debug_addr", ".debug_ranges", ".debug_rnglists",
  ]

  /// Whether the file claims to have DWARF.
  private(set) var hasInformation = false
  /// The first essential section that is still packed, and how.
  private(set) var packed: (section: String, method: String?)?

  init(of elf: OpaquePointer) {
    var nameTable = 0
    guard elf_getshdrstrndx(elf, &nameTable) == 0 else { return }
    var section: OpaquePointer?
    while let next = elf_nextscn(elf, section) {
      section = next
      var header = GElf_Shdr()
      guard gelf_getshdr(next, &header) != nil, header.sh_type != SHT_NOBITS,
        let text = elf_strptr(elf, nameTable, Int(header.sh_name))
      else { continue }
      let name = String(cString: text)
      if name == ".debug_info" || name == ".zdebug_info" { hasInformation = true }
      guard packed == nil, Self.essential.contains(name),
        header.sh_flags & GElf_Xword(SHF_COMPRESSED) != 0
      else { continue }
      packed = (name, Self.method(of: next))
    }
  }

  /// The section of a name, if the file has it.
  static func section(_ name: String, of elf: OpaquePointer) -> OpaquePointer? {
    var nameTable = 0
    guard elf_getshdrstrndx(elf, &nameTable) == 0 else { return nil }
    var section: OpaquePointer?
    while let next = elf_nextscn(elf, section) {
      section = next
      var header = GElf_Shdr()
      if gelf_getshdr(next, &header) != nil, header.sh_type != SHT_NOBITS,
        let text = elf_strptr(elf, nameTable, Int(header.sh_name)), strcmp(text, name) == 0
      {
        return next
      }
    }
    return nil
  }

  /// The name of a section's compression; nil for the one that every libdw knows.
  private static func method(of section: OpaquePointer) -> String? {
    var header = GElf_Chdr()
    guard gelf_getchdr(section, &header) != nil else { return nil }
    switch header.ch_type {
    case 1: return nil
    case 2: return "zstd"
    case let other: return "method \(other)"
    }
  }

  /// The fault that a section still packed stands for.
  var fault: DebugInformationFault? {
    guard let packed else { return nil }
    guard let method = packed.method else { return .damaged(reason: packed.section) }
    return .unknownCompression(section: packed.section, method: method)
  }
}
