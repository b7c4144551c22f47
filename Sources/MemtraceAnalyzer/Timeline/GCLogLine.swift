// SPDX-License-Identifier: Apache-2.0
//
// One line of node's --trace-gc, as its versions print it:
//
//   node 10 to 18   [4242:0x5581]   45 ms: Scavenge 2.4 (3.0) -> 1.9 (4.0) MB, 0.8 / 0.0 ms  (average mu = 1.000, ...) allocation failure
//                   [4242:0x5581]   90 ms: Mark-sweep (reduce) 9.1 (12.0) -> 8.2 (15.0) MB, 1.6 / 0.0 ms  (+ 0.2 ms in 3 steps ...) ... GC in old space requested
//   node 20         [4242:0x5581]   90 ms: Mark-Compact (reduce) 9.1 (12.0) -> 8.2 (15.0) MB, 1.61 / 0.00 ms  (...) task; GC in old space requested
//   node 22 on      [4242:0x5581]   45 ms: Scavenge (interleaved) 2.4 (3.0) -> 1.9 (4.0) MB, pooled: 0.0 MB, 0.82 / 0.00 ms (...) allocation failure;
//
// A prefix that some tool put in front of the line, and what is cut off behind the duration, do no
// harm.

import TraceFile

/// What one line says of a collection.
struct GCLogLine: Hashable {
  let pid: Int32
  /// The address of the isolate, which stands for it.
  let isolate: UInt64
  /// When the collection ended: V8 prints afterwards.
  let endMilliseconds: Double
  let durationMilliseconds: Double
  let kind: GarbageCollection.Kind
  let byteCountBefore: UInt64
  let byteCountAfter: UInt64
  let reason: String?

  /// `nil` for a line that is none of a collection.
  init?(_ bytes: Substring.UTF8View) {
    // Quickly, as most lines of a program's output are something else.
    guard let close = bytes.firstIndex(of: UInt8(ascii: "]")) else { return nil }
    let line = Substring(bytes)
    guard let open = line[..<close].lastIndex(of: "[") else { return nil }
    let identity = line[line.index(after: open)..<close].split(separator: ":")
    guard identity.count >= 2, let pid = Int32(identity[0]),
      let isolate = Self.address(identity[1])
    else { return nil }
    let words = line[line.index(after: close)...].split(separator: " ")
    guard words.count > 2, words[1] == "ms:", let end = Self.number(words[0]),
      let arrow = words.firstIndex(of: "->"), arrow >= 5,
      let before = Self.number(words[arrow - 2]), arrow + 2 < words.count,
      let after = Self.number(words[arrow + 1]),
      let slash = words[arrow...].firstIndex(of: "/"),
      let duration = Self.number(words[slash - 1])
    else { return nil }

    self.pid = pid
    self.isolate = isolate
    endMilliseconds = end
    durationMilliseconds = duration
    byteCountBefore = UInt64(before * 1_048_576)
    byteCountAfter = UInt64(after * 1_048_576)
    kind = Self.kind(words[2..<(arrow - 2)].joined(separator: " "))
    reason = Self.reason(line)
  }

  /// As `%p` prints it: with 0x, or with zeros in front.
  private static func address(_ word: Substring) -> UInt64? {
    UInt64(word.hasPrefix("0x") ? word.dropFirst(2) : word, radix: 16)
  }

  /// Milliseconds or megabytes such as a program can have.
  private static func number(_ word: Substring) -> Double? {
    guard let number = Double(word), number >= 0, number < 1e12 else { return nil }
    return number
  }

  /// By the first words: `(reduce)` and `(interleaved)` follow.
  private static func kind(_ name: String) -> GarbageCollection.Kind {
    if name.hasPrefix("Scavenge") { return .minor }
    if name.hasPrefix("Minor Mark") { return .minorMarkSweep }
    if name.hasPrefix("Mark-") || name.hasPrefix("Shared Mark-") { return .major }
    return .other(0)
  }

  /// What stands behind the last bracket, without the semicolon.
  private static func reason(_ line: Substring) -> String? {
    guard let close = line.lastIndex(of: ")"), line.contains("mu = ") else { return nil }
    let rest = line[line.index(after: close)...].split(separator: ";").first
    let reason = rest?.split(separator: " ").joined(separator: " ") ?? ""
    return reason.isEmpty ? nil : reason
  }
}
