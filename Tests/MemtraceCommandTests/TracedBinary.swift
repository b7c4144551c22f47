// SPDX-License-Identifier: Apache-2.0
//
// A compiled program, and a trace in which it has lost a block in a function of it.

import Foundation
import MemtraceTestSupport
import SystemPackage
import Testing

/// A program whose `lose_block`, on line 2 of its source, has lost memory.
struct TracedBinary {
  static let source = """
    #include <stdlib.h>
    void *lose_block(int size) { return malloc((size_t)size + 1); }
    int main(int argc, char **argv) { (void)argv; return lose_block(argc) == 0; }
    """

  let folder: TemporaryFolder
  let path: String
  let buildID: [UInt8]
  let trace: TemporaryTrace

  var hexadecimalBuildID: String { buildID.map { String(format: "%02x", $0) }.joined() }

  init(_ flags: [String] = []) throws {
    folder = try TemporaryFolder()
    path = try folder.compile(
      Self.source, as: "program", ["-g", "-O0", "-Wl,--build-id=sha1"] + flags)
    buildID = try Self.buildID(ofFile: path)
    let symbol = try #require(
      try output("nm", [path]).split(separator: "\n").first { $0.hasSuffix(" lose_block") })
    let address = try #require(UInt64(symbol.prefix { $0 != " " }, radix: 16))
    let loadBias: UInt64 = 0x5555_0000_0000
    let builder = TraceBuilder()
    builder.image(
      path, start: loadBias, end: loadBias + 0x10_0000, loadBias: loadBias, buildID: buildID)
    let stack = builder.stack([loadBias + address + 5])
    builder.window(thread: 1).malloc(0x100, 1000, stack: stack, at: 1_000_000)
    builder.end(at: 2_000_000)
    trace = try TemporaryTrace(builder)
  }

  /// The frames of the only stack in a report made with an environment and further arguments.
  func frames(
    _ arguments: [String] = [], environment: [String: String] = [:]
  ) throws -> [[String: Any]] {
    let result = try BuiltCommand.run(
      ["report", "--format", "json"] + arguments + [trace.path.string], environment: environment)
    #expect(result.status == 0)
    #expect(result.errors == "")
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    let site = try #require((report["sites"] as? [[String: Any]])?.first)
    return try #require(site["stack"] as? [[String: Any]])
  }

  static func buildID(ofFile path: String) throws -> [UInt8] {
    let line = try #require(
      try output("readelf", ["-n", path]).split(separator: "\n").first { $0.contains("Build ID") })
    let digits = Array(line.split(separator: " ").last ?? "")
    return stride(from: 0, to: digits.count, by: 2).compactMap {
      UInt8(String(digits[$0...$0 + 1]), radix: 16)
    }
  }
}

/// Runs a tool of the system's and gives what it printed.
@discardableResult
func output(_ tool: String, _ arguments: [String]) throws -> String {
  let process = Process()
  let pipe = Pipe()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = [tool] + arguments
  process.standardOutput = pipe
  try process.run()
  let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  try #require(process.terminationStatus == 0, "\(tool) \(arguments)")
  return String(decoding: bytes, as: UTF8.self)
}
