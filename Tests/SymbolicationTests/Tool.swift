// SPDX-License-Identifier: Apache-2.0
//
// Compilers and other programs that tests lean on where they are installed.

import Foundation

/// A program to run.
struct Tool: Sendable {
  let path: String

  /// Finds a program in PATH.
  init?(_ name: String) {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    guard
      let path = folders.map({ "\($0)/\(name)" })
        .first(where: FileManager.default.isExecutableFile(atPath:))
    else { return nil }
    self.path = path
  }

  /// The program at a path.
  init?(at path: String) {
    guard FileManager.default.isExecutableFile(atPath: path) else { return nil }
    self.path = path
  }

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// Runs it to its end and gives its standard output.
  @discardableResult
  func run(
    _ arguments: [String], input: String = "", mayFail: Bool = false
  ) throws -> String {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    let folder = try TemporaryFolder()
    let inputPath = folder.path(of: "input")
    let errorPath = folder.path(of: "error")
    try input.write(toFile: inputPath, atomically: false, encoding: .utf8)
    try "".write(toFile: errorPath, atomically: false, encoding: .utf8)
    process.standardInput = FileHandle(forReadingAtPath: inputPath)
    process.standardError = FileHandle(forWritingAtPath: errorPath)
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard mayFail || process.terminationStatus == 0 else {
      let errors = (try? String(contentsOfFile: errorPath, encoding: .utf8)) ?? ""
      throw Failure(
        description: "\(path) \(arguments) ended with \(process.terminationStatus): \(errors)")
    }
    return text
  }
}
