// SPDX-License-Identifier: Apache-2.0
//
// The note by which builds of a file are told apart.

import CElfutils

enum BuildIDNote {
  /// The build-id in the ELF file that `elf` is libelf's handle of; empty when it has none.
  static func read(from elf: OpaquePointer) -> [UInt8] {
    var bytes: UnsafeRawPointer?
    let byteCount = dwelf_elf_gnu_build_id(elf, &bytes)
    guard byteCount > 0, let bytes else { return [] }
    return Array(UnsafeRawBufferPointer(start: bytes, count: byteCount))
  }
}
