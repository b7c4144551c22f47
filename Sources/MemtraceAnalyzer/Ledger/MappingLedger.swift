// SPDX-License-Identifier: Apache-2.0
//
// Keeps the books of mappings: which stack mapped what is still mapped. A range may be unmapped in
// parts and mapped over, so ranges are split where events cut them. Beside the heap, never in it:
// what an allocator hands out as blocks it has mapped before.

import CTraceFormat
import TraceFile

/// The mapped address space while a trace is replayed.
struct MappingLedger {
  /// What was mapped from an instant on.
  struct Step {
    let ticks: Ticks
    let byteCount: UInt64
  }

  private(set) var totals = MappingTotals()
  private var sites: [StackID: MappingTotals] = [:]
  private var ranges = MappingRangeTable()
  private let start: Ticks
  private let last: Ticks
  private let canonical: (StackID) -> StackID
  /// Stacks whose mappings changed since `takeChanges` was last called.
  private var changed: Set<StackID> = []
  private let followsChanges: Bool
  /// What was mapped since `takeSteps` was last called, whenever that changed.
  private var steps: [Step] = []
  private let followsSteps: Bool
  /// What mremap took away last: its new place is of the same kind.
  private var lastRemappedKind = MappingKind.anonymous

  /// - Parameters:
  ///   - start: what is mapped earlier is not counted.
  ///   - last: what is mapped later is not either.
  ///   - followsChanges: whether `takeChanges` is going to be called.
  ///   - followsSteps: whether `takeSteps` is.
  ///   - canonical: one id for all equal stacks.
  init(
    start: Ticks = Ticks(0), last: Ticks = Ticks(.max), followsChanges: Bool = false,
    followsSteps: Bool = false, canonical: @escaping (StackID) -> StackID = { $0 }
  ) {
    self.start = start
    self.last = last
    self.followsChanges = followsChanges
    self.followsSteps = followsSteps
    self.canonical = canonical
  }

  /// Enters one event into the books; those of heap blocks are not for this ledger.
  mutating func apply(_ event: borrowing TraceEvent) {
    let begin = event.address.rawValue
    let end = begin &+ event.byteCount
    guard begin < end else { return }
    switch event.kind {
    case .mapped: map(begin, end, event)
    case .unmapped:
      let isRemap = event.function.rawValue == UInt8(MT_MREMAP_UNMAP.rawValue)
      let cut = clear(begin, end)
      if isRemap, let cut { lastRemappedKind = cut }
    case .allocated, .freed, .folded, .foldedPeak: return
    }
    guard followsSteps else { return }
    steps.append(Step(ticks: event.ticks, byteCount: totals.anonymousBytes &+ totals.fileBytes))
  }

  private mutating func map(_ begin: UInt64, _ end: UInt64, _ event: borrowing TraceEvent) {
    let replaced = clear(begin, end)
    var kind = MappingKind(bits: event.mapping)
    if event.function.rawValue == UInt8(MT_MREMAP.rawValue), event.mapping == 0 {
      kind = replaced ?? lastRemappedKind
    }
    let ticks = event.ticks
    let isCounted = start <= ticks && ticks <= last
    let stack = canonical(event.stack)
    let range = MappingRangeTable.Range(
      start: begin, end: end, stack: stack, kind: kind, isCounted: isCounted)
    ranges.insert(range)
    guard isCounted else { return }
    totals.mappedCount &+= 1
    totals.mappedBytes &+= range.byteCount
    sites[stack, default: MappingTotals()].mappedCount &+= 1
    sites[stack, default: MappingTotals()].mappedBytes &+= range.byteCount
    add(range)
  }

  /// Unmaps whatever lies in a range, and returns the kind of the first piece.
  private mutating func clear(_ begin: UInt64, _ end: UInt64) -> MappingKind? {
    let cut = ranges.takeOverlapping(begin, end)
    for range in cut {
      remove(range)
      if range.start < begin {
        var below = range
        below.end = begin
        ranges.insert(below)
        add(below)
      }
      if range.end > end {
        var above = range
        above.start = end
        ranges.insert(above)
        add(above)
      }
    }
    return cut.first?.kind
  }

  private mutating func add(_ range: MappingRangeTable.Range) {
    guard range.isCounted else { return }
    totals.add(range.byteCount, range.kind)
    sites[range.stack, default: MappingTotals()].add(range.byteCount, range.kind)
    if followsChanges { changed.insert(range.stack) }
  }

  private mutating func remove(_ range: MappingRangeTable.Range) {
    guard range.isCounted else { return }
    totals.remove(range.byteCount, range.kind)
    sites[range.stack, default: MappingTotals()].remove(range.byteCount, range.kind)
    if followsChanges { changed.insert(range.stack) }
  }

  /// Calls `body` with the books of each stack whose mappings changed since the last call; only with
  /// `followsChanges`.
  mutating func takeChanges(_ body: (StackID, MappingTotals) -> Void) {
    for stack in changed { body(stack, sites[stack] ?? MappingTotals()) }
    changed.removeAll(keepingCapacity: true)
  }

  /// How much was mapped, anonymous and of files, whenever that changed since the last call.
  mutating func takeSteps() -> [Step] {
    defer { steps = [] }
    return steps
  }

  /// Stacks with something still mapped, the largest first.
  func outstandingSites() -> [(stack: StackID, totals: MappingTotals)] {
    sites.filter { $0.value.outstandingCount > 0 }
      .sorted {
        if $0.value.outstandingBytes != $1.value.outstandingBytes {
          return $0.value.outstandingBytes > $1.value.outstandingBytes
        }
        return $0.key < $1.key
      }
      .map { ($0.key, $0.value) }
  }

  /// Stacks with something still mapped.
  var outstandingSiteCount: Int { sites.values.count { $0.outstandingCount > 0 } }

  /// Traps if the books contradict each other; for tests.
  func checkInvariants() {
    ranges.checkInvariants()
    let counted = ranges.all.filter(\.isCounted)
    precondition(UInt64(counted.count) == totals.outstandingCount, "pieces")
    precondition(counted.reduce(0) { $0 &+ $1.byteCount } == totals.outstandingBytes, "bytes")
    precondition(
      sites.values.reduce(0) { $0 &+ $1.outstandingBytes } == totals.outstandingBytes, "by stack")
    precondition(
      MappingKind.allCases.reduce(0) { $0 &+ totals[$1] } == totals.outstandingBytes, "by kind")
  }
}
