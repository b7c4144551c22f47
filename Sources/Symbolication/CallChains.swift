// SPDX-License-Identifier: Apache-2.0
//
// Which functions are active at many addresses of one unit, found in one walk over its entries:
// libdw's own search walks them once per address.

import CElfutils

/// The functions, inlined ones included, that hold each of some addresses.
struct CallChains {
  private static let none: Int32 = -1
  /// Deeper nesting is damage.
  private static let depthLimit = 512

  /// A function that holds at least one of the addresses.
  struct Link {
    let entry: DebugEntry
    /// The function it was inlined into, as an index of a link; negative when it was not.
    let caller: Int32

    var isInlined: Bool { caller >= 0 }
  }

  private let addresses: [UInt64]
  private(set) var links: [Link] = []
  private var innermost: [Int32]
  /// Where the entry visited last stands.
  ///
  /// A walk meets entries in the order of the file; one that does not was led astray by damage,
  /// and might never end.
  private var lastOffset: UInt64 = 0
  /// Ranges that may still be looked at.
  private var budget: Int
  /// Whether entries could not be followed to their end, so that functions may be missing.
  private(set) var isDamaged = false
  private var entersFunctionsWithoutAddresses = false

  /// Walks over the unit's entries.
  ///
  /// - Parameters:
  ///   - unit: Where to look.
  ///   - addresses: Ascending and distinct.
  ///   - budget: Steps that may be spent on ranges, of which hostile files can have any number;
  ///     those spent are taken off.
  init(unit: DebugUnit, addresses: [UInt64], budget: inout Int) {
    self.addresses = addresses
    self.budget = budget
    innermost = Array(repeating: Self.none, count: addresses.count)
    visitChildren(of: unit.body, inside: Self.none, depth: 0)
    if innermost.contains(Self.none) {
      // GNU C's nested functions stand inside an entry that does not cover their code.
      entersFunctionsWithoutAddresses = true
      lastOffset = 0
      visitChildren(of: unit.body, inside: Self.none, depth: 0)
    }
    budget = self.budget
  }

  /// Indices into `links`: the innermost function first, one that was not inlined last.
  ///
  /// Empty when the unit has no function there.
  func chain(ofAddress index: Int) -> [Int] {
    var chain: [Int] = []
    var link = innermost[index]
    while link >= 0 {
      chain.append(Int(link))
      link = links[Int(link)].caller
    }
    return chain
  }

  private mutating func visitChildren(of parent: DebugEntry, inside function: Int32, depth: Int) {
    guard depth < Self.depthLimit else {
      isDamaged = true
      return
    }
    var next = parent.firstChild
    while case .entry(let child) = next {
      guard child.offset > lastOffset, budget > 0 else {
        isDamaged = true
        return
      }
      lastOffset = child.offset
      visit(child, inside: function, depth: depth)
      next = child.nextSibling
    }
    if case .damage = next { isDamaged = true }
  }

  private mutating func visit(_ entry: DebugEntry, inside function: Int32, depth: Int) {
    switch entry.tag {
    case DW_TAG_subprogram:
      let link = claim(entry, from: Self.none)
      if link != nil || entersFunctionsWithoutAddresses {
        visitChildren(of: entry, inside: link ?? Self.none, depth: depth + 1)
      }
    case DW_TAG_inlined_subroutine:
      guard function >= 0, let link = claim(entry, from: function) else { return }
      visitChildren(of: entry, inside: link, depth: depth + 1)
    case DW_TAG_lexical_block, DW_TAG_try_block, DW_TAG_catch_block, DW_TAG_with_stmt:
      guard entersFunctionsWithoutAddresses || mayCoverAddress(entry) else { return }
      visitChildren(of: entry, inside: function, depth: depth + 1)
    case DW_TAG_namespace, DW_TAG_module, DW_TAG_class_type, DW_TAG_structure_type,
      DW_TAG_union_type, DW_TAG_interface_type:
      visitChildren(of: entry, inside: function, depth: depth + 1)
    default:
      break
    }
  }

  /// Makes `entry` the innermost function of the addresses it covers that were `owner`'s before;
  /// nil when there are none.
  private mutating func claim(_ entry: DebugEntry, from owner: Int32) -> Int32? {
    let link = Int32(links.count)
    var isUsed = false
    entry.forEachRange { range in
      let covered = indices(in: range)
      for index in covered where innermost[index] == owner {
        innermost[index] = link
        isUsed = true
      }
      budget -= 1 + covered.count
      return budget > 0
    }
    guard isUsed else { return nil }
    links.append(Link(entry: entry, caller: owner))
    return link
  }

  /// Blocks without ranges of their own may cover what is around them.
  private mutating func mayCoverAddress(_ entry: DebugEntry) -> Bool {
    var hasRange = false
    var covers = false
    entry.forEachRange { range in
      hasRange = true
      covers = !indices(in: range).isEmpty
      budget -= 1
      return !covers && budget > 0
    }
    return covers || !hasRange
  }

  private func indices(in range: Range<UInt64>) -> Range<Int> {
    let low = firstIndex(notBelow: range.lowerBound)
    guard low < addresses.count, addresses[low] < range.upperBound else { return low..<low }
    return low..<firstIndex(notBelow: range.upperBound)
  }

  private func firstIndex(notBelow address: UInt64) -> Int {
    var low = 0
    var high = addresses.count
    while low < high {
      let middle = (low + high) / 2
      if addresses[middle] < address { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
