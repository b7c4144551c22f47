// SPDX-License-Identifier: Apache-2.0
//
// The DWARF of one ELF file: which unit an address belongs to. Read from the units themselves,
// for .debug_aranges is often left out (clang, rustc, swiftc).

import CElfutils
import Glibc

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
  /// What is wrong with it, as far as it was found out; nothing twice.
  private(set) var faults: [DebugInformationFault] = []

  /// An open file's debug information.
  private struct Source {
    let file: ElfFile
    let dwarf: OpaquePointer?
    /// Address in the file less address in the debug information.
    let bias: UInt64
    let shared: SharedDebugFile
    let package: PackagePlace

    init(file: ElfFile) {
      self.file = file
      var bias: Dwarf_Addr = 0
      dwarf = dwfl_module_getdwarf(file.module, &bias)
      self.bias = bias
      shared = SharedDebugFile(of: dwarf)
      package = PackagePlace(paths: file.paths)
    }
  }

  /// Nil when the file has none, which is no fault; `faults` when it has some and it is broken.
  init?(file: ElfFile) {
    source = Source(file: file)
    guard let dwarf = source.dwarf else {
      let reason = ElfFile.lastError
      guard let sections = file.debugSections, sections.hasInformation else { return nil }
      note(sections.fault ?? .damaged(reason: reason))
      return
    }
    if let elf = dwarf_getelf(dwarf), let fault = DebugSections(of: elf).fault { note(fault) }
    if let name = source.shared.missing { note(.missingSharedFile(name)) }
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
    return DebugUnit(entry: DebugEntry(die), package: { source.package.package })
  }

  /// `address` as the units know it.
  func debugAddress(_ address: UInt64) -> UInt64 { address &- source.bias }

  /// Remembers what is wrong; only the first damage and the first missing file, as more of them
  /// tell a reader nothing.
  mutating func note(_ fault: DebugInformationFault) {
    let isKnown = faults.contains { known in
      switch (known, fault) {
      case (.damaged, .damaged), (.unknownCompression, .unknownCompression),
        (.missingSplitFile, .missingSplitFile), (.missingSharedFile, .missingSharedFile):
        true
      default: false
      }
    }
    if !isKnown { faults.append(fault) }
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
        if status < 0 { note(.damaged(reason: Self.lastError)) }
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
  /// The sections of the file itself, or of its debug file.
  fileprivate var debugSections: DebugSections? {
    guard let elf else { return nil }
    let sections = DebugSections(of: elf)
    var path: UnsafePointer<CChar>?
    dwfl_module_info(module, nil, nil, nil, nil, nil, nil, &path)
    guard !sections.hasInformation, let path else { return sections }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return sections }
    defer { close(descriptor) }
    guard let debugElf = elf_begin(descriptor, ELF_C_READ_MMAP, nil) else { return sections }
    defer { elf_end(debugElf) }
    return DebugSections(of: debugElf)
  }
}
