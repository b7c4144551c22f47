// SPDX-License-Identifier: Apache-2.0
//
// The DWARF of one ELF file: which unit an address belongs to. Read from the units themselves,
// for .debug_aranges is often left out (clang, rustc, swiftc).

import CElfutils

/// The debug information of an ELF file, wherever libdwfl found it.
struct DebugInformation {
  /// Ranges in hostile files can be repeated at will; no real file comes near this.
  private static let rangeLimit = 16 << 20

  private var source: Source
  /// Where the first entry of each unit stands.
  private var unitOffsets: [UInt64] = []
  /// Code of the units, and the number of the unit that each range belongs to.
  private var ranges = LayeredRanges([])
  private var owners: [Int] = []
  /// What is wrong with it, if anything was found to be.
  private(set) var damage: String?

  /// An open file's debug information.
  private struct Source {
    let file: ElfFile
    let dwarf: OpaquePointer?
    /// Address in the file less address in the debug information.
    let bias: UInt64

    init(file: ElfFile) {
      self.file = file
      var bias: Dwarf_Addr = 0
      dwarf = dwfl_module_getdwarf(file.module, &bias)
      self.bias = bias
    }
  }

  /// Nil when the file has none, which is no fault; `damage` when it has some and it is broken.
  init?(file: ElfFile) {
    source = Source(file: file)
    guard let dwarf = source.dwarf else {
      guard file.hasDebugSections else { return nil }
      damage = ElfFile.lastError
      return
    }
    readUnits(of: dwarf)
  }

  /// Goes on with the same file opened anew, so that what libdw keeps of units read so far is
  /// given back.
  mutating func reopen(_ file: ElfFile) {
    source = Source(file: file)
  }

  /// The unit whose code holds `address`, as a number for `unit(_:)`.
  func unitIndex(at address: UInt64) -> Int? {
    ranges.top(at: debugAddress(address)).map { owners[$0] }
  }

  /// Valid until this value goes away or is reopened.
  func unit(_ index: Int) -> DebugUnit? {
    var die = Dwarf_Die()
    guard let dwarf = source.dwarf, dwarf_offdie(dwarf, unitOffsets[index], &die) != nil else {
      return nil
    }
    return DebugUnit(entry: DebugEntry(die))
  }

  /// `address` as the units know it.
  func debugAddress(_ address: UInt64) -> UInt64 { address &- source.bias }

  mutating func noteDamage(_ reason: String) {
    if damage == nil { damage = reason }
  }

  private mutating func readUnits(of dwarf: OpaquePointer) {
    var found: [Range<UInt64>] = []
    var unitsWithoutRanges: [UInt64: Int] = [:]
    var unit: OpaquePointer?
    while true {
      var type: UInt8 = 0
      var die = Dwarf_Die()
      let status = dwarf_get_units(dwarf, unit, &unit, nil, &type, &die, nil)
      guard status == 0 else {
        if status < 0 { noteDamage(Self.lastError) }
        break
      }
      // Type units hold no code, and may be of another section with offsets of its own.
      guard Int32(type) != DW_UT_type, Int32(type) != DW_UT_split_type else { continue }
      let entry = DebugEntry(die)
      let index = unitOffsets.count
      unitOffsets.append(entry.offset)
      let countBefore = found.count
      entry.forEachRange { range in
        found.append(range)
        return found.count < Self.rangeLimit
      }
      owners += Array(repeating: index, count: found.count - countBefore)
      if found.count == countBefore { unitsWithoutRanges[entry.offset] = index }
    }
    if !unitsWithoutRanges.isEmpty {
      Self.forEachAddressRange(of: dwarf) { range, unitOffset in
        guard let index = unitsWithoutRanges[unitOffset] else { return }
        found.append(range)
        owners.append(index)
      }
    }
    ranges = LayeredRanges(found)
  }

  /// What .debug_aranges says, for units that do not say it themselves.
  private static func forEachAddressRange(
    of dwarf: OpaquePointer, _ body: (Range<UInt64>, _ unitOffset: UInt64) -> Void
  ) {
    var table: OpaquePointer?
    var count = 0
    guard dwarf_getaranges(dwarf, &table, &count) == 0, let table else { return }
    for index in 0..<count {
      var start: Dwarf_Addr = 0
      var byteCount: Dwarf_Word = 0
      var unitOffset: Dwarf_Off = 0
      let row = dwarf_onearange(table, index)
      guard dwarf_getarangeinfo(row, &start, &byteCount, &unitOffset) == 0 else { continue }
      let (end, overflow) = start.addingReportingOverflow(byteCount)
      if start > 1, start < end, !overflow { body(start..<end, unitOffset) }
    }
  }

  private static var lastError: String {
    guard let message = dwarf_errmsg(-1) else { return "unknown error" }
    return String(cString: message)
  }
}

extension ElfFile {
  /// Whether the file itself claims to have DWARF.
  fileprivate var hasDebugSections: Bool {
    guard let elf else { return false }
    var nameTable = 0
    guard elf_getshdrstrndx(elf, &nameTable) == 0 else { return false }
    var section: OpaquePointer?
    while let next = elf_nextscn(elf, section) {
      section = next
      var header = GElf_Shdr()
      guard gelf_getshdr(next, &header) != nil, header.sh_type != SHT_NOBITS,
        let name = elf_strptr(elf, nameTable, Int(header.sh_name))
      else { continue }
      if [".debug_info", ".zdebug_info"].contains(String(cString: name)) { return true }
    }
    return false
  }
}
