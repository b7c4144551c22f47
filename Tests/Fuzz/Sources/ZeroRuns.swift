// SPDX-License-Identifier: Apache-2.0
//
// Traces are mostly zeros, of which a fuzzer learns nothing. So the inputs are traces with their
// runs of zeros cut down to four bytes, and what is read is what those stand for.

enum ZeroRuns {
  /// Two bytes, then how many times `unit` zeros, in two bytes.
  private static let mark: [UInt8] = [0xf7, 0x5a]
  /// Chunks begin at multiples of it and more, so that an input with another run keeps most of
  /// them.
  private static let unit = 32
  private static let expandedByteLimit = 1 << 18

  /// What an input stands for; no longer than a few chunks of stacks.
  static func expanded(_ input: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    var place = 0
    while place < input.count, bytes.count < expandedByteLimit {
      if place + 4 <= input.count, input[place] == mark[0], input[place + 1] == mark[1] {
        let count = unit * (Int(input[place + 2]) << 8 | Int(input[place + 3]))
        bytes += repeatElement(0, count: min(count, expandedByteLimit - bytes.count))
        place += 4
      } else {
        bytes.append(input[place])
        place += 1
      }
    }
    return bytes
  }

  /// An input that stands for `bytes`.
  static func shortened(_ bytes: [UInt8]) -> [UInt8] {
    var input: [UInt8] = []
    var place = 0
    while place < bytes.count {
      let zeros = bytes[place...].prefix { $0 == 0 }.count
      let count = min(zeros / unit, Int(UInt16.max))
      if count > 0 {
        input += mark + [UInt8(count >> 8), UInt8(count & 0xff)]
        place += count * unit
      } else {
        input.append(bytes[place])
        place += 1
      }
    }
    precondition(expanded(input) == bytes, "the input stands for another trace")
    return input
  }
}
