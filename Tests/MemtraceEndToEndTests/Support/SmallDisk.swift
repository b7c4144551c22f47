// SPDX-License-Identifier: Apache-2.0
//
// A file system of a given kind in a file, mounted, to be filled to its last block.

import Foundation

/// A mounted image, unmounted with the last reference to it.
final class SmallDisk {
  private static let byteCount = 128 << 20

  private let directory: TemporaryDirectory
  var path: String { directory.path + "/mounted" }

  /// Whether a disk of a kind can be had here: by root, with its tools and the kernel's support.
  static func isPossible(_ kind: String) -> Bool {
    geteuid() == 0 && Project.installed("mkfs.\(kind)") != nil && (try? SmallDisk(kind)) != nil
  }

  init(_ kind: String) throws {
    directory = try TemporaryDirectory()
    let image = directory.file("image")
    try FileManager.default.createDirectory(
      atPath: directory.file("mounted"), withIntermediateDirectories: true)
    guard FileManager.default.createFile(atPath: image, contents: nil),
      truncate(image, Self.byteCount) == 0
    else { throw SystemError(call: "truncate", errno: errno) }
    for command in [["mkfs.\(kind)", "-q", image], ["mount", "-o", "loop", image, path]] {
      let tool = Project.installed(command[0]) ?? command[0]
      let result = try run(tool, Array(command.dropFirst()), in: "/")
      guard result.ending == .exited(0) else { throw SystemError(call: tool, errno: ENODEV) }
    }
  }

  deinit { umount2(path, Int32(MNT_DETACH)) }

  /// Writes everything out, so that what is changed next needs room anew, and takes all room.
  func fill() throws {
    sync()
    let file = open(path + "/filler", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw SystemError(call: "open", errno: errno) }
    defer { close(file) }
    // Random, as some file systems compress.
    let block = (0..<65536).map { _ in UInt8.random(in: 0...255) }
    for size in [65536, 4096, 512] {
      while write(file, block, size) == size {}
    }
    fsync(file)
    sync()
  }
}
