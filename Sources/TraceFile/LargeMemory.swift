// SPDX-License-Identifier: Apache-2.0
//
// Memory for big flat tables. Those are entered at random, so that the time goes
// into address translation once they outgrow the caches; large pages halve it.

import Glibc

/// Zeroed memory, straight from the kernel where it is large.
package enum LargeMemory {
  /// What large pages are.
  package static let pageByteCount = 2 << 20

  /// Memory full of zeros, to be given back with `free`; none of it is touched where it is large.
  ///
  /// Traps when there is none left.
  package static func zeroed(byteCount: Int) -> UnsafeMutableRawPointer {
    guard byteCount >= pageByteCount else {
      guard let memory = calloc(1, max(1, byteCount)) else { fail(byteCount) }
      return memory
    }
    // Room to begin on a large page: what is left over is never touched.
    let memory = mmap(
      nil, byteCount + pageByteCount, PROT_READ | PROT_WRITE,
      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let memory, memory != MAP_FAILED else { fail(byteCount) }
    let start = (Int(bitPattern: memory) + pageByteCount - 1) & ~(pageByteCount - 1)
    let before = start - Int(bitPattern: memory)
    if before > 0 { munmap(memory, before) }
    let aligned = memory + before
    // `mmap` has rounded up to whole pages.
    munmap(aligned + ((byteCount + 4095) & ~4095), pageByteCount - before)
    madvise(aligned, byteCount, MADV_HUGEPAGE)
    return aligned
  }

  /// Gives back what `zeroed` gave for so many bytes.
  package static func free(_ memory: UnsafeMutableRawPointer, byteCount: Int) {
    if byteCount >= pageByteCount {
      munmap(memory, byteCount)
    } else {
      Glibc.free(memory)
    }
  }

  private static func fail(_ byteCount: Int) -> Never {
    fatalError("out of memory: \(byteCount) bytes for a table")
  }
}
