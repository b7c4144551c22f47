// SPDX-License-Identifier: Apache-2.0
//
// What libdwfl is told at the start of a session; it keeps pointers to it until the end.

import CElfutils
import Glibc

/// The callbacks of a libdwfl session and what they need, at addresses that do not change.
final class DwflSettings {
  let callbacks: UnsafeMutablePointer<Dwfl_Callbacks>
  private let searchPath: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  fileprivate let sysroot: String
  /// Whether a module is to do without a separate debug file.
  var refusesDebugFiles = false

  init(places: FilePlaces) {
    sysroot = places.sysroot
    searchPath = .allocate(capacity: 1)
    searchPath.initialize(to: strdup(places.debugSearchPath))
    callbacks = .allocate(capacity: 1)
    callbacks.initialize(to: Dwfl_Callbacks())
    callbacks.pointee.find_elf = dwfl_build_id_find_elf
    callbacks.pointee.find_debuginfo = findDebugFileOfModule
    callbacks.pointee.section_address = dwfl_offline_section_address
    callbacks.pointee.debuginfo_path = searchPath
  }

  deinit {
    callbacks.deallocate()
    free(searchPath.pointee)
    searchPath.deallocate()
  }

  /// Lets the callbacks of `module` find these settings, which must outlive it.
  func attach(to module: OpaquePointer) {
    var slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    dwfl_module_info(module, &slot, nil, nil, nil, nil, nil, nil)
    slot?.pointee = Unmanaged.passUnretained(self).toOpaque()
  }

  fileprivate static func attached(
    in slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
  ) -> DwflSettings? {
    slot?.pointee.map { Unmanaged<DwflSettings>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Looks for the debug file of `module`, whose file is at `path` and has this link to it.
  ///
  /// Gives a descriptor, the caller's to close; or a negative number. The module is of no use for
  /// names afterwards: libdwfl keeps the file it saw, not having opened it itself.
  func findDebugFile(
    of module: OpaquePointer, path: UnsafePointer<CChar>?, link: UnsafePointer<CChar>?,
    linkChecksum: GElf_Word
  ) -> Int32 {
    // Once it was told that there is none, libdwfl knows that it has no descriptor to close: it
    // would take 0 for one.
    var bias: Dwarf_Addr = 0
    refusesDebugFiles = true
    let own = dwfl_module_getdwarf(module, &bias)
    refusesDebugFiles = false
    guard own == nil else { return -1 }
    var slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    let name = dwfl_module_info(module, &slot, nil, nil, nil, nil, nil, nil)
    var debugPath: UnsafeMutablePointer<CChar>?
    defer { free(debugPath) }
    return findDebugFileOfModule(
      module: module, slot: slot, moduleName: name, base: 0, fileName: path, debugLink: link,
      debugLinkChecksum: linkChecksum, debugFileName: &debugPath)
  }
}

/// As `dwfl_standard_find_debuginfo`; but below a sysroot it is asked a second time with the file's
/// path inside it, so that `SYSROOT/usr/lib/debug/<path>` is found too, and what servers give is
/// looked at before it is believed.
private func findDebugFileOfModule(
  module: OpaquePointer?, slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
  moduleName: UnsafePointer<CChar>?, base: Dwarf_Addr, fileName: UnsafePointer<CChar>?,
  debugLink: UnsafePointer<CChar>?, debugLinkChecksum: GElf_Word,
  debugFileName: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  guard let settings = DwflSettings.attached(in: slot), !settings.refusesDebugFiles else {
    return -1
  }
  var descriptor = dwfl_standard_find_debuginfo(
    module, slot, moduleName, base, fileName, debugLink, debugLinkChecksum, debugFileName)
  if descriptor < 0, let fileName {
    let path = String(cString: fileName)
    guard !settings.sysroot.isEmpty, path.hasPrefix(settings.sysroot + "/") else { return -1 }
    descriptor = dwfl_standard_find_debuginfo(
      module, slot, moduleName, base, String(path.dropFirst(settings.sysroot.count)), debugLink,
      debugLinkChecksum, debugFileName)
  }
  // A file that is shared by several has a build-id of its own, which `SharedDebugFile` looks at.
  let isShared = debugLink != nil && debugLinkChecksum == 0
  if descriptor >= 0, !isShared, !hasBuildID(of: module, descriptor) {
    close(descriptor)
    free(debugFileName?.pointee)
    debugFileName?.pointee = nil
    return -1
  }
  return descriptor
}

/// Whether an open file has the build-id of `module`, if that has any.
private func hasBuildID(of module: OpaquePointer?, _ descriptor: Int32) -> Bool {
  var bits: UnsafePointer<UInt8>?
  var address: GElf_Addr = 0
  let byteCount = dwfl_module_build_id(module, &bits, &address)
  guard byteCount > 0, let bits else { return true }
  guard let elf = elf_begin(descriptor, ELF_C_READ_MMAP, nil) else { return false }
  defer { elf_end(elf) }
  return BuildIDNote.read(from: elf).elementsEqual(
    UnsafeBufferPointer(start: bits, count: Int(byteCount)))
}
