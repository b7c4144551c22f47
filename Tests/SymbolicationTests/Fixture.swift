// SPDX-License-Identifier: Apache-2.0
//
// Programs compiled from Fixtures/ in the many ways that debug information comes in.

import Foundation

@testable import Symbolication

/// A compiled program of `Fixtures/`, in a folder of its own.
final class Fixture: Sendable {
  let folder: TemporaryFolder
  let path: String
  private let source: String

  /// Compiles and links a file of `Fixtures/`.
  init(_ source: String, compiler: String, flags: [String]) throws {
    guard let tool = Tool(compiler) else { throw Tool.Failure(description: "no \(compiler)") }
    folder = try TemporaryFolder()
    path = folder.path(of: "program")
    self.source = Self.sourcePath(source)
    try tool.run([self.source, "-o", path] + flags)
  }

  static func sourcePath(_ name: String) -> String {
    ((#filePath as NSString).deletingLastPathComponent as NSString)
      .appendingPathComponent("Fixtures/\(name)")
  }

  /// The file as if it were loaded at `loadBias`.
  func image(loadBias: UInt64 = 0) throws -> LoadedImage {
    try Self.image(ofFile: path, loadBias: loadBias)
  }

  static func image(ofFile path: String, loadBias: UInt64 = 0) throws -> LoadedImage {
    try image(ofFile: path, at: path, loadBias: loadBias)
  }

  /// A file as if it had been loaded from another path.
  static func image(
    ofFile file: String, at path: String, loadBias: UInt64, recordedNanoseconds: UInt64? = nil
  ) throws -> LoadedImage {
    let sections = try ElfSections(ofFile: file)
    return LoadedImage(
      path: path, buildID: sections.buildID, start: loadBias &+ sections.mappedRange.lowerBound,
      end: loadBias &+ sections.mappedRange.upperBound, loadBias: loadBias,
      recordedNanoseconds: recordedNanoseconds)
  }

  /// The line of the source with a comment `mark: <mark>`; nil when there is none.
  func line(of mark: String) throws -> Int? {
    try String(contentsOfFile: source, encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false)
      .firstIndex { $0.hasSuffix("mark: \(mark)") }
      .map { $0 + 1 }
  }

  /// A return address that the program itself told of.
  struct NotedAddress {
    let address: UInt64
    let loadBias: UInt64
  }

  /// Runs the program and gives the addresses it noted, by their names.
  func notedAddresses() throws -> [String: NotedAddress] {
    guard let program = Tool(at: path) else { throw Tool.Failure(description: "not compiled") }
    var noted: [String: NotedAddress] = [:]
    for line in try program.run([]).split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count == 3, let address = UInt64(words[0], radix: 16),
        let loadBias = UInt64(words[1], radix: 16)
      else { continue }
      noted[String(words[2])] = NotedAddress(address: address, loadBias: loadBias)
    }
    return noted
  }
}
