// SPDX-License-Identifier: Apache-2.0
//
// What is found out about many stacks at once, against the same found out stack by stack.

import CTraceFormat
import MemtraceTestSupport
import Testing

@testable import TraceFile

@Suite struct StackPathsTests {
  /// The meanings of a stack's frames, innermost first, and whether outer ones are missing.
  private struct Path: Hashable {
    var meanings: [UInt32] = []
    var isMissing = false

    init(_ stack: StackID, in paths: StackPaths) {
      var index = paths.index(of: stack) ?? StackPaths.outside
      while index > StackPaths.missing {
        meanings.append(paths.steps[Int(index)].meaning)
        index = paths.steps[Int(index)].caller
      }
      isMissing = index == StackPaths.missing
    }
  }

  /// Random stacks of few addresses: of several epochs, truncated, with nodes twice.
  private func nodes(_ generator: inout SplitMix64) -> (StackNodes, [StackID]) {
    var nodes = StackNodes()
    var stacks: [StackID] = []
    for _ in 0..<400 {
      let depth = Int.random(in: 1...6, using: &generator)
      let frames = (0..<depth).map { _ in UInt64.random(in: 1...4, using: &generator) }
      stacks.append(
        nodes.stack(
          frames, epoch: generator.next() % 3 == 0 ? 2 : 0,
          isTruncated: generator.next() % 5 == 0, isAnew: generator.next() % 4 == 0))
    }
    return (nodes, stacks)
  }

  @Test func aPathHasTheFramesOfItsStack() {
    var generator = SplitMix64(seed: 1)
    let (nodes, stacks) = nodes(&generator)
    let table = nodes.table
    let asked = stacks.filter { $0.rawValue % 2 == 0 }
    var paths = StackPaths(asked, in: table)
    var epochs: Set<UInt32> = []
    paths.setMeanings { frame, epoch in
      epochs.insert(epoch)
      return UInt32(frame.address.rawValue) + 100 * epoch
    }
    #expect(epochs == [0, 2])
    for stack in asked {
      let path = Path(stack, in: paths)
      let offset = 100 * UInt64(table.epoch(of: stack))
      #expect(
        path.meanings.map(UInt64.init)
          == table.frames(of: stack).map { $0.address.rawValue + offset })
      #expect(path.isMissing == table.isTruncated(stack))
    }
    #expect(paths.index(of: StackID(1_000_000)) == nil)
    #expect(paths.steps.count < nodes.records.count)
  }

  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func stacksWithOneNumberLookTheSame(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let (nodes, stacks) = nodes(&generator)
    let canonical = Set(stacks.map { nodes.table.canonical($0) })
    var paths = StackPaths(canonical, in: nodes.table)
    // Epochs that make no difference, or do.
    paths.setMeanings { frame, epoch in
      UInt32(frame.address.rawValue) + (seed % 2 == 0 ? 0 : 4 * (epoch / 2)) - 1
    }
    let looks = (0..<8).map { _ in UInt32(generator.next() % (seed % 3 + 6)) }
    var lists: [[UInt32]: Set<StackID>] = [:]
    var numbers: [UInt32: Set<StackID>] = [:]
    let byStep = paths.numbers(byLooks: looks)
    for stack in canonical {
      let path = Path(stack, in: paths)
      let look = path.meanings.map { looks[Int($0)] } + [path.isMissing ? 100 : 200]
      lists[look, default: []].insert(stack)
      let index = paths.index(of: stack) ?? 0
      numbers[byStep?[Int(index)] ?? index, default: []].insert(stack)
    }
    #expect(Set(lists.values) == Set(numbers.values))
    #expect(lists.count < canonical.count)
  }

  @Test func whereAllLooksDifferNoStacksAreTheSame() {
    var nodes = StackNodes()
    let stacks = (1...100 as ClosedRange<UInt64>).map { nodes.stack([$0, $0 % 7 + 200, 300]) }
    var paths = StackPaths(stacks, in: nodes.table)
    var count: UInt32 = 0
    paths.setMeanings { _, _ in
      count += 1
      return count - 1
    }
    #expect(paths.numbers(byLooks: Array(0..<count)) == nil)
    // Only stacks through the address that looks like another can be the same as another.
    var looks = Array(0..<count)
    looks[Int(Path(stacks[4], in: paths).meanings[0])] = Path(stacks[11], in: paths).meanings[0]
    let numbers = paths.numbers(byLooks: looks) ?? []
    let found = stacks.map { numbers[Int(paths.index(of: $0) ?? 0)] }
    #expect(Set(found).count == 99)
    #expect(found[4] == found[11])
  }

  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func stacksOfOtherMeaningsAreNumberedAmongTheRest(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let (nodes, stacks) = nodes(&generator)
    let table = nodes.table
    let canonical = Set(stacks.map { table.canonical($0) })
    var paths = StackPaths(canonical, in: table)
    paths.setMeanings { frame, epoch in UInt32(frame.address.rawValue) - 1 }
    var all = Dictionary(uniqueKeysWithValues: canonical.map { ($0, Path($0, in: paths)) })
    let stepCount = paths.steps.count
    // Frames that mean 0 or 1 may mean 4 to 7 instead.
    for (index, stack) in canonical.enumerated() {
      let changes = [4 + UInt32(generator.next() % 2), 6 + UInt32(generator.next() % 2)]
      let changed = generator.next() % 3
      let added = StackID(UInt32(table.idLimit + index))
      var expected = Path(stack, in: paths)
      func change(_ meaning: UInt32) -> UInt32 {
        meaning < changed ? changes[Int(meaning)] : meaning
      }
      expected.meanings = expected.meanings.map(change)
      paths.add(added, like: stack, change)
      #expect(Path(added, in: paths) == expected)
      all[added] = expected
    }
    for stack in canonical { #expect(Path(stack, in: paths) == all[stack]) }
    #expect(paths.steps.count > stepCount)
    #expect(
      paths.steps.enumerated().dropFirst(2).allSatisfy { Int($0.element.caller) < $0.offset })

    let looks = (0..<8).map { _ in UInt32(generator.next() % (seed % 3 + 6)) }
    let byStep = paths.numbers(byLooks: looks)
    var lists: [[UInt32]: Set<StackID>] = [:]
    var numbers: [UInt32: Set<StackID>] = [:]
    for (stack, path) in all {
      let look = path.meanings.map { looks[Int($0)] } + [path.isMissing ? 100 : 200]
      lists[look, default: []].insert(stack)
      let index = paths.index(of: stack) ?? 0
      numbers[byStep?[Int(index)] ?? index, default: []].insert(stack)
    }
    #expect(Set(lists.values) == Set(numbers.values))
  }

  @Test func addedStacksShareWhatIsOutsideOfTheirFirstDifference() {
    var nodes = StackNodes()
    let stacks = [1, 2].map { nodes.stack([$0, 50, 60, 70]) }
    var paths = StackPaths(stacks, in: nodes.table)
    paths.setMeanings { frame, _ in UInt32(frame.address.rawValue) }
    let count = paths.steps.count
    for (index, stack) in stacks.enumerated() {
      paths.add(StackID(UInt32(1000 + index)), like: stack) { $0 == 50 ? 51 : $0 }
    }
    // The frame that differs, and the two inside of it.
    #expect(paths.steps.count == count + 3)
    #expect(Path(StackID(1001), in: paths).meanings == [2, 51, 60, 70])
    #expect(paths.numbers(byLooks: Array(0..<100)) == nil)
    paths.add(StackID(2000), like: StackID(900)) { $0 }
    #expect(paths.index(of: StackID(2000)) == nil)
  }

  @Test func aRootWithoutFramesIsAStackOfNone() {
    var nodes = StackNodes()
    let cut = nodes.stack([], isTruncated: true)
    let inner = nodes.stack([7], isTruncated: true)
    let paths = StackPaths([cut, inner], in: nodes.table)
    #expect(paths.index(of: cut) == StackPaths.missing)
    #expect(Path(inner, in: paths).meanings.count == 1)
    #expect(Path(inner, in: paths).isMissing)
  }
}
