// SPDX-License-Identifier: Apache-2.0

import CTraceFormat
import MemtraceTestSupport
import Testing

@testable import TraceFile

@Suite struct StackTableTests {
  private func addresses(_ stack: StackID, in table: StackTable) -> [UInt64] {
    table.frames(of: stack).map(\.address.rawValue)
  }

  @Test func framesComeInnermostFirst() {
    var nodes = StackNodes()
    let stack = nodes.stack([1, 2, 3])
    #expect(addresses(stack, in: nodes.table) == [1, 2, 3])
  }

  @Test func stacksThatShareCallersShareNodes() {
    var nodes = StackNodes()
    let first = nodes.stack([1, 2, 3])
    let second = nodes.stack([9, 2, 3])
    #expect(second.rawValue == first.rawValue + 1)
    #expect(addresses(second, in: nodes.table) == [9, 2, 3])
  }

  @Test func noStackHasNoFrames() {
    let table = StackNodes().table
    #expect(addresses(StackID(0), in: table) == [])
    #expect(table.contains(StackID(0)))
    #expect(table.canonical(StackID(0)) == StackID(0))
  }

  @Test func aStackThatIsNotThereHasNoFramesAndIsNotContained() {
    var nodes = StackNodes()
    _ = nodes.stack([1])
    for id in [1, 3, 5, 4095, UInt32.max] {
      #expect(addresses(StackID(id), in: nodes.table) == [])
      #expect(!nodes.table.contains(StackID(id)))
      #expect(nodes.table.epoch(of: StackID(id)) == 0)
      #expect(!nodes.table.isTruncated(StackID(id)))
    }
  }

  @Test func theRootOfAStackTellsItsEpochAndIsNoFrame() {
    var nodes = StackNodes()
    let old = nodes.stack([1, 2])
    let new = nodes.stack([1, 2], epoch: 3)
    #expect(nodes.table.epoch(of: old) == 0)
    #expect(nodes.table.epoch(of: new) == 3)
    #expect(addresses(new, in: nodes.table) == [1, 2])
    #expect(nodes.table.canonical(old) != nodes.table.canonical(new))
  }

  @Test func aTruncatedStackIsKnownAsSuch() {
    var nodes = StackNodes()
    let whole = nodes.stack([1, 2])
    let cut = nodes.stack([1, 2], isTruncated: true)
    #expect(!nodes.table.isTruncated(whole))
    #expect(nodes.table.isTruncated(cut))
  }

  @Test func anInterruptedFrameIsExact() {
    var nodes = StackNodes()
    let stack = nodes.stack([1, 2, 3], exact: [1])
    #expect(nodes.table.frames(of: stack).map(\.isExact) == [false, true, false])
  }

  @Test func equalStacksHaveOneCanonicalID() {
    var nodes = StackNodes()
    let first = nodes.stack([1, 2, 3])
    let again = nodes.stack([1, 2, 3], isAnew: true)
    let third = nodes.stack([1, 2, 3], isAnew: true)
    let other = nodes.stack([1, 2, 4])
    #expect(first != again)
    let table = nodes.table
    #expect(table.canonical(again) == table.canonical(first))
    #expect(table.canonical(third) == table.canonical(first))
    #expect(table.canonical(other) != table.canonical(first))
  }

  @Test func stacksThatDifferInAnExactFrameOnlyAreNotEqual() {
    var nodes = StackNodes()
    let called = nodes.stack([1, 2])
    let interrupted = nodes.stack([1, 2], exact: [0])
    #expect(nodes.table.canonical(called) != nodes.table.canonical(interrupted))
  }

  @Test func aBranchBelowARepeatedNodeIsCanonicalToo() {
    var nodes = StackNodes()
    _ = nodes.stack([2, 3])
    let onFirst = nodes.stack([1, 2, 3])
    _ = nodes.stack([2, 3], isAnew: true)
    let onSecond = nodes.stack([1, 2, 3], isAnew: true)
    #expect(nodes.table.canonical(onFirst) == nodes.table.canonical(onSecond))
  }

  @Test(arguments: [5, 6, 7, 4096, UInt32.max, 2])
  func aCallerThatCannotBeCutsTheStack(parent: UInt32) {
    var records = [mt_node](repeating: mt_node(), count: 7)
    records[4] = mt_node(address: 44, parent: 0, flags: 1)
    records[5] = mt_node(address: 55, parent: parent, flags: 1)
    records[6] = mt_node(address: 66, parent: 5, flags: 1)
    let table = StackTable(nodes: records)
    #expect(addresses(StackID(6), in: table) == [66, 55])
    #expect(table.isTruncated(StackID(6)))
    #expect(table.brokenNodeCount == 1)
  }

  /// Tries of every shape are made in a few looks a node: no file makes that quadratic.
  @Test(arguments: [1, 2, 100, 1_000_000_000] as [UInt64])
  func aTableIsMadeInAFewLooksANode(addressCount: UInt64) {
    var generator = SplitMix64(seed: addressCount)
    var records = [mt_node](repeating: mt_node(), count: 200_000)
    for shape in ["chains", "one caller", "anywhere", "recent"] {
      for id in 4..<UInt32(records.count) where id % 4096 >= 4 {
        var parent: UInt32 =
          switch shape {
          case "chains": id % 50 == 0 ? 0 : id - 1
          case "one caller": id == 4 ? 0 : 4
          case "anywhere": UInt32(truncatingIfNeeded: generator.next() % UInt64(id))
          default: id - min(id, UInt32(truncatingIfNeeded: generator.next() % 64))
          }
        if parent % 4096 < 4 || parent == id { parent = 0 }
        records[Int(id)] = mt_node(
          address: generator.next() % addressCount, parent: parent, flags: 1)
      }
      let table = StackTable(nodes: records)
      #expect(table.brokenNodeCount == 0, "\(shape)")
      #expect(table.trie.probeCount < 20 * records.count, "\(shape)")
    }
  }

  @Test func stacksOfManyChunksAreReadFromATrace() throws {
    let trace = TraceBuilder()
    var stacks: [StackID] = []
    for index in 0..<10_000 as Range<UInt64> {
      stacks.append(trace.stack([index, 7, 8]))
      if index % 1000 == 0 { trace.mark("between", at: index) }
    }
    let file = try TemporaryTrace(trace).open()
    for (index, stack) in stacks.enumerated() {
      #expect(addresses(stack, in: file.stacks) == [UInt64(index), 7, 8])
    }
    #expect(trace.chunks(MT_CHUNK_STACKS).count == 3)
    #expect(file.damage.isEmpty)
  }

  @Test func aLostChunkOfStacksCutsThoseOnItAndIsDamage() throws {
    let trace = TraceBuilder()
    let low = trace.stack([1, 7])
    var high = low
    for index in 2..<5000 as Range<UInt64> { high = trace.stack([index, 7]) }
    let window = trace.window(thread: 1)
    window.malloc(0x10, 1, stack: low, at: 1)
    window.malloc(0x20, 1, stack: high, at: 2)
    trace.end(at: 3)
    let chunk = trace.chunks(MT_CHUNK_STACKS)[0]
    trace.flip(at: chunk.offset)
    let file = try TemporaryTrace(trace).open()
    #expect(addresses(high, in: file.stacks) == [4999])
    #expect(addresses(low, in: file.stacks) == [])
    #expect(file.damage.contains { if case .brokenStacks = $0 { true } else { false } })
    #expect(file.damage.contains { if case .unreadableBytes = $0 { true } else { false } })
    let statistics = try file.forEachEvent { _ in }
    #expect(statistics.eventCount == 2)
    #expect(statistics.unknownStackCount == 1)
    #expect(statistics.damage == [.unknownStacks(count: 1)])
  }

  @Test func anUnusedChunkOfAnOrdinalIsPassedOver() throws {
    for unusedFirst in [false, true] {
      let trace = TraceBuilder()
      if unusedFirst { trace.stacksChunk(ordinal: 0) }
      let stack = trace.stack([1, 2])
      if !unusedFirst { trace.stacksChunk(ordinal: 0) }
      let file = try TemporaryTrace(trace).open()
      #expect(addresses(stack, in: file.stacks) == [1, 2])
      #expect(file.damage.isEmpty)
    }
  }

  @Test func aSecondChunkOfAnOrdinalIsDamage() throws {
    let trace = TraceBuilder()
    let stack = trace.stack([1, 2])
    let second = trace.stacksChunk(ordinal: 0)
    trace.flip(at: second + 100)
    let file = try TemporaryTrace(trace).open()
    #expect(addresses(stack, in: file.stacks) == [1, 2])
    #expect(file.damage == [.duplicateChunk(byteOffset: UInt64(second), kind: 2)])
  }

  @Test func anOrdinalThatCannotBeMakesNoGiantTable() throws {
    let trace = TraceBuilder()
    _ = trace.stack([1])
    let offset = trace.chunks(MT_CHUNK_STACKS)[0].offset
    trace.bytes[offset + 35] = 0xff
    trace.end(at: 1)
    let file = try TemporaryTrace(trace).open()
    #expect(file.damage == [.malformedChunk(byteOffset: UInt64(offset), kind: 2)])
  }
}
