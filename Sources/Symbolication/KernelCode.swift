// SPDX-License-Identifier: Apache-2.0
//
// The shared object that the kernel maps into every process (vdso). It is in no file; the copy in
// this process is the one in the traced process if it has the same build-id.

import CElfutils
import Glibc

enum KernelCode {
  /// What the kernels of all architectures stay far below.
  private static let byteLimit = 1 << 20

  /// A file in memory with this process's copy; nil when there is none.
  static func openCopy() -> Int32? {
    let address = getauxval(UInt(AT_SYSINFO_EHDR))
    guard let start = UnsafeRawPointer(bitPattern: UInt(address)) else { return nil }
    let header = start.loadUnaligned(as: Elf64_Ehdr.self)
    // The section headers stand at its end.
    let byteCount = Int(header.e_shoff) + Int(header.e_shnum) * Int(header.e_shentsize)
    guard byteCount > MemoryLayout<Elf64_Ehdr>.size, byteCount < byteLimit else { return nil }
    let descriptor = mt_open_memory("vdso")
    guard descriptor >= 0 else { return nil }
    guard write(descriptor, start, byteCount) == byteCount else {
      close(descriptor)
      return nil
    }
    return descriptor
  }
}
