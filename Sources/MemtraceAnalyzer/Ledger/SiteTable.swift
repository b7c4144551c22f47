// SPDX-License-Identifier: Apache-2.0
//
// Gives every stack that allocates a site, a small dense number with the stack's books behind it.
// Looked up once per event: a flat array from stack id to site, because ids are indices already.

import CPrefetch
import TraceFile

/// Stack ids to sites, and the books of each.
struct SiteTable: ~Copyable {
  /// Books stand in blocks of 2 MiB: a table that grows moves nothing, and takes no more memory
  /// than it needs.
  private static let blockBits = 15
  private static let blockCount = 1 << blockBits
  private static let blockByteCount = blockCount * MemoryLayout<SiteBook>.stride
  /// Sites whose books no longer fit into the nearer caches.
  private static let largeCount = 1 << 13

  /// Site of a stack id; 0 when the id was not met yet.
  private var sites: UnsafeMutablePointer<UInt32>
  private var siteCapacity: Int
  private var blocks: UnsafeMutablePointer<UnsafeMutablePointer<SiteBook>>
  private var blockCapacity = 16
  /// Of the first allocation of each site.
  private var firstTicks: [Ticks] = []
  private(set) var count = 0
  private let canonical: (StackID) -> StackID
  /// Where blocks without a known stack go.
  private var unknown = SiteIndex.unknown
  /// `SiteBook.attention` of a new site.
  private let attention: UInt8

  /// - Parameters:
  ///   - stackCount: one more than the highest stack id to come, if known.
  ///   - attention: who wants to hear of a new site's events, as `SiteBook` has it.
  ///   - canonical: one id for all equal stacks; 0 for one that the trace does not hold.
  ///     Those share one site, so that a damaged file cannot make this table grow.
  init(stackCount: Int = 0, attention: UInt8 = 0, canonical: @escaping (StackID) -> StackID) {
    self.canonical = canonical
    self.attention = attention
    siteCapacity = stackCount
    sites = Self.noSites(siteCapacity)
    blocks = .allocate(capacity: blockCapacity)
    _ = append(SiteBook(stack: StackID(0)), at: Ticks(.max))  // SiteIndex.uncounted
    _ = append(SiteBook(stack: StackID(0), attention: attention), at: Ticks(.max))  // .unknown
  }

  deinit {
    LargeMemory.free(sites, byteCount: siteCapacity * MemoryLayout<UInt32>.stride)
    for index in 0..<(count + Self.blockCount - 1) >> Self.blockBits {
      LargeMemory.free(blocks[index], byteCount: Self.blockByteCount)
    }
    blocks.deallocate()
  }

  /// The site of a stack that allocates; a new one when the stack was not met before.
  ///
  /// - Complexity: one array read, but for the first event of a stack.
  @inline(__always)
  mutating func site(of stack: StackID, at ticks: Ticks) -> SiteIndex {
    siteIfMet(stack) ?? newSite(of: stack, at: ticks)
  }

  /// The site of a stack, if it was met before.
  @inline(__always)
  func siteIfMet(_ stack: StackID) -> SiteIndex? {
    let id = Int(stack.rawValue)
    guard id < siteCapacity, sites[id] != 0 else { return nil }
    return SiteIndex(rawValue: sites[id])
  }

  subscript(site: SiteIndex) -> SiteBook {
    _read { yield book(of: site).pointee }
    _modify { yield &book(of: site).pointee }
  }

  /// When a site allocated first.
  func firstTicks(of site: SiteIndex) -> Ticks { firstTicks[Int(site.rawValue)] }

  /// Whether the table outgrew the nearer caches, so that fetching ahead pays.
  var isLarge: Bool { count >= Self.largeCount }

  /// Has the memory brought nearer that `siteIfMet` reads.
  @inline(__always)
  func prefetch(_ stack: StackID) {
    let id = Int(stack.rawValue)
    if id < siteCapacity { memtrace_prefetch(sites + id) }
  }

  /// Has a site's books brought nearer.
  @inline(__always)
  func prefetch(_ site: SiteIndex) {
    memtrace_prefetch(book(of: site))
  }

  /// Gives every stack a new site with its next block; the old ones keep the blocks they have.
  ///
  /// - Complexity: O(s) for stack ids up to s.
  mutating func forgetStacks() {
    sites.update(repeating: 0, count: siteCapacity)
    let index = append(SiteBook(stack: StackID(0), attention: attention), at: Ticks(.max))
    unknown = SiteIndex(rawValue: index)
  }

  /// Calls `body` with the books of all sites that ever had a block.
  func forEachUsed(_ body: (SiteTotals) -> Void) { forEachUsed { body($1) } }

  /// The same with each site's index, in ascending order.
  func forEachUsed(_ body: (SiteIndex, SiteTotals) -> Void) {
    for index in SiteIndex.unknown.rawValue..<UInt32(truncatingIfNeeded: count) {
      let site = SiteIndex(rawValue: index)
      guard self[site].allocationCount > 0 else { continue }
      body(site, SiteTotals(self[site], firstTicks: firstTicks(of: site)))
    }
  }

  @inline(__always)
  private func book(of site: SiteIndex) -> UnsafeMutablePointer<SiteBook> {
    let index = Int(site.rawValue)
    return blocks[index &>> Self.blockBits] + index & (Self.blockCount &- 1)
  }

  @inline(never)
  private mutating func newSite(of stack: StackID, at ticks: Ticks) -> SiteIndex {
    let equal = canonical(stack)
    guard stack.rawValue != 0, equal.rawValue != 0 else {
      let index = Int(unknown.rawValue)
      firstTicks[index] = min(firstTicks[index], ticks)
      return unknown
    }
    reserve(max(stack, equal))
    if sites[Int(equal.rawValue)] == 0 {
      sites[Int(equal.rawValue)] = append(
        SiteBook(stack: equal, attention: attention), at: ticks)
    }
    sites[Int(stack.rawValue)] = sites[Int(equal.rawValue)]
    return SiteIndex(rawValue: sites[Int(stack.rawValue)])
  }

  private mutating func append(_ book: SiteBook, at ticks: Ticks) -> UInt32 {
    if count & (Self.blockCount - 1) == 0 { appendBlock() }
    let index = UInt32(truncatingIfNeeded: count)
    self.book(of: SiteIndex(rawValue: index)).initialize(to: book)
    firstTicks.append(ticks)
    count += 1
    return index
  }

  private mutating func appendBlock() {
    let index = count >> Self.blockBits
    if index == blockCapacity {
      let larger = UnsafeMutablePointer<UnsafeMutablePointer<SiteBook>>
        .allocate(capacity: 2 * blockCapacity)
      larger.moveInitialize(from: blocks, count: blockCapacity)
      blocks.deallocate()
      blocks = larger
      blockCapacity *= 2
    }
    (blocks + index).initialize(
      to: LargeMemory.zeroed(byteCount: Self.blockByteCount)
        .bindMemory(to: SiteBook.self, capacity: Self.blockCount))
  }

  private mutating func reserve(_ stack: StackID) {
    let needed = Int(stack.rawValue) + 1
    guard needed > siteCapacity else { return }
    let capacity = max(needed, siteCapacity * 2, 1024)
    let larger = Self.noSites(capacity)
    larger.update(from: sites, count: siteCapacity)
    LargeMemory.free(sites, byteCount: siteCapacity * MemoryLayout<UInt32>.stride)
    sites = larger
    siteCapacity = capacity
  }

  private static func noSites(_ capacity: Int) -> UnsafeMutablePointer<UInt32> {
    LargeMemory.zeroed(byteCount: capacity * MemoryLayout<UInt32>.stride)
      .bindMemory(to: UInt32.self, capacity: capacity)
  }
}
