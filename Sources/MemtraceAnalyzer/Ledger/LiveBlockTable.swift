// SPDX-License-Identifier: Apache-2.0
//
// The blocks that are allocated and not yet freed, by address: what HeapLedger pairs frees with.
// A flat table with linear probing, because it is entered twice for every block a program ever
// had: no object, no hashing protocol and no allocation per event. It knows nothing of totals.

#if canImport(Glibc)
  import Glibc
#endif

/// The live heap: address to size and site.
struct LiveBlockTable: ~Copyable {
  /// A block that is allocated.
  struct Block: Equatable {
    var byteCount: UInt64
    var site: SiteIndex
  }

  /// 16 bytes, so that four share a cache line.
  ///
  /// `site` of `emptySite` marks an empty slot.
  private struct Slot {
    var address: UInt64
    var byteCount: UInt32
    var site: UInt32
  }

  private static let emptySite = UInt32.max
  /// The size is in `hugeByteCounts`.
  private static let hugeByteCount = UInt32.max
  private static let firstCapacity = 1 << 12

  private var slots: UnsafeMutablePointer<Slot>
  private var mask: Int
  private var growthCount: Int
  private(set) var count = 0
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
    growthCount = Self.growthCount(Self.firstCapacity)
  }

  deinit {
    free(slots)
  }

  /// Remembers a block, and returns the one that stood at that address, if any.
  ///
  /// - Complexity: constant on average; doubling the table now and then.
  mutating func insert(_ address: UInt64, _ block: Block) -> Block? {
    if count >= growthCount { grow() }
    let byteCount: UInt32
    if block.byteCount < UInt64(Self.hugeByteCount) {
      byteCount = UInt32(truncatingIfNeeded: block.byteCount)
    } else {
      byteCount = Self.hugeByteCount
    }
    var index = home(of: address)
    while slots[index].site != Self.emptySite {
      if slots[index].address == address {
        let replaced = self.block(in: slots[index])
        if slots[index].byteCount == Self.hugeByteCount { hugeByteCounts[address] = nil }
        if byteCount == Self.hugeByteCount { hugeByteCounts[address] = block.byteCount }
        slots[index].byteCount = byteCount
        slots[index].site = block.site.rawValue
        return replaced
      }
      index = (index &+ 1) & mask
    }
    if byteCount == Self.hugeByteCount { hugeByteCounts[address] = block.byteCount }
    slots[index] = Slot(address: address, byteCount: byteCount, site: block.site.rawValue)
    count &+= 1
    return nil
  }

  /// Forgets the block at an address and returns it; nil if there is none.
  ///
  /// - Complexity: constant on average.
  mutating func remove(_ address: UInt64) -> Block? {
    var index = home(of: address)
    while true {
      let slot = slots[index]
      if slot.site == Self.emptySite { return nil }
      if slot.address == address {
        let removed = block(in: slot)
        if slot.byteCount == Self.hugeByteCount { hugeByteCounts[address] = nil }
        closeGap(at: index)
        count &-= 1
        return removed
      }
      index = (index &+ 1) & mask
    }
  }

  /// Whether the table outgrew the nearer caches, so that fetching ahead pays.
  var isLarge: Bool { mask >= 1 << 16 }

  /// Reads where the block at an address would stand.
  ///
  /// The value means nothing: what counts is that several such reads wait for memory together,
  /// and `insert` and `remove` then do not.
  @inline(__always)
  func touch(_ address: UInt64) -> UInt64 { slots[home(of: address)].address }

  /// Calls `body` with every block, in no order.
  func forEach(_ body: (UInt64, Block) -> Void) {
    for index in 0...mask where slots[index].site != Self.emptySite {
      body(slots[index].address, block(in: slots[index]))
    }
  }

  /// Traps if a block could not be found where it stands; for tests.
  func checkInvariants() {
    var seen = 0
    for index in 0...mask where slots[index].site != Self.emptySite {
      seen += 1
      var probe = home(of: slots[index].address)
      while probe != index {
        precondition(slots[probe].site != Self.emptySite, "a gap before a block")
        precondition(slots[probe].address != slots[index].address, "an address twice")
        probe = (probe + 1) & mask
      }
    }
    precondition(seen == count, "count of blocks")
    precondition(count <= growthCount, "too full")
  }

  @inline(__always)
  private func block(in slot: Slot) -> Block {
    let isHuge = slot.byteCount == Self.hugeByteCount
    return Block(
      byteCount: isHuge ? hugeByteCounts[slot.address] ?? 0 : UInt64(slot.byteCount),
      site: SiteIndex(rawValue: slot.site))
  }

  /// The slot an address would like to stand in.
  @inline(__always)
  private func home(of address: UInt64) -> Int {
    // Both halves of the product: its low bits alone would ignore the address's high ones.
    let product = (address &+ multiplier).multipliedFullWidth(by: multiplier)
    return Int(truncatingIfNeeded: product.high ^ product.low) & mask
  }

  /// Moves the blocks behind an emptied slot up, so that no search stops too early there.
  private mutating func closeGap(at removed: Int) {
    var gap = removed
    var index = removed
    while true {
      index = (index &+ 1) & mask
      if slots[index].site == Self.emptySite { break }
      let wanted = home(of: slots[index].address)
      // It may move into the gap unless its home lies behind the gap.
      if (index &- wanted) & mask >= (index &- gap) & mask {
        slots[gap] = slots[index]
        gap = index
      }
    }
    slots[gap].site = Self.emptySite
  }

  private mutating func grow() {
    let old = slots
    let oldMask = mask
    let capacity = (mask + 1) * 2
    slots = Self.emptySlots(capacity)
    mask = capacity - 1
    growthCount = Self.growthCount(capacity)
    for oldIndex in 0...oldMask where old[oldIndex].site != Self.emptySite {
      var index = home(of: old[oldIndex].address)
      while slots[index].site != Self.emptySite { index = (index &+ 1) & mask }
      slots[index] = old[oldIndex]
    }
    free(old)
  }

  /// Half full: then a search mostly ends where it begins.
  private static func growthCount(_ capacity: Int) -> Int { capacity / 2 }

  private static func emptySlots(_ capacity: Int) -> UnsafeMutablePointer<Slot> {
    let byteCount = capacity * MemoryLayout<Slot>.stride
    let memory = LargeMemory.allocate(byteCount: byteCount)
    memset(memory, 0xff, byteCount)  // emptySite everywhere
    return memory.bindMemory(to: Slot.self, capacity: capacity)
  }
}
