// SPDX-License-Identifier: Apache-2.0
//
// The way to standard error: unbuffered, so that it keeps its order with the traced program's.

import Glibc
import MemtraceAnalyzer

/// Standard error.
enum StandardError {
  /// One line of the command's own; what a file name or a trace brings into it cannot steer the
  /// terminal.
  static func say(_ message: String) {
    write("memtrace: \(PrintableText.escaped(message))\n")
  }

  static func write(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = Glibc.write(2, UnsafeBufferPointer(rebasing: rest).baseAddress, rest.count)
        guard count > 0 || errno == EINTR else { return }
        rest = rest.dropFirst(max(count, 0))
      }
    }
  }
}
