// SPDX-License-Identifier: Apache-2.0
//
// libunwind is asked only where the shim's own rules know no caller. It costs hundreds of times what a
// rule does, and a program whose rules are not found runs on without any other sign of it.

import Foundation
import Testing

@Suite struct UnwinderTests {
  /// The callers that libunwind was asked for in a run of `program`, by a libunwind that counts.
  private func askedCount(_ program: String, _ arguments: [String]) throws -> Int {
    let directory = try TemporaryDirectory()
    let counting = try Fixture(
      source: "counting_unwinder.c", optimization: ["-O1", "-fPIC"], flags: ["-shared"],
      product: "libunwind.so.8"
    ).path()
    let compiler = try #require(Project.installed("cc"))
    let original = try run(
      compiler, ["-print-file-name=libunwind.so.8"], in: directory.path
    ).output.trimmingCharacters(in: .newlines)
    let traced = try runTraced(
      program, arguments,
      environment: [
        "LD_LIBRARY_PATH": (counting as NSString).deletingLastPathComponent,
        "UNWINDER": original, "UNWINDER_COUNT": directory.file("count"),
      ], in: directory)
    #expect(traced.ending == .exited(0), "\(traced.errors)")
    #expect(try traced.report().summary.allocationCount > 0)
    let count = try String(contentsOfFile: directory.file("count"), encoding: .utf8)
    return try #require(Int(count.trimmingCharacters(in: .newlines)))
  }

  @Test func ordinaryCodeNeedsNone() throws {
    let churn = try Fixture(
      source: "../../../Benchmarks/workloads/churn.c", optimization: ["-O2"], product: "churn"
    ).path()
    #expect(try askedCount(churn, ["20", "2", "2000", "64"]) == 0)
    let books = try Fixture(source: "books.cpp", optimization: ["-O2"]).path()
    #expect(try askedCount(books, ["2000", "2", "9"]) == 0)
  }

  /// An image with a gap between its segments, and code made at run time.
  @Test(.enabled(if: Project.installed("node") != nil)) func nodeNeedsNone() throws {
    let node = try #require(Project.installed("node"))
    let script = "let s = 0; for (let i = 0; i < 2000; i++) s += JSON.stringify({ i }).length;"
    #expect(try askedCount(node, ["-e", script]) == 0)
  }

  @Test func whatASignalHandlerInterruptedDoes() throws {
    #expect(try askedCount(Fixture(source: "signals.c").path(), ["stack"]) > 0)
  }
}
