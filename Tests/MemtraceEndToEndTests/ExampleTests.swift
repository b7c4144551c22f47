// SPDX-License-Identifier: Apache-2.0
//
// Each program of Examples/ says in its first comment what it leaks; here that is the report.

import Foundation
import Testing

@Suite struct ExampleTests {
  /// Runs an example under the shim and reports on its trace.
  private func report(on name: String) throws -> (run: TracedRun, report: Report) {
    let run = try runTraced(Project.example(name))
    #expect(run.ending == .exited(0))
    #expect(run.errors == "")
    let report = try run.report()
    #expect(report.trace.complete)
    #expect(report.trace.lostEvents == 0)
    #expect(report.trace.unmatchedFrees == 0)
    #expect(report.trace.truncatedStacks == 0)
    #expect(report.warnings == [])
    return (run, report)
  }

  @Test func oneLeakIsOneBlockOf5000BytesInLoadSettings() throws {
    let (run, report) = try report(on: "one-leak")
    #expect(run.output == "settings: color = green\n")
    let leak = report.sums(at: "load_settings", "main")
    #expect(leak.outstandingCount == 1)
    #expect(leak.outstandingBytes == 5000)
    #expect(report.sums(at: "read_line").outstandingCount == 0)
    #expect(report.sums(at: "read_line").totalBytes == 1024)
    #expect(report.summary.outstandingBytes == 5000)
    #expect(report.summary.outstandingCount == 1)
    // dprintf takes a buffer of its own, too, and gives it back.
    #expect(report.summary.freeCount == report.summary.allocationCount - 1)
    #expect(report.summary.peakBytes >= 6024)
  }

  @Test func oneLeakIsNamedWithItsFileAndLine() throws {
    let (_, report) = try report(on: "one-leak")
    let source = try String(
      contentsOfFile: "\(Project.root)/Examples/one-leak/one-leak.c", encoding: .utf8)
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
    let line = try #require(lines.firstIndex { $0.contains("malloc(5000)") }) + 1
    let frame = try #require(
      report.sites.first { $0.functions.first == "load_settings" }?.stack.first)
    #expect(frame.isIn("one-leak"))
    #expect(frame.kind == "native")
    if let file = frame.file {  // where line tables are read
      #expect(file.hasSuffix("one-leak.c"))
      #expect(frame.line == line)
    }
  }

  @Test(arguments: [("thumbnails", 2000), ("fixed", 0)])
  func thumbnailsLosesEveryAvatarUntilItIsFixed(name: String, count: Int) throws {
    let addon = "\(Project.root)/build/examples/thumbnails/\(name).node"
    let run = try runTraced(
      try #require(Project.installed("node")),
      ["\(Project.root)/Examples/thumbnails/app.js", addon])
    #expect(run.ending == .exited(0))
    let report = try run.report()
    let lost = report.sums(at: "decode", "make_thumbnail")
    #expect(lost.outstandingCount == 2 * count)
    #expect(lost.outstandingBytes == count * (48 * 48 * 4 + 16))
    // A picture for each request, and a small one of each photo.
    #expect(report.sums(at: "decode", "make_thumbnail").totalCount == 2 * (6000 + 4000))
  }

  @Test func leakPerRequestIsAThousandSessions() throws {
    let (_, report) = try report(on: "leak-per-request")
    let leak = report.sums(at: "remember_session", "handle_request", "main")
    #expect(leak.outstandingCount == 1000)
    #expect(leak.outstandingBytes == 128_000)
    #expect(report.sums(at: "parse_request").totalCount == 1000)
    #expect(report.sums(at: "parse_request").outstandingCount == 0)
    #expect(report.sums(at: "main").totalCount == 16)
    #expect(report.summary.outstandingBytes == 128_000)
  }

  @Test func threadsLeakInAllFourAndWhatIsHandedOverIsNoLeak() throws {
    let (_, report) = try report(on: "threads")
    let leak = report.sums(at: "keep_statistics", "serve")
    #expect(leak.outstandingCount == 1000)
    #expect(leak.outstandingBytes == 64_000)
    #expect(report.sums(at: "make_result").totalCount == 400)
    #expect(report.sums(at: "make_result").outstandingCount == 0)
  }

  @Test func reallocChainLeaksItsLastBlockAlone() throws {
    let (_, report) = try report(on: "realloc-chain")
    let leak = report.sums(at: "grow", "collect", "main")
    #expect(leak.outstandingCount == 1)
    #expect(leak.outstandingBytes == 1_048_576)
    // 16 bytes to 1 MiB are 17 blocks, 16 bytes to 8 KiB are 10.
    #expect(leak.totalCount == 27)
    #expect(leak.totalBytes == 2 * 1_048_576 - 16 + 2 * 8192 - 16)
    #expect(report.summary.outstandingBytes == 1_048_576)
    #expect(report.summary.freeCount == report.summary.allocationCount - 1)
  }

  @Test func cppLeaksItsArrayItsSessionWithTheStringAndItsListener() throws {
    let (_, report) = try report(on: "cpp-new-delete")
    #expect(report.sums(at: "make_table").outstandingCount == 1)
    #expect(report.sums(at: "make_table").outstandingBytes == 400)
    #expect(report.sums(under: "open_session").outstandingCount == 2)
    #expect(report.sums(under: "open_session").outstandingBytes == 121)
    #expect(report.sums(at: "add_listener").outstandingCount == 1)
    #expect(report.sums(at: "add_listener").outstandingBytes == 64)
    let forgotten = report.sums(under: "forget_nothing")
    #expect(forgotten.outstandingCount == 0)
    #expect(forgotten.totalCount >= 5)
    #expect(report.sums(under: "main").outstandingBytes == 585)
  }

  @Test func aPluginsLeakIsStillNamedWhenThePluginIsGone() throws {
    let (run, report) = try report(on: "dlopen-plugin")
    #expect(run.output == "running a plugin that forgets\n")
    let leak = report.sums(at: "plugin_start", "run_plugin", "main")
    #expect(leak.outstandingCount == 10)
    #expect(leak.outstandingBytes == 1000)
    let site = try #require(report.sites.first { $0.functions.first == "plugin_start" })
    #expect(site.stack[0].isIn("plugin.so"))
    #expect(site.stack[1].isIn("dlopen-plugin"))
    let name = report.sums(under: "plugin_name")
    #expect(name.totalCount == 1)
    #expect(name.totalBytes == 22)
    #expect(name.outstandingCount == 0)
  }

  @Test func noLeakIsNoLeak() throws {
    let (run, report) = try report(on: "no-leak")
    #expect(run.output == "nothing lost\n")
    #expect(report.summary.outstandingCount == 0)
    #expect(report.summary.outstandingBytes == 0)
    #expect(report.summary.allocationCount == 10_003)
    #expect(report.summary.freeCount == 10_003)
    #expect(report.summary.allocatedBytes == 10_000 * 32 + 1000 + 5000 + 5000)
    #expect(report.sites.allSatisfy { $0.outstandingCount == 0 })
  }

  @Test func largeAllocationsAreOneBlockAndOneBurst() throws {
    let (_, report) = try report(on: "large-allocation")
    #expect(report.summary.outstandingCount == 0)
    let singles = report.contents.largeAllocations.filter { $0.kind == "single" }
    #expect(singles.map(\.bytes) == [67_108_864])
    #expect(singles.first?.count == 1)
    #expect(singles.first?.stack.first?.name == "load_image")
    let bursts = report.contents.largeAllocations.filter { $0.kind == "burst" }
    #expect(bursts.count == 1)
    let burst = try #require(bursts.first)
    #expect(burst.stack.prefix(2).map(\.name) == ["fill_cache", "main"])
    #expect(burst.bytes == 409_600_000)
    #expect(burst.count == 100_000)
    #expect(burst.timeNs >= singles.first?.timeNs ?? 0)
    #expect(report.summary.peakBytes == 409_600_000)
  }

  @Test func parentAndChildrenHaveATraceEach() throws {
    let (run, parent) = try report(on: "fork-children")
    #expect(parent.sums(at: "parent_work", "main").outstandingBytes == 500)
    #expect(parent.sums(under: "child_work") == Sums())
    #expect(parent.sums(at: "main").outstandingCount == 0)
    let lines = run.output.split(separator: "\n")
    #expect(lines.count == 3)
    for (index, line) in lines.enumerated() {
      let pid = try #require(line.split(separator: " ").last)
      let child = try run.report("trace.\(pid).bin")
      let leak = child.sums(at: "child_work", "main")
      #expect(leak.outstandingCount == (index + 1) * 100)
      #expect(leak.outstandingBytes == (index + 1) * 3200)
      #expect(child.sums(under: "parent_work") == Sums())
      #expect(child.trace.unmatchedFrees == 0)
      #expect(child.trace.pid == Int(pid))
    }
    #expect(try run.traceNames().count == 4)
  }

  @Test func mappingsStandBesideTheHeap() throws {
    let (_, report) = try report(on: "mmap-leak")
    #expect(report.summary.outstandingBytes == 0)
    #expect(report.mappedBytes(under: "map_arena") == 16_777_216)
    #expect(report.mappedBytes(under: "map_ring") == 2_097_152)
    #expect(report.mappedBytes(under: "map_scratch") == 0)
  }
}
