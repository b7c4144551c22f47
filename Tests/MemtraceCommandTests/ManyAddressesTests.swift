// SPDX-License-Identifier: Apache-2.0
//
// A report on as many places in one large program as there can be.

import Foundation
import MemtraceTestSupport
import Testing

@Suite struct ManyAddressesTests {
  private static let program = "/usr/bin/node"
  /// Of a process's own memory; mapped files come on top, 100 MB of node.
  private static let memoryLimitKilobytes = 400 << 10
  private static let stackCount = 200
  private static let depth = 500

  @Test(.enabled(if: FileManager.default.fileExists(atPath: program)))
  func oneHundredThousandAddressesOfNodeTakeLittleMemory() throws {
    let trace = try trace()
    // Its own limit: what needs more gets none, and fails.
    let text = try output(
      "sh",
      [
        "-c", "ulimit -d \(Self.memoryLimitKilobytes); exec \"$0\" \"$@\"", BuiltCommand.path,
        "report", "--no-cache", "--format", "json", trace.path.string,
      ])
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let sites = try #require(report["sites"] as? [[String: Any]])
    #expect(sites.count == Self.stackCount)
    let frames = sites.flatMap { $0["stack"] as? [[String: Any]] ?? [] }
    let addresses = Set(frames.compactMap { $0["address"] as? String })
    #expect(addresses.count == Self.stackCount * Self.depth)
    let namedCount = frames.count { $0["function"] is String }
    #expect(namedCount > frames.count * 9 / 10)
  }

  /// A trace with stacks all over the program's code.
  private func trace() throws -> TemporaryTrace {
    let code = try code()
    let builder = TraceBuilder()
    let start = code.lowerBound & ~0xfff
    builder.image(
      Self.program, start: start, end: code.upperBound, loadBias: 0,
      buildID: try TracedBinary.buildID(ofFile: Self.program))
    let step = UInt64(code.count / (Self.stackCount * Self.depth))
    let window = builder.window(thread: 1)
    for number in 0..<Self.stackCount {
      let addresses = (0..<Self.depth).map {
        code.lowerBound + UInt64(number * Self.depth + $0 + 1) * step
      }
      window.malloc(
        UInt64(number + 1) << 8, 100, stack: builder.stack(addresses),
        at: UInt64(number + 1) * 1000)
    }
    builder.end(at: 10_000_000)
    return try TemporaryTrace(builder)
  }

  /// Where the program's code is, in the file and in memory: it is not relocated.
  private func code() throws -> Range<UInt64> {
    let line = try #require(
      try output("readelf", ["-SW", Self.program]).split(separator: "\n")
        .first { $0.contains(" .text ") })
    // name type address offset size
    let words = line.split(separator: "]").last?.split(separator: " ") ?? []
    let start = try #require(UInt64(words[2], radix: 16))
    return start..<(start + (try #require(UInt64(words[4], radix: 16))))
  }
}
