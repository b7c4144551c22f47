// SPDX-License-Identifier: Apache-2.0
//
// Gives every stack that allocates a site, a small dense number with the stack's books behind it.
// Looked up once per event: a flat array from stack id to site, because ids are indices already.

import TraceFile

/// Stack ids to sites, and the totals of each.
struct SiteTable: ~Copyable {
  private static let noSite = UInt32.max

  /// Site of a stack id; `noSite` when the id was not met yet.
  private var sites: UnsafeMutablePointer<UInt32>
  private var siteCapacity = 0
  private var totals: UnsafeMutablePointer<SiteTotals>
  private var totalsCapacity: Int
  private(set) var count: Int
  private let canonical: (StackID) -> StackID

  /// - Parameter canonical: one id for all equal stacks; 0 for one that the trace does not hold.
  ///   Those share one site, so that a damaged file cannot make this table grow.
  init(canonical: @escaping (StackID) -> StackID) {
    self.canonical = canonical
    sites = .allocate(capacity: 0)
    totalsCapacity = 64
    totals = .allocate(capacity: totalsCapacity)
    count = 2
    totals[Int(SiteIndex.uncounted.rawValue)] = SiteTotals(stack: StackID(0))
    totals[Int(SiteIndex.unknown.rawValue)] = SiteTotals(stack: StackID(0))
  }

  deinit {
    sites.deallocate()
    totals.deallocate()
  }

  /// The site of a stack; a new one when the stack was not met before.
  ///
  /// - Complexity: one array read, but for the first event of a stack.
  @inline(__always)
  mutating func site(of stack: StackID) -> SiteIndex {
    let id = Int(stack.rawValue)
    if id < siteCapacity {
      let site = sites[id]
      if site != Self.noSite { return SiteIndex(rawValue: site) }
    }
    return newSite(of: stack)
  }

  subscript(site: SiteIndex) -> SiteTotals {
    _read { yield totals[Int(site.rawValue)] }
    _modify { yield &totals[Int(site.rawValue)] }
  }

  /// The books of all sites that ever had a block.
  func used() -> [SiteTotals] {
    var result: [SiteTotals] = []
    result.reserveCapacity(count)
    for index in Int(SiteIndex.unknown.rawValue)..<count where totals[index].allocationCount > 0 {
      result.append(totals[index])
    }
    return result
  }

  private mutating func newSite(of stack: StackID) -> SiteIndex {
    let equal = canonical(stack)
    guard stack.rawValue != 0, equal.rawValue != 0 else { return .unknown }
    reserve(max(stack, equal))
    if sites[Int(equal.rawValue)] == Self.noSite {
      sites[Int(equal.rawValue)] = append(SiteTotals(stack: equal))
    }
    sites[Int(stack.rawValue)] = sites[Int(equal.rawValue)]
    return SiteIndex(rawValue: sites[Int(stack.rawValue)])
  }

  private mutating func append(_ new: SiteTotals) -> UInt32 {
    if count == totalsCapacity {
      let larger = UnsafeMutablePointer<SiteTotals>.allocate(capacity: totalsCapacity * 2)
      larger.moveInitialize(from: totals, count: count)
      totals.deallocate()
      totals = larger
      totalsCapacity *= 2
    }
    totals[count] = new
    count += 1
    return UInt32(truncatingIfNeeded: count - 1)
  }

  private mutating func reserve(_ stack: StackID) {
    let needed = Int(stack.rawValue) + 1
    guard needed > siteCapacity else { return }
    let capacity = max(needed, siteCapacity * 2, 1024)
    let larger = UnsafeMutablePointer<UInt32>.allocate(capacity: capacity)
    larger.update(from: sites, count: siteCapacity)
    (larger + siteCapacity).update(repeating: Self.noSite, count: capacity - siteCapacity)
    sites.deallocate()
    sites = larger
    siteCapacity = capacity
  }
}
