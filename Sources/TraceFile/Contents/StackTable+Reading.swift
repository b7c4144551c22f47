// SPDX-License-Identifier: Apache-2.0
//
// Gathers the nodes of the stack trie from the chunks they are spread over.

import CTraceFormat

extension StackTable {
  private static let nodesPerChunk = Int(MT_NODES_PER_CHUNK)

  /// The nodes in `chunks` of `file`; what cannot be read is added to `damage`.
  init(_ chunks: [ChunkHeader], of file: FileBytes, damage: inout [TraceDamage]) {
    let ordinals = chunks.map { Self.ordinal(of: $0, in: file, amongCount: chunks.count) }
    let idLimit = ((ordinals.compactMap { $0 }.max() ?? -1) + 1) * Self.nodesPerChunk
    var builder = StackTrieBuilder(idLimit: idLimit)
    var nodeCounts: [Int: Int] = [:]
    let buffer = ByteBuffer()
    for (chunk, ordinal) in zip(chunks, ordinals) {
      guard let ordinal,
        buffer.fill(from: file, at: chunk.offset, byteCount: Int(MT_STACKS_BYTE_COUNT))
      else {
        damage.append(.malformedChunk(byteOffset: chunk.offset, kind: chunk.kind))
        continue
      }
      let start = Int(MT_NODE_FIRST_SLOT)
      buffer.bytes.withMemoryRebound(to: mt_node.self) { slots in
        let nodes = UnsafeBufferPointer(rebasing: slots[start...])
        if nodeCounts[ordinal] != nil {
          // Two threads may have made one each; only one of them was used.
          if buffer.bytes[(start * MemoryLayout<mt_node>.stride)...].allSatisfy({ $0 == 0 }) {
            return
          }
          if nodeCounts[ordinal] ?? 0 > 0 {
            damage.append(.duplicateChunk(byteOffset: chunk.offset, kind: chunk.kind))
            return
          }
        }
        nodeCounts[ordinal] = builder.add(nodes, from: ordinal * Self.nodesPerChunk + start)
      }
    }
    self.init(builder.trie())
    if brokenNodeCount > 0 { damage.append(.brokenStacks(count: brokenNodeCount)) }
  }

  /// Which chunk of nodes `chunk` is; `nil` if it cannot be one.
  private static func ordinal(
    of chunk: ChunkHeader, in file: FileBytes, amongCount chunkCount: Int
  ) -> Int? {
    // A table is as long as its highest ordinal says, so that must not come from damage: some
    // chunks may be missing, not most of them.
    let limit = min(2 * chunkCount + 16, Int(UInt32.max) / nodesPerChunk)
    let bytes = file.read(at: chunk.offset, byteCount: MemoryLayout<mt_stacks>.size)
    guard chunk.byteCount == MT_STACKS_BYTE_COUNT, bytes.count == MemoryLayout<mt_stacks>.size
    else { return nil }
    let ordinal = bytes.withUnsafeBytes { $0.loadUnaligned(as: mt_stacks.self).ordinal }
    return ordinal < limit ? Int(ordinal) : nil
  }
}
