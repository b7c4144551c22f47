// SPDX-License-Identifier: Apache-2.0
//
// A fresh directory for one run, gone with the last reference to it.

import Foundation

/// A directory that is removed, with all in it, when nobody holds it any more.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws {
    let template = strdup("\(NSTemporaryDirectory())/memtrace-test-XXXXXX")
    defer { free(template) }
    guard let template, mkdtemp(template) != nil, let made = realpath(template, nil) else {
      throw SystemError(call: "mkdtemp", errno: errno)
    }
    defer { free(made) }
    path = String(cString: made)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in it.
  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// The names of what is in it, sorted.
  func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted()
  }

  /// Writes a file into it and gives its path.
  @discardableResult
  func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
    return file(name)
  }
}

/// A system call that failed in the test itself.
struct SystemError: Error, CustomStringConvertible {
  let call: String
  let errno: Int32

  var description: String { "\(call): \(String(cString: strerror(errno)))" }
}
