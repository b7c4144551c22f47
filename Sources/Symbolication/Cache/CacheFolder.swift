// SPDX-License-Identifier: Apache-2.0
//
// A folder of small files that may vanish at any time, and its size. Others may read and write it
// at the same moment: a file is there whole, or not at all.

import Glibc

/// A folder that belongs to this user alone.
struct CacheFolder: Sendable {
  private static let temporarySuffix = ".tmp"
  /// What a writer that was killed left behind is taken away after this time.
  private static let temporarySeconds = 3600

  private let path: String
  private let byteLimit: Int

  /// Makes the folder when it is not there; nil when someone else could have put something in it.
  init?(path: String, byteLimit: Int) {
    self.path = path
    self.byteLimit = byteLimit
    mkdir(path, 0o700)
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR,
      status.st_uid == geteuid()
    else { return nil }
    if status.st_mode & 0o077 != 0, chmod(path, 0o700) != 0 { return nil }
  }

  /// The folder for all programs' caches, made if it is missing; nil when it is not this user's.
  static func standardParent() -> String? {
    let chosen = getenv("XDG_CACHE_HOME").map { String(cString: $0) } ?? ""
    // The specification: a relative path is to be ignored.
    if !chosen.hasPrefix("/") {
      // Another user's home is another user's cache (sudo), and none is to be made.
      guard let home = getenv("HOME").map({ String(cString: $0) }), isOwn(home) else { return nil }
      return made(home + "/.cache")
    }
    return made(chosen)
  }

  private static func made(_ path: String) -> String? {
    mkdir(path, 0o700)
    return isOwn(path) ? path : nil
  }

  private static func isOwn(_ path: String) -> Bool {
    var status = stat()
    return path.hasPrefix("/") && stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
      && status.st_uid == geteuid()
  }

  /// The content of a file, which counts as used now; nil when there is none, or too much.
  func read(_ name: String, byteLimit: Int) -> [UInt8]? {
    let descriptor = open(path + "/" + name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      status.st_uid == geteuid(), status.st_size <= byteLimit
    else { return nil }
    futimens(descriptor, nil)
    let byteCount = Int(status.st_size)
    return [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
      while count < byteCount {
        let read = Glibc.read(
          descriptor, buffer.baseAddress?.advanced(by: count), byteCount - count)
        guard read > 0 else { break }
        count += read
      }
    }
  }

  /// Gives a file this content, at one instant.
  func write(_ bytes: [UInt8], to name: String) {
    guard bytes.count <= byteLimit else { return }
    let random = UInt64.random(in: 0 ... .max)
    let temporary = path + "/\(name).\(String(random, radix: 16))\(Self.temporarySuffix)"
    let descriptor = open(
      temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { return }
    let isWritten = Self.writeAll(bytes, to: descriptor)
    guard close(descriptor) == 0, isWritten, rename(temporary, path + "/" + name) == 0 else {
      unlink(temporary)
      return
    }
    removeOldest()
  }

  private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    bytes.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let written = Glibc.write(
          descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        guard written > 0 else { return false }
        rest = rest.dropFirst(written)
      }
      return true
    }
  }

  private struct Entry {
    let path: String
    let byteCount: Int
    let usedNanoseconds: Int64
  }

  /// Takes away what was not used for longest, until the rest is no more than allowed.
  private func removeOldest() {
    var entries = entries()
    var total = entries.reduce(0) { $0 + $1.byteCount }
    entries.sort { $0.usedNanoseconds < $1.usedNanoseconds }
    for entry in entries {
      guard total > byteLimit else { return }
      unlink(entry.path)
      total -= entry.byteCount
    }
  }

  /// The files that count; stale temporary ones are removed.
  private func entries() -> [Entry] {
    guard let listing = opendir(path) else { return [] }
    defer { closedir(listing) }
    var entries: [Entry] = []
    while let entry = readdir(listing) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      var status = stat()
      let file = path + "/" + name
      guard lstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
      if name.hasSuffix(Self.temporarySuffix) {
        if time(nil) - status.st_mtim.tv_sec > Self.temporarySeconds { unlink(file) }
        continue
      }
      entries.append(
        Entry(
          path: file, byteCount: Int(status.st_size),
          usedNanoseconds: Int64(status.st_mtim.tv_sec) &* 1_000_000_000
            &+ Int64(status.st_mtim.tv_nsec)))
    }
    return entries
  }
}
