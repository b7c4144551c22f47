// SPDX-License-Identifier: Apache-2.0
//
// Which separate debug file libdwfl would read, found without reading it.

import CElfutils
import Glibc

extension ElfFile {
  /// Where a file's debug information is.
  enum DebugFile {
    /// In the file itself, or nowhere.
    case none
    case separate(FileIdentity)
    /// Partly in the file, partly elsewhere perhaps.
    case unclear
  }

  /// Looks for the file's separate debug file, by a way that makes this object useless for names.
  consuming func findDebugFile() -> DebugFile {
    guard let elf else { return .unclear }
    switch (DebugSections(of: elf).hasInformation, Self.hasSymbolTable(elf)) {
    case (true, true): return .none
    case (true, false): return .unclear
    case (false, _): break
    }
    var checksum: GElf_Word = 0
    let link = dwelf_elf_gnu_debuglink(elf, &checksum)
    var path: UnsafePointer<CChar>?
    dwfl_module_info(module, nil, nil, nil, nil, nil, &path, nil)
    let descriptor = settings.findDebugFile(
      of: module, path: path, link: link, linkChecksum: checksum)
    guard descriptor >= 0 else { return .none }
    defer { close(descriptor) }
    return FileIdentity(descriptor: descriptor).map { .separate($0) } ?? .unclear
  }

  private static func hasSymbolTable(_ elf: OpaquePointer) -> Bool {
    var section: OpaquePointer?
    while let next = elf_nextscn(elf, section) {
      section = next
      var header = GElf_Shdr()
      if gelf_getshdr(next, &header) != nil, Int32(bitPattern: header.sh_type) == SHT_SYMTAB {
        return true
      }
    }
    return false
  }
}
