// SPDX-License-Identifier: Apache-2.0
//
// Gathers the nodes of the stack trie from the chunks they are spread over.

import CTraceFormat

extension StackTable {
  /// The nodes in `chunks` of `file`; what cannot be read is added to `damage`.
  init(_ chunks: [ChunkHeader], of file: FileBytes, damage: inout [TraceDamage]) {
    let nodesPerChunk = Int(MT_NODES_PER_CHUNK)
    // A table is as long as its highest ordinal says, so that must not come from damage: some
    // chunks may be missing, not most of them.
    let ordinalLimit = min(2 * chunks.count + 16, Int(UInt32.max) / nodesPerChunk)
    var nodes: [mt_node] = []
    var seen: Set<UInt32> = []
    let buffer = ByteBuffer()
    for chunk in chunks {
      guard chunk.byteCount == MT_STACKS_BYTE_COUNT,
        buffer.fill(from: file, at: chunk.offset, byteCount: Int(MT_STACKS_BYTE_COUNT)),
        case let ordinal = buffer.bytes.loadUnaligned(as: mt_stacks.self).ordinal,
        ordinal < ordinalLimit
      else {
        damage.append(.malformedChunk(byteOffset: chunk.offset, kind: chunk.kind))
        continue
      }
      let nodesStart = Int(MT_NODE_FIRST_SLOT) * MemoryLayout<mt_node>.stride
      let content = UnsafeRawBufferPointer(rebasing: buffer.bytes[nodesStart...])
      let first = Int(ordinal) * nodesPerChunk
      if !seen.insert(ordinal).inserted {
        // Two threads may have made one each; only one of them was used.
        if content.allSatisfy({ $0 == 0 }) { continue }
        if nodes[first..<first + nodesPerChunk].contains(where: { $0.flags != 0 }) {
          damage.append(.duplicateChunk(byteOffset: chunk.offset, kind: chunk.kind))
          continue
        }
      }
      if nodes.count < first + nodesPerChunk {
        nodes += repeatElement(mt_node(), count: first + nodesPerChunk - nodes.count)
      }
      nodes.withUnsafeMutableBytes {
        let start = first * MemoryLayout<mt_node>.stride + nodesStart
        UnsafeMutableRawBufferPointer(rebasing: $0[start...]).copyMemory(from: content)
      }
    }
    // Most of the last chunk is not written yet.
    let isWritten = { (node: mt_node) in node.flags != 0 }
    nodes.removeLast(nodes.count - (nodes.lastIndex(where: isWritten) ?? -1) - 1)
    self.init(nodes: nodes)
    if brokenNodeCount > 0 { damage.append(.brokenStacks(count: brokenNodeCount)) }
  }
}
