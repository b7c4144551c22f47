// SPDX-License-Identifier: Apache-2.0
//
// Picks the few frames of a stack that tell a reader where to look: those of the program's own
// code first, native and JavaScript both, and says how many it left out between them.

import Symbolication

/// A stack in a few lines.
struct DecisiveFrames {
  let lines: [StackLine]

  /// - Parameters:
  ///   - frames: innermost first.
  ///   - limit: most frames to keep; nil: all, but for plumbing where that is folded.
  ///   - folds: whether plumbing is passed over as long as there is anything else.
  init(_ frames: [Frame], limit: Int?, folds: Bool = true) {
    let entries = CollapsedStack(frames).entries
    let kept =
      folds
      ? Self.choose(entries, limit: limit ?? .max)
      : Array(entries.indices.prefix(limit ?? .max))
    var lines: [StackLine] = []
    var next = 0
    for index in kept {
      lines += Self.gap(entries, next..<index, kept: kept, folds: folds)
      lines.append(.frame(entries[index].frame))
      if let (count, times) = entries[index].repetition {
        lines.append(.repeated(count, times: times))
      }
      next = index + 1
    }
    lines += Self.gap(entries, next..<entries.count, kept: kept, folds: folds, isLast: true)
    self.lines = lines
  }

  /// The lines for entries that are left out.
  private static func gap(
    _ entries: [CollapsedStack.Entry], _ range: Range<Int>, kept: [Int], folds: Bool,
    isLast: Bool = false
  ) -> [StackLine] {
    var lines: [StackLine] = []
    var left: [CollapsedStack.Entry] = []
    for index in range {
      var entry = entries[index]
      // What calls main is in every stack, and below an allocation lies its allocator: leaving
      // them out goes without saying.
      if isLast, folds, entry.rank == .plumbing(.startUp) { continue }
      if range.lowerBound == 0, left.isEmpty, lines.isEmpty, folds,
        entry.rank == .plumbing(.allocator), entry.repetition == nil
      {
        continue
      }
      guard let (count, times) = entry.repetition,
        kept.contains(where: { index - count < $0 && $0 <= index })
      else {
        left.append(entry)
        continue
      }
      // The end of a group that has been shown in part.
      entry.repetition = nil
      lines.append(line(for: left + [entry], folds: folds))
      lines.append(.repeated(count, times: times))
      left = []
    }
    return left.isEmpty ? lines : lines + [line(for: left, folds: folds)]
  }

  private static func line(for entries: [CollapsedStack.Entry], folds: Bool) -> StackLine {
    let count = entries.reduce(0) { $0 + 1 + $1.hiddenCount }
    guard folds, entries.allSatisfy(\.rank.isPlumbing) else { return .omitted(count) }
    var parts: [PlumbingPart] = []
    for part in entries.compactMap(\.rank.part) where !parts.contains(part) { parts.append(part) }
    return .folded(count, parts)
  }

  /// Indices of the entries to keep, in order.
  private static func choose(_ entries: [CollapsedStack.Entry], limit: Int) -> [Int] {
    func indices(_ rank: FrameRank, _ kind: Frame.Kind? = nil) -> [Int] {
      entries.indices.filter {
        entries[$0].rank == rank && (kind == nil || entries[$0].frame.kind == kind)
      }
    }
    let native = indices(.own, .native)
    let script = indices(.own, .javascript)
    var kept = Choice(limit: limit)
    // Of both kinds some, so that an add-on's function and its JavaScript caller both show.
    kept.add(native, upTo: script.isEmpty ? limit : limit / 2 + limit % 2)
    kept.add(script, upTo: limit)
    kept.add(native, upTo: limit)
    // The function that asked for the memory, such as strdup, says what kind of memory it is.
    let innermost = entries.indices.first {
      entries[$0].frame.function != nil && !(entries[$0].rank.part?.isWrapper ?? false)
        && entries[$0].rank != .plumbing(.startUp)
    }
    if let innermost { kept.insist(on: innermost) }
    kept.add(indices(.library), upTo: limit)
    guard native.isEmpty, script.isEmpty else { return kept.sorted }
    // Nothing but plumbing: then that, and addresses if need be.
    let plumbing = entries.indices.filter {
      entries[$0].rank.isPlumbing && entries[$0].rank != .plumbing(.startUp)
    }
    let named = plumbing.filter { entries[$0].frame.function != nil }
    kept.add(
      named.filter { !(entries[$0].rank.part?.isWrapper ?? false) }, upTo: max(3, kept.count))
    kept.add(named, upTo: max(1, kept.count))
    kept.add(plumbing, upTo: max(2, kept.count))
    kept.add(indices(.plumbing(.startUp)), upTo: max(1, kept.count))
    return kept.sorted
  }
}

/// Indices as they are chosen, no more than a limit.
private struct Choice {
  let limit: Int
  private var order: [Int] = []
  private var members: Set<Int> = []

  init(limit: Int) { self.limit = limit }

  var count: Int { order.count }
  var sorted: [Int] { order.sorted() }

  /// Takes candidates until there are `count` in all.
  mutating func add(_ candidates: [Int], upTo count: Int) {
    for index in candidates {
      if order.count >= min(count, limit) { return }
      if members.insert(index).inserted { order.append(index) }
    }
  }

  /// Takes one, instead of the last chosen where there is no room but for a few.
  mutating func insist(on index: Int) {
    guard order.count < limit || limit > 2, members.insert(index).inserted else { return }
    if order.count >= limit { members.remove(order.removeLast()) }
    order.append(index)
  }
}
