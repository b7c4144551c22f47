// SPDX-License-Identifier: Apache-2.0
//
// Names that earlier reports found, so that the next one on the same images need not read their
// debug information again. Whatever goes wrong here costs time and nothing else: a file that is
// not what it should be is as good as none.

import Glibc

/// Names of addresses, kept in files of one folder.
package struct NameCache: Sendable {
  /// A table that has become larger than this begins anew.
  private static let rowLimit = 1 << 18
  private static let fileByteLimit = 64 << 20

  private let folder: CacheFolder

  /// A cache in a folder, made if it is not there; nil when it is not this user's alone.
  package init?(folder path: String, byteLimit: Int = 256 << 20) {
    guard let folder = CacheFolder(path: path, byteLimit: byteLimit) else { return nil }
    self.folder = folder
  }

  /// The user's cache: `$XDG_CACHE_HOME/memtrace`, or `~/.cache/memtrace`.
  ///
  /// Nil when `MEMTRACE_CACHE` is 0, or there is no such folder and none can be made.
  package static func standard() -> NameCache? {
    if let setting = getenv("MEMTRACE_CACHE"), String(cString: setting) == "0" { return nil }
    guard let parent = CacheFolder.standardParent() else { return nil }
    return NameCache(folder: parent + "/memtrace")
  }

  /// What is known for a key; nil when nothing is.
  func table(for key: NameCacheKey) -> NameTable? {
    folder.read(key.fileName, byteLimit: Self.fileByteLimit)
      .flatMap { NameTable($0, key: key.text) }
  }

  /// Keeps names for a key, together with those in `table`.
  ///
  /// Of two reports that do so at once the last one counts.
  func store(
    _ rows: [(address: UInt64, functions: [SourceFunction])], with table: NameTable?,
    for key: NameCacheKey
  ) {
    var rows = rows
    if let table, table.rowCount + rows.count <= Self.rowLimit {
      let new = Set(rows.map(\.address))
      rows += table.rows.filter { !new.contains($0.address) }
    }
    rows.sort { $0.address < $1.address }
    guard rows.count <= Self.rowLimit, let bytes = NameTable.encoded(rows, key: key.text),
      bytes.count <= Self.fileByteLimit
    else { return }
    folder.write(bytes, to: key.fileName)
  }
}
