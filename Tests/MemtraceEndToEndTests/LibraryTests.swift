// SPDX-License-Identifier: Apache-2.0
//
// What libmemtrace.so brings into a stranger's process: nothing but itself.

import Foundation
import Testing

@Suite struct LibraryTests {
  private func lines(_ tool: String, _ arguments: String...) throws -> [String] {
    let path = try #require(Project.installed(tool), "\(tool) is missing")
    let result = try run(path, arguments + [Project.library], in: "/")
    #expect(result.ending == .exited(0))
    return result.output.split(separator: "\n").map(String.init)
  }

  @Test func itNeedsLibcAlone() throws {
    let needed = try lines("readelf", "-d").filter { $0.contains("(NEEDED)") }
    #expect(needed.count == 1)
    #expect(needed.first?.contains("[libc.so.6]") == true)
  }

  @Test func itExportsExactlyTheMap() throws {
    let map = try String(contentsOfFile: "\(Project.root)/CShim/libmemtrace.map", encoding: .utf8)
    let text = map.replacing(/\/\*[\s\S]*?\*\/|#.*/, with: "")
    let global = try #require(text.firstRange(of: "global:"))
    let local = try #require(text.firstRange(of: "local:"))
    let names = text[global.upperBound..<local.lowerBound]
      .split { $0 == ";" || $0.isWhitespace }.map(String.init)
    let exported = try lines("nm", "-D", "--defined-only").compactMap { line in
      line.split(separator: " ").last.map { String($0.prefix { $0 != "@" }) }
    }
    #expect(!names.isEmpty)
    #expect(Set(exported) == Set(names))
  }

  @Test func itUsesNoStdioAndNeverAborts() throws {
    let forbidden: Set = [
      "printf", "fprintf", "vfprintf", "puts", "fputs", "fopen", "fwrite", "fclose", "stdout",
      "stderr", "abort", "exit", "__assert_fail", "malloc", "calloc", "realloc", "free",
      "pthread_create", "signal", "__tls_get_addr",
    ]
    let undefined = try lines("nm", "-D", "--undefined-only").compactMap { line in
      line.split(separator: " ").last.map { String($0.prefix { $0 != "@" }) }
    }
    #expect(undefined.filter { forbidden.contains($0) || $0.hasPrefix("swift_") } == [])
  }

  @Test func itsThreadLocalsAreInitialExec() throws {
    #expect(try lines("readelf", "-d").contains { $0.contains("STATIC_TLS") })
    #expect(try !lines("readelf", "-d").contains { $0.contains("TEXTREL") })
  }

  @Test func itDoesNotPutLibunwindInFrontOfTheProgramsOwn() throws {
    let run = try runTraced("/bin/cat", ["/proc/self/maps"])
    #expect(run.output.contains("libmemtrace.so"))
    #expect(!run.output.contains("libswift"))
    #expect(!run.output.contains("libstdc++"))
  }
}
