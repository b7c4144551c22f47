// SPDX-License-Identifier: Apache-2.0
//
// Memory for the ledger's big flat tables. Those are entered at random, so that the time goes
// into address translation once they outgrow the caches; large pages halve it.

#if canImport(Glibc)
  import Glibc
#endif

enum LargeMemory {
  private static let largePageByteCount = 2 << 20

  /// Memory to be given back with `free`, its content undefined.
  ///
  /// Traps when there is none left.
  static func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
    let isLarge = byteCount >= 2 * largePageByteCount
    let alignment = isLarge ? largePageByteCount : 64
    var memory: UnsafeMutableRawPointer?
    guard posix_memalign(&memory, alignment, byteCount) == 0, let memory else {
      fatalError("out of memory: \(byteCount) bytes for a table")
    }
    if isLarge { madvise(memory, byteCount, MADV_HUGEPAGE) }
    return memory
  }
}
