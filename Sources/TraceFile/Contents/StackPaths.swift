// SPDX-License-Identifier: Apache-2.0
//
// The part of the stack trie that some stacks go through. What is to be known of a million stacks
// with two dozen frames each is worked out once for every step of their common paths, not once
// for every frame of every stack.

/// The steps from the outermost frames to some stacks, callers before what they call.
package struct StackPaths: Sendable {
  /// A frame of one or many stacks.
  package struct Step: Hashable, Sendable {
    /// Index of the step outside it, which is lower; `outside` or `missing` where there is none.
    package var caller: UInt32
    /// What it stands for, as `setMeanings` was told; `noMeaning` for what is no frame.
    package var meaning: UInt32
  }

  /// The step outside of all others; it stands for nothing.
  package static let outside: UInt32 = 0
  /// The step that stands for frames that are not in the trace.
  package static let missing: UInt32 = 1
  package static let noMeaning = UInt32.max

  /// By index; the first two are `outside` and `missing`.
  ///
  /// A root of the trie has a step to which no other leads.
  package private(set) var steps: [Step]
  /// Whether what two places or epochs stand for was the same.
  private(set) var areMeaningsShared = false
  private let places: [StackPlace]
  private let nodes: NodeSet
  /// By index how often images had been unloaded; empty where that is 0 for all.
  private let epochs: [UInt32]
  /// The steps and stacks that `add` made.
  private var addedSteps: [Step: UInt32] = [:]
  private var addedStacks: [StackID: UInt32] = [:]

  /// The paths of `stacks`, ids that `table` does not hold left out.
  ///
  /// - Complexity: O(n) for n nodes that the stacks go through, and a bit for every node.
  package init(_ stacks: some Sequence<StackID>, in table: StackTable) {
    let trie = table.trie
    let nodes = NodeSet(through: stacks, in: trie)
    let places = trie.places
    let hasEpochs = places.contains { $0.epoch > 0 }
    var epochs = [UInt32](repeating: 0, count: hasEpochs ? nodes.count + 2 : 0)
    var steps: [Step] = []
    steps.reserveCapacity(nodes.count + 2)
    for index in [Self.outside, Self.missing] {
      steps.append(Step(caller: index, meaning: Self.noMeaning))
    }
    nodes.forEach { node in
      let number = trie.placeNumber(of: node)
      var step = Step(caller: trie.isCut(node) ? Self.missing : Self.outside, meaning: number)
      let place = places[Int(number)]
      if place.isRoot {
        step = Step(
          caller: place.isTruncated ? Self.missing : Self.outside, meaning: Self.noMeaning)
        if hasEpochs { epochs[steps.count] = place.epoch }
      } else if case let caller = trie.caller(of: node), caller != 0 {
        let outer = Self.index(ofRank: nodes.rank(of: caller))
        if hasEpochs { epochs[steps.count] = epochs[Int(outer)] }
        step.caller = Self.skippingRoot(outer, in: steps)
      }
      steps.append(step)
    }
    self.nodes = nodes
    self.places = places
    self.epochs = epochs
    self.steps = steps
  }

  /// The step that a stack ends with, its innermost frame; `nil` for a stack not asked for.
  package func index(of stack: StackID) -> UInt32? {
    guard nodes.contains(stack.rawValue) else { return addedStacks[stack] }
    return Self.skippingRoot(Self.index(ofRank: nodes.rank(of: stack.rawValue)), in: steps)
  }

  /// What a root says of the frames inside it instead of the root.
  private static func skippingRoot(_ index: UInt32, in steps: [Step]) -> UInt32 {
    let step = steps[Int(index)]
    return step.meaning == noMeaning ? step.caller : index
  }

  private static func index(ofRank rank: UInt32) -> UInt32 { rank &+ 2 }

  /// Gives each frame the meaning that `meaning` says for its place and epoch; once only.
  package mutating func setMeanings(_ meaning: (StackFrame, _ epoch: UInt32) -> UInt32) {
    var seen: Set<UInt32> = []
    func note(_ found: UInt32) -> UInt32 {
      if !seen.insert(found).inserted { areMeaningsShared = true }
      return found
    }
    guard !epochs.isEmpty else {
      // A place means the same everywhere.
      var known = [UInt32](repeating: Self.noMeaning, count: places.count)
      for index in 2..<steps.count where steps[index].meaning != Self.noMeaning {
        let number = Int(steps[index].meaning)
        if known[number] == Self.noMeaning {
          known[number] = note(meaning(places[number].frame, 0))
        }
        steps[index].meaning = known[number]
      }
      return
    }
    var known: [UInt64: UInt32] = [:]
    for index in 2..<steps.count where steps[index].meaning != Self.noMeaning {
      let number = steps[index].meaning
      let key = UInt64(number) << 32 | UInt64(epochs[index])
      let found = known[key] ?? note(meaning(places[Int(number)].frame, epochs[index]))
      known[key] = found
      steps[index].meaning = found
    }
    // Paths from two roots may be the same step by step.
    areMeaningsShared = true
  }

  /// Adds a stack that goes the way of one of those asked for, where some frames stand for
  /// something else.
  ///
  /// To be called when the meanings are set.
  ///
  /// - Parameters:
  ///   - added: an id that the table does not hold.
  ///   - stack: the one asked for.
  ///   - change: what a frame stands for here, by what it stands for in `stack`: the same, or
  ///     what no frame of the table stands for.
  /// - Complexity: O(n) for n frames; those outside of the first that differs are shared.
  package mutating func add(
    _ added: StackID, like stack: StackID, _ change: (_ meaning: UInt32) -> UInt32
  ) {
    guard var index = index(of: stack) else { return }
    var path: [UInt32] = []
    while index > Self.missing {
      path.append(index)
      index = steps[Int(index)].caller
    }
    var caller = index
    for index in path.reversed() {
      let step = steps[Int(index)]
      let changed = Step(caller: caller, meaning: change(step.meaning))
      caller = changed == step ? index : addedIndex(of: changed)
    }
    addedStacks[added] = caller
  }

  private mutating func addedIndex(of step: Step) -> UInt32 {
    if let known = addedSteps[step] { return known }
    let index = UInt32(truncatingIfNeeded: steps.count)
    steps.append(step)
    addedSteps[step] = index
    return index
  }
}
