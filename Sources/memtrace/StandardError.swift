// SPDX-License-Identifier: Apache-2.0
//
// The way to standard error: unbuffered, so that it keeps its order with the traced program's.

import Glibc

/// Standard error.
enum StandardError {
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
