// SPDX-License-Identifier: Apache-2.0
//
// What stays in the linked file of a unit whose functions are in a .dwo file or a package.

import CElfutils

/// A unit that refers to another one for its functions.
struct SkeletonUnit {
  private let entry: DebugEntry
  private let id: UInt64
  /// The unit referred to, as libdw found it; nil when it did not.
  let body: DebugEntry?

  /// Nil for a unit that is whole.
  init?(_ entry: DebugEntry) {
    var type: UInt8 = 0
    var id: UInt64 = 0
    var body = Dwarf_Die()
    let status = entry.with { die in
      dwarf_cu_info(die.pointee.cu, nil, &type, nil, &body, &id, nil, nil)
    }
    guard status == 0, Int(type) == Int(DW_UT_skeleton) else { return nil }
    self.entry = entry
    self.id = id
    self.body = body.addr == nil ? nil : DebugEntry(body)
  }

  /// The unit referred to, out of a package, and the memory that must be kept for it.
  func body(from package: SplitPackage?) -> (body: DebugEntry, memory: MemoryDwarf)? {
    guard let memory = package?.unit(id, skeleton: data) else { return nil }
    var unit: OpaquePointer?
    var die = Dwarf_Die()
    var foundID: UInt64 = 0
    guard dwarf_get_units(memory.dwarf, nil, &unit, nil, nil, &die, nil) == 0,
      dwarf_cu_info(unit, nil, nil, nil, nil, &foundID, nil, nil) == 0, foundID == id
    else { return nil }
    var lowest: Dwarf_Addr = 0
    let isKnown = entry.with { dwarf_lowpc($0, &lowest) == 0 }
    let ranges = UnitRanges(
      base: isKnown ? lowest : 0, lists: Self.section(".debug_rnglists", of: memory.elf, from: 0))
    return (DebugEntry(die, ranges: ranges), memory)
  }

  /// What the linked file holds for the unit: addresses, and in DWARF 4 ranges.
  private var data: SkeletonData {
    let elf = entry.with { dwarf_getelf(dwarf_cu_getdwarf($0.pointee.cu)) }
    let rangesBase = entry.number(DW_AT_GNU_ranges_base) ?? 0
    return SkeletonData(
      addresses: addresses(in: elf),
      ranges: Self.section(".debug_ranges", of: elf, from: rangesBase))
  }

  /// The unit's addresses; in DWARF 4, which does not say where they end, those behind it as well.
  private func addresses(in elf: OpaquePointer?) -> UnsafeRawBufferPointer {
    guard let base = entry.number(DW_AT_addr_base) else {
      return Self.section(
        ".debug_addr", of: elf, from: entry.number(DW_AT_GNU_addr_base) ?? 0)
    }
    // length (4 bytes, of what follows), version, size of addresses, size of segments: 8 in all
    let table = Self.section(".debug_addr", of: elf, from: base - 8)
    guard base >= 8, table.count >= 8 else { return UnsafeRawBufferPointer(rebasing: table[..<0]) }
    let byteCount = Int(UInt32(littleEndian: table.loadUnaligned(as: UInt32.self))) + 4
    return UnsafeRawBufferPointer(rebasing: table[8..<max(8, min(byteCount, table.count))])
  }

  private static func section(
    _ name: String, of elf: OpaquePointer?, from start: Int
  ) -> UnsafeRawBufferPointer {
    let none = UnsafeRawBufferPointer(start: nil, count: 0)
    guard let elf, let section = DebugSections.section(name, of: elf),
      let data = elf_rawdata(section, nil), let bytes = data.pointee.d_buf
    else { return none }
    let whole = UnsafeRawBufferPointer(start: bytes, count: data.pointee.d_size)
    return 0...whole.count ~= start ? UnsafeRawBufferPointer(rebasing: whole[start...]) : none
  }
}
