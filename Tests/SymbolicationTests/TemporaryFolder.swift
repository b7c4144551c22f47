// SPDX-License-Identifier: Apache-2.0
//
// A folder for a test's files, gone when the test is over.

import Foundation

/// A new, empty folder that is removed with everything in it when this object goes.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "/memtrace-tests-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in it; folders on the way are made.
  func path(of name: String) -> String {
    let full = path + "/" + name
    try? FileManager.default.createDirectory(
      atPath: (full as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    return full
  }
}
