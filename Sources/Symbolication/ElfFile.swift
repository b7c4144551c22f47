// SPDX-License-Identifier: Apache-2.0
//
// One ELF file with its separate debug files, open for a pass of look-ups. The only place that
// makes and ends libdwfl sessions. Addresses are those in the file, as if it were loaded at 0.
//
// libdwfl finds the debug files: by build-id under /usr/lib/debug, by .gnu_debuglink beside the
// file, in .debug/ and under /usr/lib/debug, dwz's shared ones, and from debuginfod servers if,
// and only if, DEBUGINFOD_URLS is set.

import CElfutils
import Glibc

/// An open ELF file.
final class ElfFile {
  /// libdwfl's view of the file, which lives as long as this object.
  let module: OpaquePointer
  /// What the file was when it was opened; nil for one that came from a debuginfod server.
  let identity: FileIdentity?
  let settings: DwflSettings
  private let session: OpaquePointer

  /// Opens a file at a path in the traced process.
  convenience init(path: String, places: FilePlaces) throws(ElfFileError) {
    let descriptor = places.open(path)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { throw .missing }
      throw .unreadable(reason: String(cString: strerror(errno)))
    }
    try self.init(adopting: descriptor, path: places.path(of: path), places: places)
  }

  /// Reads the open file `descriptor`, which is this object's from now on; debug files are looked
  /// for as those of the file at `path`.
  init(adopting descriptor: Int32, path: String, places: FilePlaces) throws(ElfFileError) {
    guard let identity = FileIdentity(descriptor: descriptor) else {
      close(descriptor)
      throw .unreadable(reason: "not a regular file")
    }
    let settings = DwflSettings(places: places)
    let session = dwfl_begin(settings.callbacks)
    dwfl_report_begin(session)
    guard let session, let module = dwfl_report_elf(session, path, path, descriptor, 0, true) else {
      let reason = Self.lastError
      dwfl_end(session)
      close(descriptor)
      throw .unreadable(reason: reason)
    }
    dwfl_report_end(session, nil, nil)
    self.module = module
    self.session = session
    self.settings = settings
    self.identity = identity
    settings.attach(to: module)
  }

  /// Asks debuginfod servers, when some are set up, for the file an image was loaded from.
  init?(fetching image: LoadedImage, places: FilePlaces) {
    guard let servers = getenv("DEBUGINFOD_URLS"), servers.pointee != 0 else { return nil }
    let settings = DwflSettings(places: places)
    guard let session = dwfl_begin(settings.callbacks) else { return nil }
    dwfl_report_begin(session)
    var bias: GElf_Addr = 0
    guard
      let module = dwfl_report_module(
        session, image.path, image.start &- image.loadBias, image.end &- image.loadBias),
      dwfl_module_report_build_id(module, image.buildID, image.buildID.count, 0) == 0,
      dwfl_report_end(session, nil, nil) == 0,
      dwfl_module_getelf(module, &bias) != nil, bias == 0
    else {
      dwfl_end(session)
      return nil
    }
    self.module = module
    self.session = session
    self.settings = settings
    identity = nil
    settings.attach(to: module)
  }

  deinit { dwfl_end(session) }

  /// The file's own handle.
  var elf: OpaquePointer? {
    var bias: GElf_Addr = 0
    return dwfl_module_getelf(module, &bias)
  }

  /// Where the file and its debug file are.
  var paths: [String] {
    var path: UnsafePointer<CChar>?
    var debugPath: UnsafePointer<CChar>?
    dwfl_module_info(module, nil, nil, nil, nil, nil, &path, &debugPath)
    return [path, debugPath].compactMap { $0.map { String(cString: $0) } }
  }

  /// The build-id in the file; empty when it has none.
  var buildID: [UInt8] { elf.map(BuildIDNote.read) ?? [] }

  /// What libdwfl says went wrong last, in its words.
  static var lastError: String {
    guard let message = dwfl_errmsg(-1) else { return "unknown error" }
    return String(cString: message)
  }
}

/// Why a path gives no ELF file.
enum ElfFileError: Error, Hashable {
  case missing
  case unreadable(reason: String)
}
