// SPDX-License-Identifier: Apache-2.0
//
// The lines of a perf map, the form in which makers of code write down names: START SIZE name,
// numbers in hexadecimal. Traces hold such lines, and /tmp/perf-PID.map does.

extension CodeName {
  /// A line longer than this names nothing.
  package static let perfMapLineByteLimit = 64 << 10

  /// The name in a line without its end; nil for a line of another form.
  package init?(perfMapLine line: some Collection<UInt8>, ticks: Ticks) {
    let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
    guard fields.count == 3, let start = Self.number(fields[0]),
      let byteCount = Self.number(fields[1])
    else { return nil }
    self.init(
      start: Address(start), byteCount: byteCount, name: String(decoding: fields[2], as: UTF8.self),
      ticks: ticks)
  }

  /// A hexadecimal number, with or without 0x before it.
  private static func number(_ digits: some Collection<UInt8>) -> UInt64? {
    let text = String(decoding: digits, as: UTF8.self)
    return UInt64(text.hasPrefix("0x") ? text.dropFirst(2) : text[...], radix: 16)
  }
}
