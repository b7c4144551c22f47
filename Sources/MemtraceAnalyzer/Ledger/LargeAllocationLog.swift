// SPDX-License-Identifier: Apache-2.0
//
// Remembers the single allocations from a threshold on: when, where, and whether they were freed.
// Bounded: of very many it keeps the largest, and counts them all.

import TraceFile

/// Single large blocks, while a trace is replayed.
struct LargeAllocationLog {
  /// One large block.
  struct Entry: Hashable {
    var stack: StackID
    var byteCount: UInt64
    var ticks: Ticks
    /// nil while it is outstanding.
    var endTicks: Ticks?
  }

  static let defaultThreshold: UInt64 = 16 << 20
  static let defaultLimit = 1000

  let threshold: UInt64
  private let limit: Int
  private(set) var totalCount: UInt64 = 0
  private(set) var totalBytes: UInt64 = 0
  private var live: [Address: Entry] = [:]
  private var ended: [Entry] = []

  init(threshold: UInt64 = defaultThreshold, limit: Int = defaultLimit) {
    self.threshold = threshold
    self.limit = max(1, limit)
  }

  mutating func began(
    _ address: Address, _ byteCount: UInt64, _ stack: StackID, at ticks: Ticks
  ) {
    totalCount &+= 1
    totalBytes &+= byteCount
    live[address] = Entry(stack: stack, byteCount: byteCount, ticks: ticks)
    if live.count + ended.count > 4 * limit { prune() }
  }

  mutating func ended(_ address: Address, at ticks: Ticks) {
    guard var entry = live.removeValue(forKey: address) else { return }
    entry.endTicks = ticks
    ended.append(entry)
  }

  /// The largest ones, the largest first; of equal ones the earlier first.
  func largest() -> [Entry] {
    let all = Array(live.values) + ended
    return Array(all.sorted(by: Self.isLarger).prefix(limit))
  }

  /// Drops what can no longer be among the largest.
  private mutating func prune() {
    let kept = largest()
    guard let smallest = kept.last else { return }
    live = live.filter { !Self.isLarger(smallest, $0.value) }
    ended = ended.filter { !Self.isLarger(smallest, $0) }
    // Equal entries may be left over; which of them stay makes no difference.
    if ended.count > 2 * limit { ended.removeLast(ended.count - 2 * limit) }
  }

  private static func isLarger(_ left: Entry, _ right: Entry) -> Bool {
    if left.byteCount != right.byteCount { return left.byteCount > right.byteCount }
    if left.ticks != right.ticks { return left.ticks < right.ticks }
    return left.stack < right.stack
  }
}
