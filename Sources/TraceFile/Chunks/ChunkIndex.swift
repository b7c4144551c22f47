// SPDX-License-Identifier: Apache-2.0
//
// What stands where in a trace: one walk over its chunks, sorted by kind, contents unread.

import CTraceFormat

/// The chunks of a trace by kind, each in file order, and the gaps between them.
struct ChunkIndex {
  private(set) var windows: [ChunkHeader] = []
  private(set) var stacks: [ChunkHeader] = []
  private(set) var codeNames: [ChunkHeader] = []
  private(set) var events: [SealedEvents] = []
  private(set) var processes: [ChunkHeader] = []
  private(set) var images: [ChunkHeader] = []
  private(set) var marks: [ChunkHeader] = []
  private(set) var samples: [ChunkHeader] = []
  private(set) var jsMemory: [ChunkHeader] = []
  private(set) var collections: [ChunkHeader] = []
  /// Padding left out.
  private(set) var gaps: [ChunkWalker.Gap] = []

  /// Walks `file` once.
  init(of file: FileBytes, fileByteCount: UInt64) {
    for piece in ChunkWalker(file, fileByteCount: fileByteCount) {
      switch piece {
      case .chunk(let chunk): add(chunk, of: file)
      case .gap(let gap): if !gap.isPadding { gaps.append(gap) }
      }
    }
  }

  private mutating func add(_ chunk: ChunkHeader, of file: FileBytes) {
    switch UInt32(chunk.kind) {
    case MT_CHUNK_WINDOW.rawValue: windows.append(chunk)
    case MT_CHUNK_STACKS.rawValue: stacks.append(chunk)
    case MT_CHUNK_CODE_NAMES.rawValue: codeNames.append(chunk)
    case MT_CHUNK_EVENTS.rawValue: events.append(SealedEvents(chunk, of: file))
    case MT_CHUNK_PROCESS.rawValue: processes.append(chunk)
    case MT_CHUNK_IMAGE.rawValue: images.append(chunk)
    case MT_CHUNK_MARK.rawValue: marks.append(chunk)
    case MT_CHUNK_SAMPLE.rawValue: samples.append(chunk)
    case MT_CHUNK_JS_MEMORY.rawValue: jsMemory.append(chunk)
    case MT_CHUNK_GC.rawValue: collections.append(chunk)
    // Not needed after all, or of a later version of the format: it may be skipped.
    default: break
    }
  }
}
