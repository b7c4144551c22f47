// SPDX-License-Identifier: Apache-2.0
//
// Compiles the C and C++ programs of Fixtures/ into build/fixtures/, each once per test run and
// kind of build.

import Foundation

/// One program of `Fixtures/`, built in one way.
struct Fixture: Hashable, CustomStringConvertible {
  /// The file in `Fixtures/`.
  let source: String
  var compiler = Compiler.system
  var optimization = ["-O1"]
  /// More for the compiler, behind the source.
  var flags: [String] = []
  /// The file name of what is built; by default that of the source.
  var product: String?

  enum Compiler: String {
    case system, clang
  }

  private static let built = BuiltFixtures()

  var description: String {
    ([compiler.rawValue] + optimization + [source]).joined(separator: " ")
  }

  /// The path of the built program, beside which stands what else was built in the same way.
  func path() throws -> String { try Self.built.path(of: self) }

  /// Where it is built.
  fileprivate var directory: String {
    let variant = ([compiler.rawValue] + optimization).joined(separator: "")
    return "\(Project.root)/build/fixtures/\(variant)"
  }

  fileprivate var fileName: String {
    product ?? source.replacing(".cpp", with: "-cpp").replacing(".c", with: "")
  }

  fileprivate func command(output: String) -> (compiler: String, arguments: [String]) {
    let isCxx = source.hasSuffix(".cpp")
    let name =
      switch compiler {
      case .system: isCxx ? "c++" : "cc"
      case .clang: isCxx ? "clang++" : "clang"
      }
    // Without -fno-builtin a compiler may leave out allocations whose blocks are not used.
    return (
      Project.installed(name) ?? name,
      [isCxx ? "-std=gnu++17" : "-std=gnu11", "-g"] + optimization + [
        "-fno-builtin", "-fno-optimize-sibling-calls", "-Wall", "-Wextra", "-Werror",
        "-I", Project.header, "-o", output, "\(Project.fixtures)/\(source)", "-pthread", "-ldl",
      ] + flags
    )
  }
}

/// A compilation that failed.
struct FixtureFailure: Error, CustomStringConvertible {
  let fixture: Fixture
  let errors: String

  var description: String { "\(fixture): \(errors)" }
}

/// What was built so far; one compilation at a time.
private final class BuiltFixtures: @unchecked Sendable {
  private let lock = NSLock()
  private var paths: [Fixture: String] = [:]

  func path(of fixture: Fixture) throws -> String {
    try lock.withLock {
      if let path = paths[fixture] { return path }
      let directory = fixture.directory
      try FileManager.default.createDirectory(
        atPath: directory, withIntermediateDirectories: true)
      let path = "\(directory)/\(fixture.fileName)"
      let (compiler, arguments) = fixture.command(output: path)
      let result = try run(compiler, arguments, in: directory)
      guard result.ending == .exited(0) else {
        throw FixtureFailure(fixture: fixture, errors: result.errors)
      }
      paths[fixture] = path
      return path
    }
  }
}
