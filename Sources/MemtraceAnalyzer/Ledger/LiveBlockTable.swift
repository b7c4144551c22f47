// SPDX-License-Identifier: Apache-2.0
//
// The blocks that are allocated and not yet freed, by address: what HeapLedger pairs frees with.
// A flat table with linear probing, because it is entered twice for every block a program ever
// had: no object, no hashing protocol and no allocation per event. It knows nothing of totals.

import CPrefetch
import TraceFile

/// The live heap: address to size and site.
///
/// A block that ends leaves its address behind in its slot: allocators give the same addresses
/// out again and again, so that the next block there mostly finds its slot at the first look, and
/// nothing is ever moved up. When half of the slots are taken, by the living or the dead, the
/// living are put into a new table.
struct LiveBlockTable: ~Copyable {
  /// A block that is allocated.
  struct Block: Equatable {
    var byteCount: UInt64
    var site: SiteIndex
    /// In which interval it began, where that is of interest.
    var cohort: UInt8 = 0
  }

  /// 16 bytes, so that four share a cache line.
  private struct Slot {
    var address: UInt64
    /// The size in 24 bits, and the cohort above them.
    var sizeAndCohort: UInt32
    /// 0: nothing ever stood here; 1: the block at `address` has ended; else its site, and 2.
    var state: UInt32

    var isLive: Bool { state >= LiveBlockTable.firstSiteState }
    var size: UInt32 { sizeAndCohort & LiveBlockTable.hugeSize }
  }

  private static let emptyState: UInt32 = 0
  private static let endedState: UInt32 = 1
  private static let firstSiteState: UInt32 = 2
  /// The size is in `hugeByteCounts`.
  private static let hugeSize: UInt32 = 1 << cohortShift - 1
  private static let cohortShift: UInt32 = 24
  private static let firstCapacity = 1 << 12
  /// Tables from here on outgrow the nearer caches.
  private static let largeCapacity = 1 << 15

  private var slots: UnsafeMutablePointer<Slot>
  private var mask: Int
  private(set) var count = 0
  /// Slots that are not empty.
  private var usedCount = 0
  /// Slots that were looked through to put the living into new tables; for tests.
  private(set) var renewedCount = 0
  private var hugeByteCounts: [UInt64: UInt64] = [:]
  /// Odd; drawn anew for each table, so that no file can be made whose addresses all collide.
  private let multiplier: UInt64

  init() {
    self.init(multiplier: UInt64.random(in: .min ... .max))
  }

  init(multiplier: UInt64) {
    self.multiplier = multiplier | 1
    slots = Self.emptySlots(Self.firstCapacity)
    mask = Self.firstCapacity - 1
  }

  deinit {
    Self.free(slots, mask + 1)
  }

  /// Remembers a block, and returns the one that stood at that address, if any.
  ///
  /// - Complexity: constant on average; a new table now and then.
  @inline(__always)
  mutating func insert(_ address: UInt64, _ block: Block) -> Block? {
    var slot = self.slot(of: address)
    var replaced: Block?
    if slot.pointee.state == Self.emptyState {
      if usedCount >= (mask &+ 1) / 2 {
        renew()
        slot = self.slot(of: address)
      }
      usedCount &+= 1
      count &+= 1
    } else if slot.pointee.isLive {
      replaced = take(slot)
    } else {
      count &+= 1
    }
    slot.pointee = Slot(
      address: address,
      sizeAndCohort: UInt32(truncatingIfNeeded: min(block.byteCount, UInt64(Self.hugeSize)))
        | UInt32(block.cohort) &<< Self.cohortShift,
      state: block.site.rawValue &+ Self.firstSiteState)
    if block.byteCount >= UInt64(Self.hugeSize) { hugeByteCounts[address] = block.byteCount }
    return replaced
  }

  /// Forgets the block at an address and returns it; nil if there is none.
  ///
  /// - Complexity: constant on average.
  @inline(__always)
  mutating func remove(_ address: UInt64) -> Block? {
    let slot = self.slot(of: address)
    guard slot.pointee.isLive else { return nil }
    let removed = take(slot)
    slot.pointee.state = Self.endedState
    count &-= 1
    return removed
  }

  /// Whether the table outgrew the nearer caches, so that fetching ahead pays.
  var isLarge: Bool { mask >= Self.largeCapacity }

  /// Has the memory brought nearer in which the block at an address stands or would.
  @inline(__always)
  func prefetch(_ address: UInt64) {
    memtrace_prefetch(slots + home(of: address))
  }

  /// The site of the block at an address, where that is found at the first look.
  @inline(__always)
  func siteAtFirstLook(_ address: UInt64) -> SiteIndex? {
    let slot = slots[home(of: address)]
    guard slot.address == address, slot.isLive else { return nil }
    return SiteIndex(rawValue: slot.state &- Self.firstSiteState)
  }

  /// Calls `body` with every block, in no order.
  func forEach(_ body: (UInt64, Block) -> Void) {
    for index in 0...mask where slots[index].isLive {
      body(slots[index].address, block(in: slots[index]))
    }
  }

  /// Slots there are; for tests.
  var capacity: Int { mask + 1 }

  /// Traps if a block could not be found where it stands; for tests.
  func checkInvariants() {
    var seen = (live: 0, used: 0)
    for index in 0...mask where slots[index].state != Self.emptyState {
      seen.used += 1
      if slots[index].isLive { seen.live += 1 }
      var probe = home(of: slots[index].address)
      while probe != index {
        precondition(slots[probe].state != Self.emptyState, "a gap before a block")
        precondition(slots[probe].address != slots[index].address, "an address twice")
        probe = (probe + 1) & mask
      }
    }
    precondition(seen == (count, usedCount), "count of blocks")
    precondition(usedCount <= (mask + 1) / 2, "too full")
    let hugeCount = (0...mask).count {
      slots[$0].isLive && slots[$0].size == Self.hugeSize
    }
    precondition(hugeCount == hugeByteCounts.count, "count of huge blocks")
  }

  // MARK: Slots

  /// Where the block at an address stands, lately stood, or would stand.
  @inline(__always)
  private func slot(of address: UInt64) -> UnsafeMutablePointer<Slot> {
    var index = home(of: address)
    while slots[index].address != address || slots[index].state == Self.emptyState {
      if slots[index].state == Self.emptyState { break }
      index = (index &+ 1) & mask
    }
    return slots + index
  }

  /// The block in a slot that is to hold another, or none.
  @inline(__always)
  private mutating func take(_ slot: UnsafeMutablePointer<Slot>) -> Block {
    let block = self.block(in: slot.pointee)
    if slot.pointee.size == Self.hugeSize { hugeByteCounts[slot.pointee.address] = nil }
    return block
  }

  @inline(__always)
  private func block(in slot: Slot) -> Block {
    let isHuge = slot.size == Self.hugeSize
    return Block(
      byteCount: isHuge ? hugeByteCounts[slot.address] ?? 0 : UInt64(slot.size),
      site: SiteIndex(rawValue: slot.state &- Self.firstSiteState),
      cohort: UInt8(truncatingIfNeeded: slot.sizeAndCohort &>> Self.cohortShift))
  }

  /// The slot an address would like to stand in.
  @inline(__always)
  private func home(of address: UInt64) -> Int {
    // Both halves of the product: its low bits alone would ignore the address's high ones. Of the
    // low half those in the middle: the lowest stay the same from one aligned address to the next.
    let product = (address &+ multiplier).multipliedFullWidth(by: multiplier)
    return Int(truncatingIfNeeded: product.high ^ product.low &>> 32) & mask
  }

  /// Puts the living into a new table, of which they take an eighth to a quarter.
  @inline(never)
  private mutating func renew() {
    let old = slots
    let oldCapacity = mask + 1
    var capacity = Self.firstCapacity
    while capacity < 4 * count { capacity *= 2 }
    slots = Self.emptySlots(capacity)
    mask = capacity - 1
    for oldIndex in 0..<oldCapacity where old[oldIndex].isLive {
      var index = home(of: old[oldIndex].address)
      while slots[index].state != Self.emptyState { index = (index &+ 1) & mask }
      slots[index] = old[oldIndex]
    }
    usedCount = count
    renewedCount &+= oldCapacity
    Self.free(old, oldCapacity)
  }

  private static func emptySlots(_ capacity: Int) -> UnsafeMutablePointer<Slot> {
    // Zeros are empty slots.
    LargeMemory.zeroed(byteCount: capacity * MemoryLayout<Slot>.stride)
      .bindMemory(to: Slot.self, capacity: capacity)
  }

  private static func free(_ slots: UnsafeMutablePointer<Slot>, _ capacity: Int) {
    LargeMemory.free(slots, byteCount: capacity * MemoryLayout<Slot>.stride)
  }
}
