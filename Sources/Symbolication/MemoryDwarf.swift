// SPDX-License-Identifier: Apache-2.0
//
// Debug information put together in memory and read by libdw as if it were a file's: where what
// libdw needs does not stand in one file that it can find itself.

import CElfutils

/// A libdw handle over sections in memory.
final class MemoryDwarf {
  typealias Section = (name: String, bytes: UnsafeRawBufferPointer)

  let dwarf: OpaquePointer
  let elf: OpaquePointer
  private let image: UnsafeMutableRawBufferPointer

  /// Copies the sections into a 64-bit file of this machine's byte order; nil when libdw sees no
  /// debug information in it.
  init?(sections: [Section]) {
    let image = Self.image(sections)
    guard
      let elf = elf_memory(
        image.baseAddress?.assumingMemoryBound(to: CChar.self), image.count)
    else {
      image.deallocate()
      return nil
    }
    guard let dwarf = dwarf_begin_elf(elf, DWARF_C_READ, nil) else {
      elf_end(elf)
      image.deallocate()
      return nil
    }
    self.dwarf = dwarf
    self.elf = elf
    self.image = image
  }

  /// Debug information in which nothing can be found.
  static func empty() -> MemoryDwarf? {
    let bytes = [UInt8](repeating: 0, count: 16)
    return bytes.withUnsafeBytes { MemoryDwarf(sections: [(".debug_info", $0)]) }
  }

  deinit {
    dwarf_end(dwarf)
    elf_end(elf)
    image.deallocate()
  }

  /// The file's bytes.
  ///
  ///     | file header | sections | names of sections | section headers |
  private static func image(_ sections: [Section]) -> UnsafeMutableRawBufferPointer {
    let namesName = ".shstrtab"
    var names: [UInt8] = [0]
    var headers = [Elf64_Shdr()]
    var offset = MemoryLayout<Elf64_Ehdr>.size
    func append(name: String, byteCount: Int, type: Int32) {
      var header = Elf64_Shdr()
      header.sh_name = UInt32(names.count)
      header.sh_type = UInt32(bitPattern: type)
      header.sh_offset = UInt64(offset)
      header.sh_size = UInt64(byteCount)
      header.sh_addralign = 1
      headers.append(header)
      names += Array(name.utf8) + [0]
      offset += (byteCount + 7) / 8 * 8
    }
    for section in sections {
      append(name: section.name, byteCount: section.bytes.count, type: SHT_PROGBITS)
    }
    let namesByteCount = names.count + namesName.utf8.count + 1
    append(name: namesName, byteCount: namesByteCount, type: SHT_STRTAB)

    let headersByteCount = headers.count * MemoryLayout<Elf64_Shdr>.size
    let image = UnsafeMutableRawBufferPointer.allocate(
      byteCount: offset + headersByteCount, alignment: 16)
    image.initializeMemory(as: UInt8.self, repeating: 0)
    image.storeBytes(of: fileHeader(sectionCount: headers.count, at: offset), as: Elf64_Ehdr.self)
    let contents = sections.map(\.bytes)
    for (header, bytes) in zip(headers.dropFirst(), contents) {
      UnsafeMutableRawBufferPointer(rebasing: image[Int(header.sh_offset)...]).copyMemory(
        from: bytes)
    }
    names.withUnsafeBytes { bytes in
      let start = Int(headers[headers.count - 1].sh_offset)
      UnsafeMutableRawBufferPointer(rebasing: image[start...]).copyMemory(from: bytes)
    }
    headers.withUnsafeBytes { bytes in
      UnsafeMutableRawBufferPointer(rebasing: image[offset...]).copyMemory(from: bytes)
    }
    return image
  }

  private static func fileHeader(sectionCount: Int, at offset: Int) -> Elf64_Ehdr {
    var header = Elf64_Ehdr()
    withUnsafeMutableBytes(of: &header.e_ident) { identification in
      let isBigEndian = UInt16(1).bigEndian == 1
      let magic: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, isBigEndian ? 2 : 1, 1]
      identification.copyBytes(from: magic)
    }
    header.e_type = UInt16(ET_DYN)
    header.e_machine = UInt16(EM_X86_64)
    header.e_version = 1
    header.e_ehsize = UInt16(MemoryLayout<Elf64_Ehdr>.size)
    header.e_shentsize = UInt16(MemoryLayout<Elf64_Shdr>.size)
    header.e_shoff = UInt64(offset)
    header.e_shnum = UInt16(sectionCount)
    header.e_shstrndx = UInt16(sectionCount - 1)
    return header
  }
}
