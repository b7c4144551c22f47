// SPDX-License-Identifier: Apache-2.0
//
// Which names an address of generated code has had, one after the other: its maker frees code and
// puts other code in its place. V8 gives each interpreted function a copy of one small routine, so
// what comes next often has the very same return address.

/// The names of generated code through time.
package struct GeneratedCodeHistory: Sendable {
  /// One name, written down when the code was made.
  package struct Entry: Sendable {
    package var start: UInt64
    package var byteCount: UInt64
    package var name: String
    /// On any clock that only rises.
    package var time: UInt64

    package init(start: UInt64, byteCount: UInt64, name: String, time: UInt64) {
      self.start = start
      self.byteCount = byteCount
      self.name = name
      self.time = time
    }

    fileprivate var end: UInt64 {
      let (end, overflow) = start.addingReportingOverflow(byteCount)
      return overflow ? .max : end
    }
  }

  /// A name of an address, from `time` until the next version's.
  package struct Version: Hashable, Sendable {
    package var time: UInt64
    /// One entry with this name, the same for all that have it.
    package var entry: Int
  }

  /// Entries looked at for all addresses together, for each entry there is.
  ///
  /// Real code stays far below it. Where it is used up an address has its last name only.
  private static let stepsPerEntry = 64

  /// By start; of equal ones the one written first is first.
  private let entries: [Entry]
  /// The place of each among all in the order of writing.
  private let ranks: [Int]
  /// For the middle of each part of `entries`, halved again and again: the part's highest end.
  private var highestEnds: [UInt64]
  private let latest: GeneratedCodeNames
  private var remainingSteps: Int
  /// By entry, as far as they were asked for.
  private var representatives: [Int: Int] = [:]
  private var firstEntries: [GeneratedCodeName: Int] = [:]
  /// Whether some name was left out for want of steps.
  package private(set) var isIncomplete = false

  /// Entries in any order; of equal times the one given last was written last.
  ///
  /// - Complexity: O(n log n)
  package init(_ entries: [Entry]) {
    let written = entries.enumerated().sorted { ($0.1.time, $0.0) < ($1.1.time, $1.0) }
      .map(\.element)
    latest = GeneratedCodeNames(entries: written.map { ($0.start, $0.byteCount, $0.name) })
    ranks = written.indices.sorted { (written[$0].start, $0) < (written[$1].start, $1) }
    self.entries = ranks.map { written[$0] }
    remainingSteps = Self.stepsPerEntry * entries.count + 10_000
    highestEnds = [UInt64](repeating: 0, count: entries.count)
    _ = fillHighestEnds(0..<entries.count)
  }

  package var count: Int { entries.count }

  /// Whether there may be any address with more than one name.
  package var mayChange: Bool {
    var end: UInt64 = 0
    for entry in entries {
      if entry.start < end { return true }
      end = max(end, entry.end)
    }
    return false
  }

  /// The names that the code at `address` had, in the order of time; neighbors differ in what a
  /// frame shows, so one alone is its name at all times.
  package mutating func versions(at address: CodeAddress) -> [Version] {
    var covering: [Int] = []
    collect(covering: address.lookupAddress, in: 0..<entries.count, into: &covering)
    if remainingSteps <= 0 {
      isIncomplete = true
      return []
    }
    covering.sort { ranks[$0] < ranks[$1] }
    var versions: [Version] = []
    for index in covering {
      let entry = representative(of: index)
      if versions.last?.entry != entry {
        versions.append(Version(time: entries[index].time, entry: entry))
      }
    }
    return versions
  }

  /// One entry for all whose names read the same.
  ///
  /// Compiled again, the code of a function has another mark: the text alone would not do.
  private mutating func representative(of entry: Int) -> Int {
    if let known = representatives[entry] { return known }
    let name = GeneratedCodeName(entries[entry].name)
    let first = firstEntries[name] ?? entry
    firstEntries[name] = first
    representatives[entry] = first
    return first
  }

  /// The function that the code at `address` is of by one of its names.
  package func frame(at address: CodeAddress, entry: Int) -> Frame {
    GeneratedCodeName(entries[entry].name).frame(at: address.address)
  }

  /// The function that the code at `address` is of by its last name; nil when it has none.
  package func latestFrame(at address: CodeAddress) -> Frame? {
    latest.frame(at: address)
  }

  // MARK: A tree of halves, by start

  private mutating func fillHighestEnds(_ part: Range<Int>) -> UInt64 {
    guard !part.isEmpty else { return 0 }
    let middle = part.lowerBound + part.count / 2
    let highest = max(
      entries[middle].end, fillHighestEnds(part.lowerBound..<middle),
      fillHighestEnds(middle + 1..<part.upperBound))
    highestEnds[middle] = highest
    return highest
  }

  private mutating func collect(
    covering address: UInt64, in part: Range<Int>, into found: inout [Int]
  ) {
    guard !part.isEmpty, remainingSteps > 0 else { return }
    let middle = part.lowerBound + part.count / 2
    guard highestEnds[middle] > address else { return }
    remainingSteps -= 1
    collect(covering: address, in: part.lowerBound..<middle, into: &found)
    guard entries[middle].start <= address else { return }
    if entries[middle].end > address { found.append(middle) }
    collect(covering: address, in: middle + 1..<part.upperBound, into: &found)
  }
}
