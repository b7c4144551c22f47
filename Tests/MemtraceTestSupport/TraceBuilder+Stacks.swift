// SPDX-License-Identifier: Apache-2.0
//
// Stacks of a trace under construction.

import CTraceFormat
import TraceFile

/// A stack trie under construction: gives equal stacks equal ids unless told otherwise.
package struct StackNodes {
  /// By id; ids that fall on a chunk's header are not given out.
  package private(set) var records: [mt_node] = []
  private var ids: [Key: UInt32] = [:]

  private struct Key: Hashable {
    var address: UInt64
    var parent: UInt32
    var flags: UInt32
  }

  package init() {}

  /// The table a reader makes of it.
  package var table: StackTable { StackTable(nodes: records) }

  /// The id of the stack with `frames`, innermost first.
  ///
  /// `exact` are the indices of frames that were interrupted, not called from; `isAnew` makes new
  /// nodes for it even if it is known.
  package mutating func stack(
    _ frames: [UInt64], epoch: UInt32 = 0, isTruncated: Bool = false, exact: Set<Int> = [],
    isAnew: Bool = false
  ) -> StackID {
    var parent: UInt32 = 0
    if epoch > 0 || isTruncated {
      let truncated = isTruncated ? MT_NODE_TRUNCATED.rawValue : 0
      parent = node(UInt64(epoch), 0, MT_NODE_ROOT.rawValue | truncated, isAnew)
    }
    for (index, address) in frames.enumerated().reversed() {
      let flags = MT_NODE_FRAME.rawValue | (exact.contains(index) ? MT_NODE_EXACT.rawValue : 0)
      parent = node(address, parent, flags, isAnew)
    }
    return StackID(parent)
  }

  private mutating func node(
    _ address: UInt64, _ parent: UInt32, _ flags: UInt32, _ isAnew: Bool
  ) -> UInt32 {
    let key = Key(address: address, parent: parent, flags: flags)
    if !isAnew, let id = ids[key] { return id }
    while records.count % Int(MT_NODES_PER_CHUNK) < Int(MT_NODE_FIRST_SLOT) {
      records.append(mt_node())
    }
    let id = UInt32(records.count)
    records.append(mt_node(address: address, parent: parent, flags: flags))
    ids[key] = id
    return id
  }
}

extension TraceBuilder {
  /// The id of the stack with `frames`, innermost first; its nodes stand in the trace.
  package func stack(
    _ frames: [UInt64], epoch: UInt32 = 0, isTruncated: Bool = false, exact: Set<Int> = [],
    isAnew: Bool = false
  ) -> StackID {
    let before = nodes.records.count
    let stack = nodes.stack(
      frames, epoch: epoch, isTruncated: isTruncated, exact: exact, isAnew: isAnew)
    for id in before..<nodes.records.count where nodes.records[id].flags != 0 {
      let (ordinal, slot) = id.quotientAndRemainder(dividingBy: Int(MT_NODES_PER_CHUNK))
      if ordinal == stacksOffsets.count {
        stacksOffsets.append(stacksChunk(ordinal: UInt32(ordinal)))
      }
      store(nodes.records[id], at: stacksOffsets[ordinal] + slot * MemoryLayout<mt_node>.size)
    }
    return stack
  }

  /// Appends a chunk for stacks, with none in it.
  @discardableResult
  package func stacksChunk(ordinal: UInt32) -> Int {
    let offset = liveChunk(MT_CHUNK_STACKS, byteCount: Int(MT_STACKS_BYTE_COUNT))
    store(ordinal, at: offset + offsetOf(\mt_stacks.ordinal))
    return offset
  }
}
