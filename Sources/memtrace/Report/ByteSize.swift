// SPDX-License-Identifier: Apache-2.0
//
// Sizes as people type them.

import ArgumentParser

/// A number of bytes such as `4096`, `16M`, `16MiB` or `1.5g`; units are powers of 1024.
struct ByteSize: ExpressibleByArgument {
  let byteCount: UInt64

  init(byteCount: UInt64) {
    self.byteCount = byteCount
  }

  init?(argument: String) {
    let digits = argument.prefix { $0.isNumber || $0 == "." }
    guard let number = Double(digits), number >= 0 else { return nil }
    let shift: Int
    switch argument.dropFirst(digits.count).trimmingSpaces().lowercased() {
    case "", "b": shift = 0
    case "k", "kb", "kib": shift = 10
    case "m", "mb", "mib": shift = 20
    case "g", "gb", "gib": shift = 30
    case "t", "tb", "tib": shift = 40
    default: return nil
    }
    if shift == 0, let exact = UInt64(digits) {
      byteCount = exact
      return
    }
    let value = (number * Double(UInt64(1) << UInt64(shift))).rounded()
    guard value < 9e18 else { return nil }
    byteCount = UInt64(value)
  }

  var defaultValueDescription: String { "\(byteCount >> 20)M" }
}

extension Substring {
  fileprivate func trimmingSpaces() -> Substring { drop { $0 == " " } }
}
