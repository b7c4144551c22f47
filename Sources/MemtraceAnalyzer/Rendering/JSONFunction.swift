// SPDX-License-Identifier: Apache-2.0
//
// A function as JSON, where it stands for all calls of it and so has no address.

import Symbolication

/// Writes the members that say which function something is of.
enum JSONFunction {
  /// Writes `function`, `file`, `line`, `column`, `image` and `kind`; of what is not known, null.
  static func write(_ frame: Frame?, image: String? = nil, _ json: inout JSONWriter) {
    json.member("function", frame?.function)
    json.member("file", frame?.file)
    json.member("line", frame?.line)
    json.member("column", frame?.column)
    json.member("image", image ?? frame?.image)
    json.member("kind", frame.map(name(ofKind:)))
  }

  static func name(ofKind frame: Frame) -> String {
    frame.kind == .javascript ? "javascript" : "native"
  }
}
