// SPDX-License-Identifier: Apache-2.0
//
// What the resident memory of a process consists of. Some parts are known exactly, some only as
// address space that need not be resident; what is left over is shown as that.

import TraceFile

/// One part of the resident memory.
package struct MemoryPart: Hashable, Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    /// Blocks that are outstanding, as the program asked for them.
    case malloc
    /// What the allocator adds to them: headers, rounding.
    case allocatorOverhead = "allocator-overhead"
    /// Free, but not given back to the system.
    case allocatorFree = "allocator-free"
    case javaScriptHeap = "javascript-heap"
    case mmap
    /// Code, files and shared memory.
    case files
    case unexplained
  }

  package var kind: Kind
  package var startBytes: UInt64
  package var endBytes: UInt64

  package var growthBytes: Int64 { Int64(clamping: endBytes) - Int64(clamping: startBytes) }
}

/// The parts at one instant.
struct ResidentMemory {
  private(set) var bytes: [MemoryPart.Kind: UInt64] = [:]
  let rss: UInt64

  /// The parts at the instant of `sample`, when `live` bytes were outstanding.
  ///
  /// `arena` is the latest sample with the allocator's own books, which are taken more rarely.
  init(_ sample: Sample, arena: Sample?, live: UInt64, javaScriptHeap: UInt64, mmap: UInt64) {
    rss = sample[.rssBytes] ?? 0
    let files: UInt64
    if let file = sample[.fileBytes] {
      files = file &+ (sample[.shmemBytes] ?? 0)
    } else {
      files = sample[.rssSharedBytes] ?? 0
    }
    var left = rss
    /// Takes as much of what is left as there is.
    func take(_ kind: MemoryPart.Kind, _ byteCount: UInt64) {
      let taken = min(byteCount, left)
      bytes[kind] = taken
      left -= taken
    }
    take(.files, files)
    take(.malloc, live)
    let used = (arena?[.arenaUsedBytes] ?? 0) &+ (arena?[.arenaMappedBytes] ?? 0)
    // Another allocator than glibc's leaves its books empty.
    let isGlibc = used >= live / 2 && used > 0
    // More than a half over what was asked for is not overhead: the sample is of another time.
    take(.allocatorOverhead, isGlibc && used > live ? min(used - live, live / 2) : 0)
    take(.javaScriptHeap, javaScriptHeap)
    take(.allocatorFree, isGlibc ? arena?[.arenaFreeBytes] ?? 0 : 0)
    take(.mmap, mmap)
    bytes[.unexplained] = left
  }

  static func parts(from start: ResidentMemory, to end: ResidentMemory) -> [MemoryPart] {
    MemoryPart.Kind.allCases.compactMap { kind in
      let part = MemoryPart(
        kind: kind, startBytes: start.bytes[kind] ?? 0, endBytes: end.bytes[kind] ?? 0)
      return part.startBytes == 0 && part.endBytes == 0 ? nil : part
    }
  }
}
