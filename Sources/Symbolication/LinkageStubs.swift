// SPDX-License-Identifier: Apache-2.0
//
// Names of the procedure linkage table: the few instructions through which a call goes to another
// image. No symbol covers them. Which function a stub stands for is what the dynamic linker is
// told to put into the slot that the stub jumps through.

import CElfutils

/// The stubs of an x86-64 file's procedure linkage tables.
struct LinkageStubs {
  private static let relocationLimit = 1 << 20
  private static let nameByteLimit = 64 * 1024

  /// What a stub leads to.
  enum Target: Hashable {
    /// The function of a linker name, in whatever image.
    case symbol(String)
    /// What the function at an address of this file chooses when it is asked (an IFUNC).
    case choice(of: UInt64)
  }

  private var sections: [Section] = []
  /// By the address of their slot.
  private var targets: [UInt64: Target] = [:]

  /// One of `.plt`, `.plt.sec`, `.plt.got`.
  private struct Section {
    let address: UInt64
    let stubByteCount: Int
    let bytes: [UInt8]
  }

  init(of file: ElfFile) {
    var header = GElf_Ehdr()
    var nameTable = 0
    guard let elf = file.elf, gelf_getehdr(elf, &header) != nil, header.e_machine == EM_X86_64,
      elf_getshdrstrndx(elf, &nameTable) == 0
    else { return }
    var section: OpaquePointer?
    while let next = elf_nextscn(elf, section) {
      section = next
      var header = GElf_Shdr()
      guard gelf_getshdr(next, &header) != nil else { continue }
      if Int32(bitPattern: header.sh_type) == SHT_RELA {
        readRelocations(next, header, of: elf)
      } else if header.sh_flags & GElf_Xword(SHF_EXECINSTR) != 0, header.sh_type != SHT_NOBITS,
        let name = String(
          dwarfString: elf_strptr(elf, nameTable, Int(header.sh_name)), byteLimit: 64),
        name == ".plt" || name.hasPrefix(".plt.")
      {
        readStubs(next, header)
      }
    }
  }

  /// Where the stub at an address leads; nil where there is none.
  func target(at address: UInt64) -> Target? {
    for section in sections {
      guard address >= section.address,
        let offset = Int(exactly: address - section.address), offset < section.bytes.count
      else { continue }
      let start = offset / section.stubByteCount * section.stubByteCount
      let end = min(start + section.stubByteCount, section.bytes.count)
      return Self.slot(of: section.bytes[start..<end], at: section.address &+ UInt64(start))
        .flatMap { targets[$0] }
    }
    return nil
  }

  private mutating func readStubs(_ section: OpaquePointer, _ header: GElf_Shdr) {
    guard let data = elf_rawdata(section, nil), let start = data.pointee.d_buf else { return }
    // Linkers leave the size of an entry out, or write that of another table.
    let isAligned = header.sh_addralign >= 16 || header.sh_entsize == 16
    sections.append(
      Section(
        address: header.sh_addr, stubByteCount: isAligned ? 16 : 8,
        bytes: Array(UnsafeRawBufferPointer(start: start, count: data.pointee.d_size))))
  }

  private mutating func readRelocations(
    _ section: OpaquePointer, _ header: GElf_Shdr, of elf: OpaquePointer
  ) {
    guard let symbols = elf_getscn(elf, Int(header.sh_link)),
      let symbolData = elf_getdata(symbols, nil), let data = elf_getdata(section, nil)
    else { return }
    var symbolHeader = GElf_Shdr()
    guard gelf_getshdr(symbols, &symbolHeader) != nil, header.sh_entsize > 0 else { return }
    let count = min(Int(clamping: header.sh_size / header.sh_entsize), Self.relocationLimit)
    for index in 0..<count {
      var relocation = GElf_Rela()
      guard gelf_getrela(data, Int32(index), &relocation) != nil else { return }
      switch Int32(truncatingIfNeeded: relocation.r_info & 0xffff_ffff) {
      case R_X86_64_JUMP_SLOT, R_X86_64_GLOB_DAT:
        var symbol = GElf_Sym()
        let number = Int32(truncatingIfNeeded: relocation.r_info >> 32)
        guard gelf_getsym(symbolData, number, &symbol) != nil,
          let name = String(
            dwarfString: elf_strptr(elf, Int(symbolHeader.sh_link), Int(symbol.st_name)),
            byteLimit: Self.nameByteLimit), !name.isEmpty
        else { continue }
        targets[relocation.r_offset] = .symbol(name)
      case R_X86_64_IRELATIVE:
        targets[relocation.r_offset] = .choice(of: UInt64(bitPattern: relocation.r_addend))
      default:
        continue
      }
    }
  }

  /// The address of the slot through which a stub jumps: that of `jmp *offset(%rip)`, perhaps with
  /// a prefix, perhaps behind `endbr64`.
  private static func slot(of stub: ArraySlice<UInt8>, at address: UInt64) -> UInt64? {
    let landing: [UInt8] = [0xf3, 0x0f, 0x1e, 0xfa]
    var code = stub
    if code.starts(with: landing) { code = code.dropFirst(landing.count) }
    if code.first == 0xf2 { code = code.dropFirst() }
    guard code.starts(with: [0xff, 0x25]), code.count >= 6 else { return nil }
    let low = code.startIndex + 2
    let offset = (0..<4).reduce(UInt32(0)) { $0 | UInt32(code[low + $1]) << UInt32(8 * $1) }
    let next = address &+ UInt64(code.startIndex - stub.startIndex + 6)
    return next &+ UInt64(bitPattern: Int64(Int32(bitPattern: offset)))
  }
}
