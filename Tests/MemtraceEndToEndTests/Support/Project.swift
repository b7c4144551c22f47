// SPDX-License-Identifier: Apache-2.0
//
// Where things are in this repository: what `make` built, and what the tests compile.

import Foundation

/// Paths of the repository the tests stand in.
enum Project {
  /// The folder with the top-level Makefile.
  static let root: String = {
    var url = URL(fileURLWithPath: #filePath)
    for _ in 0..<4 { url.deleteLastPathComponent() }
    return url.path
  }()

  static let library = root + "/build/lib/libmemtrace.so"
  static let command = root + "/build/bin/memtrace"
  static let header = root + "/CShim/include"
  static let fixtures = root + "/Tests/MemtraceEndToEndTests/Fixtures"

  /// An example that `make examples` built.
  static func example(_ name: String) -> String { "\(root)/build/examples/\(name)/\(name)" }

  /// A program that is on the `PATH`, or `nil`.
  static func installed(_ name: String) -> String? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return path.split(separator: ":").map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }
}
