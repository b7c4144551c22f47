// SPDX-License-Identifier: Apache-2.0
//
// The small parsers: lines of perf maps, suppressions, baselines, mangled names, the cache of
// names, what node prints with --trace-gc.

import MemtraceTestSupport
import TraceFile

@testable import MemtraceAnalyzer
@testable import Symbolication

enum TextTargets {
  static func perfMap(_ input: [UInt8]) { Cost.bounded(input.count) { readPerfMap(input) } }
  static func suppressions(_ input: [UInt8]) { Cost.bounded(input.count) { suppress(input) } }
  static func baseline(_ input: [UInt8]) { Cost.bounded(input.count) { readBaseline(input) } }
  static func names(_ input: [UInt8]) { Cost.bounded(input.count) { readName(input) } }
  static func nameTable(_ input: [UInt8]) { Cost.bounded(input.count) { readTable(input) } }
  static func gcLog(_ input: [UInt8]) { Cost.bounded(input.count) { readLog(input) } }

  /// Lines as a JIT writes them, made into names of code, and addresses looked up in them.
  private static func readPerfMap(_ input: [UInt8]) {
    var names: [CodeName] = []
    for (number, line) in input.split(separator: UInt8(ascii: "\n")).enumerated() {
      if let name = CodeName(perfMapLine: line, ticks: Ticks(UInt64(number))) { names.append(name) }
    }
    var history = GeneratedCodeHistory(names)
    for name in names.prefix(64) {
      for address in [name.start.rawValue, name.start.rawValue &+ name.byteCount &- 1] {
        let address = CodeAddress(address: address, isReturnAddress: false, image: nil)
        for version in history.versions(at: address) { _ = version }
        _ = history.latestFrame(at: address)
      }
    }
  }

  private static func suppress(_ input: [UInt8]) {
    let text = String(decoding: input, as: UTF8.self)
    guard let file = try? SuppressionFile(text, path: "suppressions") else { return }
    let frame = Frame(
      function: "a::b(int)", file: "/src/a.cpp", line: 3, image: "/lib/a.so", address: 0x10)
    // The file is its own longest name, which its wildcards match piece by piece.
    let long = Frame(function: text, file: text, line: 1, image: text, address: 0x20)
    for suppression in file.suppressions {
      _ = suppression.covers([frame, long, frame], allocatedBy: [])
    }
  }

  private static func readBaseline(_ input: [UInt8]) {
    let text = String(decoding: input, as: UTF8.self)
    guard let baseline = try? Baseline(text, path: "baseline") else { return }
    // What is read can be written, and read again.
    var written: [UInt8] = []
    let output = ReportOutput { written += $0 }
    baseline.write(to: output)
    try? output.finish()
    let again = try? Baseline(String(decoding: written, as: UTF8.self), path: "again")
    precondition(again != nil, "a baseline that was written cannot be read")
  }

  private static func readName(_ input: [UInt8]) {
    let text = String(decoding: input, as: UTF8.self)
    _ = Demangler.demangle(text)
    _ = GeneratedCodeName(text)
    _ = ShortName.shortened(text, limit: 20)
    _ = FunctionName.qualified(text)
  }

  /// With a checksum that is right, as whoever can write to the cache can have it.
  private static func readTable(_ input: [UInt8]) {
    var bytes = input
    if bytes.count >= 36 {
      bytes.replaceSubrange(0..<8, with: Array("MTNAMES\n".utf8))
      let checksum = Checksum.of(bytes[16...])
      withUnsafeBytes(of: checksum.littleEndian) { bytes.replaceSubrange(8..<16, with: $0) }
    }
    guard let table = NameTable(bytes, key: "key") else { return }
    for row in table.rows { _ = table.functions(at: row.address) }
  }

  private static let clock = TraceClock()

  private static func readLog(_ input: [UInt8]) {
    let text = String(decoding: input, as: UTF8.self)
    for pid in [Int32?.none, 4242] {
      let collections = GCLog.collections(text, clock: clock, pid: pid)
      precondition(zip(collections, collections.dropFirst()).allSatisfy { $0.ticks <= $1.ticks })
    }
  }
}
