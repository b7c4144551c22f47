// SPDX-License-Identifier: Apache-2.0
//
// One entry (DIE) of the debug information, read through libdw. What is malformed reads as absent.

import CElfutils

/// A debugging information entry, valid as long as the `ElfFile` it was read from.
struct DebugEntry {
  private static let nameByteLimit = 64 * 1024

  private var die: Dwarf_Die
  let tag: Int
  /// What its ranges of code refer to, where libdw cannot know it; nil where it can.
  private let ranges: UnitRanges?

  init(_ die: Dwarf_Die, ranges: UnitRanges? = nil) {
    var die = die
    self.ranges = ranges
    // Also finds the entry's abbreviation, which the copy then keeps.
    tag = Int(dwarf_tag(&die))
    self.die = die
  }

  /// Where it stands in its section.
  var offset: UInt64 {
    var die = die
    return dwarf_dieoffset(&die)
  }

  /// The entry, for libdw; what it writes there is not kept.
  func with<Result>(_ body: (UnsafeMutablePointer<Dwarf_Die>) -> Result) -> Result {
    var die = die
    return body(&die)
  }
}

extension DebugEntry {
  /// Where a step from one entry to another led.
  enum Step {
    case entry(DebugEntry)
    case end
    case damage
  }

  /// Its first child, whose siblings are the others.
  var firstChild: Step {
    var die = die
    var child = Dwarf_Die()
    return switch dwarf_child(&die, &child) {
    case 0: .entry(DebugEntry(child, ranges: ranges))
    case 1: .end
    default: .damage
    }
  }

  /// The next entry on its level.
  var nextSibling: Step {
    var die = die
    var sibling = Dwarf_Die()
    return switch dwarf_siblingof(&die, &sibling) {
    case 0: .entry(DebugEntry(sibling, ranges: ranges))
    case 1: .end
    default: .damage
    }
  }

  /// Calls `body` with each range of code it covers, until that returns false.
  func forEachRange(_ body: (Range<UInt64>) -> Bool) {
    var die = die
    var base: Dwarf_Addr = 0
    var start: Dwarf_Addr = 0
    var end: Dwarf_Addr = 0
    var next = firstRange(&base, &start, &end)
    while next > 0 {
      // Linkers that drop a function leave its entry behind, at address 0, 1 or the very last.
      if start > 1, start < end, !body(start..<end) { return }
      next = dwarf_ranges(&die, next, &base, &start, &end)
    }
  }

  /// As `dwarf_ranges` from the beginning, with the base address that `ranges` has.
  private func firstRange(
    _ base: inout Dwarf_Addr, _ start: inout Dwarf_Addr, _ end: inout Dwarf_Addr
  ) -> Int {
    var die = die
    guard let ranges, let list = rangeList(in: ranges) else {
      return dwarf_ranges(&die, 0, &base, &start, &end)
    }
    // The place of a list is what libdw would go on from; only 0 and 1 mean something else to it.
    guard list <= 1 else {
      base = ranges.base
      return dwarf_ranges(&die, list, &base, &start, &end)
    }
    let next = dwarf_ranges(&die, 0, &base, &start, &end)
    if next > 0, base == 0 {
      base = ranges.base
      start &+= ranges.base
      end &+= ranges.base
    }
    return next
  }

  /// Where in its section the entry's list of ranges begins; nil when it has none.
  private func rangeList(in ranges: UnitRanges) -> Int? {
    var die = die
    var value = Dwarf_Attribute()
    guard let number = number(DW_AT_ranges),
      dwarf_attr(&die, UInt32(DW_AT_ranges), &value) != nil
    else { return nil }
    let isIndex = Int(dwarf_whatform(&value)) == Int(DW_FORM_rnglistx)
    return isIndex ? ranges.list(number) : number
  }

  func has(_ attribute: Int) -> Bool {
    var die = die
    return dwarf_hasattr(&die, UInt32(attribute)) == 1
  }

  /// A text of its own.
  func string(_ attribute: Int) -> String? {
    var die = die
    var value = Dwarf_Attribute()
    guard dwarf_attr(&die, UInt32(attribute), &value) != nil else { return nil }
    return String(dwarfString: dwarf_formstring(&value), byteLimit: Self.nameByteLimit)
  }

  /// A text of its own, or of the entry it is an instance of.
  func inheritedString(_ attribute: Int) -> String? {
    var die = die
    var value = Dwarf_Attribute()
    guard dwarf_attr_integrate(&die, UInt32(attribute), &value) != nil else { return nil }
    return String(dwarfString: dwarf_formstring(&value), byteLimit: Self.nameByteLimit)
  }

  /// A number of its own.
  func number(_ attribute: Int) -> Int? {
    var die = die
    var value = Dwarf_Attribute()
    var number: Dwarf_Word = 0
    guard dwarf_attr(&die, UInt32(attribute), &value) != nil,
      dwarf_formudata(&value, &number) == 0
    else { return nil }
    return Int(exactly: number)
  }
}

extension String {
  /// Text in a file's memory; nil for none.
  init?(dwarfString text: UnsafePointer<CChar>?, byteLimit: Int) {
    guard let text else { return nil }
    let bytes = UnsafeRawBufferPointer(start: text, count: strnlen(text, byteLimit))
    self.init(decoding: bytes, as: UTF8.self)
  }
}
