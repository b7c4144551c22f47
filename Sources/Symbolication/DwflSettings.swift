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

  init(places: FilePlaces) {
    sysroot = places.sysroot
    searchPath = .allocate(capacity: 1)
    searchPath.initialize(to: strdup(places.debugSearchPath))
    callbacks = .allocate(capacity: 1)
    callbacks.initialize(to: Dwfl_Callbacks())
    callbacks.pointee.find_elf = dwfl_build_id_find_elf
    callbacks.pointee.find_debuginfo = findDebugFile
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
}

/// As `dwfl_standard_find_debuginfo`; below a sysroot it is asked a second time with the file's
/// path inside it, so that `SYSROOT/usr/lib/debug/<path>` is found too.
private func findDebugFile(
  module: OpaquePointer?, slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
  moduleName: UnsafePointer<CChar>?, base: Dwarf_Addr, fileName: UnsafePointer<CChar>?,
  debugLink: UnsafePointer<CChar>?, debugLinkChecksum: GElf_Word,
  debugFileName: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  let descriptor = dwfl_standard_find_debuginfo(
    module, slot, moduleName, base, fileName, debugLink, debugLinkChecksum, debugFileName)
  guard descriptor < 0, let fileName, let settings = slot?.pointee else { return descriptor }
  let sysroot = Unmanaged<DwflSettings>.fromOpaque(settings).takeUnretainedValue().sysroot
  let path = String(cString: fileName)
  guard !sysroot.isEmpty, path.hasPrefix(sysroot + "/") else { return descriptor }
  return dwfl_standard_find_debuginfo(
    module, slot, moduleName, base, String(path.dropFirst(sysroot.count)), debugLink,
    debugLinkChecksum, debugFileName)
}
