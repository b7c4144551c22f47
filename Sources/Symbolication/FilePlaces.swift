// SPDX-License-Identifier: Apache-2.0
//
// Where files of the traced process are looked for.

import CElfutils
import Glibc

/// Folders that hold images and their debug files, below a sysroot or not.
struct FilePlaces {
  private static let debugFolder = "/usr/lib/debug"

  /// The folder that stands for `/`, without a slash at its end; empty for `/` itself.
  let sysroot: String

  init(sysroot: String?) {
    var path = sysroot ?? ""
    while path.hasSuffix("/") { path.removeLast() }
    self.sysroot = path
  }

  func path(of path: String) -> String { sysroot + path }

  /// Opens a file of the traced process for reading; a descriptor, or -1 with errno set.
  ///
  /// Does not wait for the other end of a pipe that someone put there. Symbolic links below a
  /// sysroot lead to files below it, as they did for the process.
  func open(_ path: String) -> Int32 {
    let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK
    return sysroot.isEmpty
      ? Glibc.open(path, flags) : mt_open_in_root(sysroot, path, flags)
  }

  private var debugFolders: [String] {
    sysroot.isEmpty ? [Self.debugFolder] : [sysroot + Self.debugFolder, Self.debugFolder]
  }

  /// Where the file with a build-id, or its debug file, may be.
  func paths(ofBuildID buildID: [UInt8]) -> [String] {
    guard buildID.count > 1 else { return [] }
    let digits = buildID.map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    let name = digits[0] + "/" + digits[1...].joined()
    return debugFolders.flatMap { folder in
      ["\(folder)/.build-id/\(name)", "\(folder)/.build-id/\(name).debug"]
    }
  }

  /// In libdwfl's form: beside the file, in `.debug` there, and under the debug folders.
  var debugSearchPath: String { (["", ".debug"] + debugFolders).joined(separator: ":") }
}
