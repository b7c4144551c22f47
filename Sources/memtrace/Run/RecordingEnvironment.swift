// SPDX-License-Identifier: Apache-2.0
//
// The environment a program is recorded in: what `run` adds to its own.

import Glibc

/// Environment variables, in their order.
struct RecordingEnvironment {
  private var variables: [(name: String, value: String)]

  /// The environment of this process.
  init() {
    variables = []
    var entry = environ
    while let assignment = entry.pointee {
      let text = String(cString: assignment)
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { variables.append((String(parts[0]), String(parts[1]))) }
      entry += 1
    }
  }

  subscript(name: String) -> String? {
    get { variables.last { $0.name == name }?.value }
    set {
      variables.removeAll { $0.name == name }
      if let newValue { variables.append((name, newValue)) }
    }
  }

  /// Puts a library in front of those that are preloaded already.
  mutating func preload(_ library: String) {
    let others = (self["LD_PRELOAD"] ?? "").split { $0 == ":" || $0 == " " }
      .filter { $0 != library }
    self["LD_PRELOAD"] = ([Substring(library)] + others).joined(separator: ":")
  }

  var assignments: [String] { variables.map { "\($0.name)=\($0.value)" } }
}
