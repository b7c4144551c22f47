// SPDX-License-Identifier: Apache-2.0
//
// Debug information that dwz moved into a file which several programs share. libdw finds it, by
// name too, and does not look whether it is the right one: names would come from anywhere in it.

import CElfutils

/// The shared file of some debug information, if it refers to one.
struct SharedDebugFile {
  private static let nameByteLimit = 4096

  /// The file's name, when it was not found or is another.
  let missing: String?
  /// What libdw reads instead of a file that is another.
  private let substitute: MemoryDwarf?

  /// Makes sure that `dwarf` is read with the file it names, or with none.
  init(of dwarf: OpaquePointer?) {
    var name: UnsafePointer<CChar>?
    var buildID: UnsafeRawPointer?
    let byteCount = dwarf == nil ? 0 : dwelf_dwarf_gnu_debugaltlink(dwarf, &name, &buildID)
    guard byteCount > 0, let buildID else {
      missing = nil
      substitute = nil
      return
    }
    let expected = UnsafeRawBufferPointer(start: buildID, count: byteCount)
    let found = dwarf_getalt(dwarf)
    guard let found, let elf = dwarf_getelf(found),
      BuildIDNote.read(from: elf).elementsEqual(expected)
    else {
      missing = String(dwarfString: name, byteLimit: Self.nameByteLimit) ?? "?"
      substitute = found == nil ? nil : MemoryDwarf.empty()
      if let substitute { dwarf_setalt(dwarf, substitute.dwarf) }
      return
    }
    missing = nil
    substitute = nil
  }
}
