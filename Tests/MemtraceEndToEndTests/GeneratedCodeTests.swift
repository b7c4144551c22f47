// SPDX-License-Identifier: Apache-2.0
//
// Makers of code other than node, which name it in /tmp/perf-PID.map.

import Foundation
import Testing

@Suite struct GeneratedCodeTests {
  @Test func aJITsFunctionsHaveTheNamesThatItWroteForPerf() throws {
    let run = try runTraced(Fixture(source: "jit.c").path())
    #expect(run.ending == .exited(0))
    #expect(run.errors == "")
    let map = "/tmp/perf-\(run.output.prefix { $0.isNumber }).map"
    let report = try run.report()
    #expect(report.sums(at: "lose", "first", "call", "main").outstandingBytes == 100)
    #expect(report.sums(at: "lose", "second", "call", "main").outstandingBytes == 300)
    #expect(report.warnings.contains { $0.contains(map) })
    let second = report.sites.flatMap(\.stack).first { $0.name == "second" }
    #expect(second?.file == "/srv/app.py")
    // What is of the program is still there, and the trace says nothing it does not know.
    try FileManager.default.removeItem(atPath: map)
    let without = try run.report()
    #expect(without.sums(at: "lose").outstandingBytes == 400)
    #expect(without.sums(under: "second").outstandingBytes == 0)
    #expect(without.warnings == [])
  }
}
