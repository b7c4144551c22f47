// SPDX-License-Identifier: Apache-2.0
//
// A program of the system's, run to its end: the tools that are to open what memtrace writes.

import Foundation
import Testing

/// What a program left behind.
package struct ProgramResult {
  package var status: Int32
  package var output: String
  package var errors: String
}

/// Programs of the system's.
package enum Program {
  /// Runs `name` to its end; what takes longer than `limitSeconds` is killed, and fails.
  package static func run(
    _ name: String, _ arguments: [String], input: String? = nil,
    environment: [String: String] = [:], limitSeconds: Double = 60
  ) throws -> ProgramResult {
    let folder = try ScratchFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [name] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    // Files, not pipes: nothing to drain while waiting.
    let output = try folder.file("out", "")
    let errors = try folder.file("err", "")
    process.standardInput =
      try input.map { text in
        FileHandle(forReadingAtPath: try folder.file("in", text)) ?? FileHandle.nullDevice
      } ?? FileHandle.nullDevice
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = FileHandle(forWritingAtPath: errors)
    try process.run()
    let killer = DispatchWorkItem { process.terminate() }
    DispatchQueue.global().asyncAfter(deadline: .now() + limitSeconds, execute: killer)
    process.waitUntilExit()
    killer.cancel()
    return ProgramResult(
      status: process.terminationStatus,
      output: String(decoding: try Data(contentsOf: URL(fileURLWithPath: output)), as: UTF8.self),
      errors: String(decoding: try Data(contentsOf: URL(fileURLWithPath: errors)), as: UTF8.self))
  }
}

/// A folder for one test, gone with it.
package final class ScratchFolder {
  package let path: String

  package init() throws {
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("memtrace-scratch-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// A file in it with this content; returns its path.
  package func file(_ name: String, _ text: String) throws -> String {
    try file(name, Array(text.utf8))
  }

  package func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = path + "/" + name
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    return file
  }
}
