// SPDX-License-Identifier: Apache-2.0
//
// One stack of addresses may have been several of functions: a program that makes code frees some of
// it and puts other code in its place. Before events are entered into the books, each gets the
// stack as it was meant at its time, so that blocks of two functions never share a site.

import Symbolication
import TraceFile

/// Gives each meaning of a stack an id of its own, behind those of the trace.
struct StackMeanings {
  /// A stack in which some address had several names.
  private struct ChangingStack {
    /// The frames concerned, and which of `versions` are theirs.
    var frames: [(address: CodeAddress, versions: Int)]
    /// Meanings that were met, by the entry that names each frame.
    var known: [[Int32]: StackID] = [:]
    /// The meaning asked for last, and between which instants it holds.
    var last = StackID(0)
    var from: UInt64 = 1
    var until: UInt64 = 0
  }

  private struct Meaning {
    var stack: StackID
    /// Index into `changing`.
    var changing: Int
    /// The entries of the history that name its frames.
    var entries: [Int32]
  }

  private struct Place: Hashable {
    var frame: StackFrame
    var epoch: UInt32
  }

  private static let notLookedAt: UInt32 = 0
  private static let unchanging: UInt32 = 1
  private static let firstChanging: UInt32 = 2
  /// Frames of a stack that may have several names; a damaged trace may have more.
  private static let frameLimit = 1024
  /// Names of frames to be kept, for each name in the trace: one replaces few at a time.
  private static let entriesPerName = 64

  let stacks: StackTable
  let images: ImageMap
  /// The first id behind those of the trace.
  private let end: StackID
  private(set) var history: GeneratedCodeHistory
  /// Whether blocks were left under the last name of their code, because there were too many names.
  var isIncomplete: Bool { history.isIncomplete || hasLeftOut }
  private var hasLeftOut = false
  private var remainingEntries: Int
  /// Whether any stack can have more than one meaning.
  private let isNeeded: Bool
  /// By id: one of the constants above, or an index into `changing` behind them.
  private var states: [UInt32] = []
  private var changing: [ChangingStack] = []
  private var meanings: [Meaning] = []
  /// Names by time of addresses with several; which are whose.
  private var versions: [[GeneratedCodeHistory.Version]] = []
  private var versionsOfPlace: [Place: Int?] = [:]
  private var scratch: [TraceEvent] = []

  init(stacks: StackTable, images: [Image], history: GeneratedCodeHistory) {
    self.stacks = stacks
    self.images = ImageMap(images)
    end = StackID(UInt32(truncatingIfNeeded: stacks.idLimit))
    self.history = history
    isNeeded = history.mayChange
    remainingEntries = Self.entriesPerName * history.count + 10_000
    if isNeeded { states = [UInt32](repeating: 0, count: stacks.idLimit) }
  }

  /// Passes events on to `body`, each with the id of what its stack meant at its time.
  mutating func tellApart(
    _ events: UnsafeBufferPointer<TraceEvent>, _ body: (UnsafeBufferPointer<TraceEvent>) -> Void
  ) {
    guard isNeeded, events.contains(where: { mayChange($0) }) else { return body(events) }
    scratch.removeAll(keepingCapacity: true)
    scratch.append(contentsOf: events)
    for index in scratch.indices where mayChange(scratch[index]) {
      scratch[index].stack = meaning(of: scratch[index].stack, at: scratch[index].ticks.rawValue)
    }
    scratch.withUnsafeBufferPointer(body)
  }

  /// One id for all equal stacks of one meaning; 0 for one that the trace does not hold.
  ///
  /// For stacks as `tellApart` gives them.
  var canonical: (StackID) -> StackID {
    { [stacks, end, isNeeded] stack in
      if stacks.contains(stack) { return stacks.canonical(stack) }
      return isNeeded && stack >= end ? stack : StackID(0)
    }
  }

  /// The trace's own id of a stack.
  func traceID(of stack: StackID) -> StackID { meaning(stack)?.stack ?? stack }

  /// Which entries of the history name the addresses of a stack that had several names.
  func entries(of stack: StackID) -> [CodeAddress: Int] {
    guard let meaning = meaning(stack) else { return [:] }
    let addresses = changing[meaning.changing].frames.map(\.address)
    return Dictionary(zip(addresses, meaning.entries.map(Int.init))) { $1 }
  }

  private func meaning(_ stack: StackID) -> Meaning? {
    guard stack >= end, case let index = Int(stack.rawValue - end.rawValue),
      index < meanings.count
    else { return nil }
    return meanings[index]
  }

  /// Whether the stack of an event must be looked at; what begins nothing has none.
  @inline(__always)
  private func mayChange(_ event: borrowing TraceEvent) -> Bool {
    let id = Int(event.stack.rawValue)
    return id != 0 && (id >= states.count || states[id] != Self.unchanging)
  }

  private mutating func meaning(of stack: StackID, at time: UInt64) -> StackID {
    guard stacks.contains(stack) else { return StackID(0) }
    let id = Int(stack.rawValue)
    if states[id] == Self.notLookedAt { states[id] = state(of: stack) }
    guard states[id] >= Self.firstChanging else { return stack }
    let index = Int(states[id] - Self.firstChanging)
    if changing[index].from <= time, time < changing[index].until { return changing[index].last }
    return lookUp(index, stacks.canonical(stack), at: time)
  }

  /// Looks at a stack for the first time.
  private mutating func state(of stack: StackID) -> UInt32 {
    let equal = Int(stacks.canonical(stack).rawValue)
    if equal != Int(stack.rawValue), states[equal] != Self.notLookedAt { return states[equal] }
    let epoch = stacks.epoch(of: stack)
    var frames: [(CodeAddress, Int)] = []
    for frame in stacks.frames(of: stack) {
      guard frames.count < Self.frameLimit else { break }
      let place = Place(frame: frame, epoch: epoch)
      let code = CodeAddress(frame, in: images, epoch: epoch)
      let list: Int?
      if let known = versionsOfPlace[place] {
        list = known
      } else {
        list = code.image == nil ? addVersions(of: code) : nil
        versionsOfPlace[place] = .some(list)
      }
      if let list { frames.append((code, list)) }
    }
    var state = Self.unchanging
    if !frames.isEmpty {
      state = Self.firstChanging + UInt32(changing.count)
      changing.append(ChangingStack(frames: frames))
    }
    states[equal] = state
    return state
  }

  private mutating func addVersions(of address: CodeAddress) -> Int? {
    let list = history.versions(at: address)
    guard list.count > 1 else { return nil }
    versions.append(list)
    return versions.count - 1
  }

  private mutating func lookUp(_ index: Int, _ stack: StackID, at time: UInt64) -> StackID {
    var from: UInt64 = 0
    var until = UInt64.max
    var entries: [Int32] = []
    for frame in changing[index].frames {
      let list = versions[frame.versions]
      // What was met before its first name was written has that one.
      let place = max(0, list.partitioningIndex { $0.time > time } - 1)
      if place > 0 { from = max(from, list[place].time) }
      if place + 1 < list.count { until = min(until, list[place + 1].time) }
      entries.append(Int32(truncatingIfNeeded: list[place].entry))
    }
    let id = changing[index].known[entries] ?? add(entries, index, stack)
    changing[index].last = id
    (changing[index].from, changing[index].until) = (from, until)
    return id
  }

  private mutating func add(_ entries: [Int32], _ index: Int, _ stack: StackID) -> StackID {
    guard remainingEntries >= entries.count else {
      hasLeftOut = true
      return stack
    }
    remainingEntries -= entries.count
    meanings.append(Meaning(stack: stack, changing: index, entries: entries))
    let id = StackID(end.rawValue + UInt32(meanings.count - 1))
    changing[index].known[entries] = id
    return id
  }
}

extension Array {
  /// The first index whose element is one of those behind, which all are true for `isBehind`.
  fileprivate func partitioningIndex(where isBehind: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
