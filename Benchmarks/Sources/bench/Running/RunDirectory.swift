// SPDX-License-Identifier: Apache-2.0
//
// Where a run takes place and what it leaves there.

import Foundation

/// A directory that is emptied before each run and keeps what the last one left.
struct RunDirectory {
  let path: String

  /// Makes it, or empties it.
  func empty() throws {
    if FileManager.default.fileExists(atPath: path) {
      try FileManager.default.removeItem(atPath: path)
    }
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  /// The paths and sizes of the files whose names are accepted, largest first.
  func files(where accepts: (String) -> Bool) throws -> [(path: String, byteCount: Int)] {
    try FileManager.default.contentsOfDirectory(atPath: path).filter(accepts)
      .map { name in
        let file = "\(path)/\(name)"
        let attributes = try FileManager.default.attributesOfItem(atPath: file)
        return (path: file, byteCount: (attributes[.size] as? Int) ?? 0)
      }
      .sorted { ($0.byteCount, $1.path) > ($1.byteCount, $0.path) }
  }

  /// What a program printed to a stream, `out` or `err`.
  func text(_ name: String, _ stream: String) -> String {
    let bytes = FileManager.default.contents(atPath: "\(path)/\(name).\(stream)") ?? Data()
    return String(decoding: bytes, as: UTF8.self)
  }
}
