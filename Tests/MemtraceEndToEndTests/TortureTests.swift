// SPDX-License-Identifier: Apache-2.0
//
// Programs that do what a preloaded library fears most (Fixtures/torture/). Each says itself whether
// it came to harm; what it must have lost is known, and the trace has to agree.

import Foundation
import Testing

@Suite struct TortureTests {
  /// A program of `Fixtures/torture/`, which stands alone.
  private func program(_ source: String, _ flags: [String] = []) throws -> String {
    try Fixture(
      source: "torture/\(source)", flags: flags,
      product: "torture-" + source.replacing(".", with: "-")
    ).path()
  }

  /// Runs one both ways and gives the traced run.
  ///
  /// Output, errors and end must be the same.
  private func runBothWays(
    _ source: String, _ arguments: [String] = [], flags: [String] = [],
    environment: [String: String] = [:]
  ) throws -> TracedRun {
    let program = try program(source, flags)
    let directory = try TemporaryDirectory()
    let plain = try run(program, arguments, in: directory.path)
    #expect(plain.ending == .exited(0))
    let traced = try runTraced(program, arguments, environment: environment)
    #expect(traced.output == plain.output)
    #expect(traced.errors == plain.errors)
    #expect(traced.ending == plain.ending)
    return traced
  }

  private func expectIsWhole(_ report: Report) {
    #expect(report.trace.lostEvents == 0)
    #expect(report.trace.unmatchedFrees == 0)
    #expect(report.trace.complete)
  }

  /// Every exception frees eight blocks on its way; a million of them are thrown in `make gauntlet`.
  @Test func exceptionsUnwindThroughFramesThatAllocate() throws {
    let run = try runBothWays("exceptions.cpp", ["50000"])
    #expect(run.output == "caught 50000 unwound 400000\n")
    let report = try run.report()
    expectIsWhole(report)
    let kept = report.sums(at: "keep_on_the_way", "attempt", "main")
    #expect(kept.outstandingCount == 50)
    #expect(report.sums(under: "descend").outstandingCount == 0)
    #expect(report.sums(under: "holder::holder").totalCount == 400_000)
  }

  /// A jump out of a handler that has interrupted one of our functions: the thread records on.
  @Test(arguments: [[], ["alternate"]])
  func jumpsOutOfHandlersEndNoRecording(_ arguments: [String]) throws {
    let run = try runBothWays("jumps.c", arguments)
    let report = try run.report()
    #expect(report.trace.complete)
    #expect(report.trace.unmatchedFrees == 0)
    #expect(report.sums(at: "keep_block", "after_the_jumps").outstandingCount == 1000)
    #expect(report.sums(at: "keep_block", "main").outstandingCount == 1000)
  }

  @Test func aThousandThreadsAtOnceAreEachExact() throws {
    let run = try runBothWays("crowd.c", ["1000"])
    let report = try run.report()
    expectIsWhole(report)
    #expect(report.sums(at: "lose_one", "member").outstandingCount == 2000)
    #expect(report.sums(at: "free_on_the_way_out").totalCount == 2000)
    #expect(report.sums(at: "free_on_the_way_out").outstandingCount == 0)
    #expect(report.sums(at: "member").totalCount == 2000)
    #expect(report.sums(at: "member").outstandingCount == 0)
  }

  /// docs/shim.md names the bounds; a thread's stack may have 16 KiB, a signal's 2 KiB less.
  @Test(arguments: [("first", 8), ("windows", 8), ("handler", 8), ("forked", 12)])
  func theStackOfAThreadIsUsedSparingly(_ work: String, _ kibibytes: Int) throws {
    for unwinder in ["1", "2"] {
      let program = try program("stackuse.c")
      func used(_ result: ProgramResult) throws -> Int {
        #expect(result.ending == .exited(0))
        return try #require(result.output.split(separator: " ").last.flatMap { Int($0.dropLast()) })
      }
      let plain = try used(run(program, [work], in: "/"))
      let traced = try used(
        runTraced(program, [work], environment: ["MEMTRACE_UNWINDER": unwinder]).result)
      #expect(traced - plain <= kibibytes * 1024, "\(traced - plain) bytes more")
    }
  }

  @Test func aStormOfForksLeavesATraceForEach() throws {
    let run = try runBothWays("storm.c", ["forks", "20"])
    #expect(run.output == "failures 0\n")
    let parent = try run.report()
    expectIsWhole(parent)
    #expect(parent.sums(at: "parent_loss").outstandingCount == 3)
    let names = try run.traceNames().filter { $0 != "trace.bin" }
    #expect(names.count == 3 * (20 + 4))
    for name in names {
      let child = try run.report(name)
      expectIsWhole(child)
      #expect(child.sums(at: "child_loss").outstandingCount == 1, "\(name)")
      #expect(child.sums(under: "parent_loss") == Sums(), "\(name)")
    }
  }

  /// What other threads do while one begins the trace is counted, and in that trace.
  @Test func aChildMayBeginInSeveralThreadsAtOnce() throws {
    let run = try runBothWays("newborn.c", ["20"])
    #expect(run.output == "failures 0\n")
    expectIsWhole(try run.report())
    let names = try run.traceNames().filter { $0 != "trace.bin" }
    #expect(names.count == 20)
    for name in names {
      let child = try run.report(name)
      #expect(child.sums(at: "keep").totalCount + child.trace.lostEvents == 400, "\(name)")
      #expect(child.trace.unmatchedFrees == 0)
    }
  }

  @Test func childrenOnStacksOfTheirOwnAreTraced() throws {
    let run = try runBothWays("storm.c", ["clone", "8"])
    #expect(run.output == "failures 0\n")
    let parent = try run.report()
    expectIsWhole(parent)
    #expect(parent.sums(at: "parent_loss").outstandingCount == 3)
    let names = try run.traceNames().filter { $0 != "trace.bin" }
    #expect(names.count == 8)  // those in the parent's memory are the parent's own
    for name in names {
      let child = try run.report(name)
      #expect(child.sums(at: "child_loss", "cloned").outstandingCount == 1)
      #expect(child.trace.lostEvents == 0)
    }
  }

  @Test func aHandlerMayForkWhateverItInterrupts() throws {
    let run = try runBothWays("storm.c", ["handler", "200"])
    #expect(run.output == "failures 0\n")
    let report = try run.report()
    expectIsWhole(report)
    #expect(report.sums(at: "parent_loss").outstandingCount == 3)
    #expect(try run.traceNames() == ["trace.bin"])  // the children allocated nothing
  }

  @Test func beforeTheFirstConstructorAndAfterTheLastDestructor() throws {
    let run = try runBothWays("edges.c")
    let report = try run.report()
    expectIsWhole(report)
    let lost = report.sites.filter { $0.outstandingCount > 0 && $0.functions.first == "lose" }
    #expect(lost.map(\.outstandingBytes).reduce(0, +) == 2800 + 10)
    #expect(report.sums(under: "lose").totalCount == 14)
    for place in [
      "first_constructor", "last_constructor", "main", "at_exit", "first_destructor",
    ] {
      #expect(report.sums(under: "lose", and: place).outstandingCount == 1, "\(place)")
    }
    #expect(report.sums(under: "lose", and: "last_destructor").outstandingBytes == 710)
  }

  @Test func aProgramThatBecomesItselfAgainLeavesEveryTrace() throws {
    let run = try runBothWays("places.c", ["again", "12"])
    let names = try run.traceNames()
    #expect(names.count == 13)
    for name in names {
      let report = try run.report(name)
      expectIsWhole(report)
      #expect(report.sums(at: "at_home").outstandingCount == 4)
    }
  }

  @Test func withoutAnEnvironmentAProgramIsTracedNoMore() throws {
    let run = try runBothWays("places.c", ["empty"])
    #expect(run.output == "environment 0\n")
    #expect(try run.traceNames() == ["trace.bin"])
    let report = try run.report()
    #expect(report.sums(at: "at_home").outstandingCount == 4)
    #expect(report.sums(under: "away") == Sums())
  }

  /// A daemon's way: other root, other user, no descriptors.
  ///
  /// The trace is open, and goes on; the child cannot have one, which is said in one line.
  @Test(.enabled(if: geteuid() == 0, "chroot(2) is root's"))
  func anotherRootAndAnotherUserEndNoRecording() throws {
    let directory = try TemporaryDirectory()
    let root = try TemporaryDirectory()
    chmod(root.path, 0o755)
    let run = try runTraced(try program("places.c"), ["chroot", root.path], in: directory)
    #expect(run.ending == .exited(0))
    #expect(run.output == "child 7\n")
    #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
    #expect(run.errors.hasPrefix("memtrace: cannot write "))
    let report = try run.report()
    expectIsWhole(report)
    #expect(report.sums(at: "at_home").outstandingCount == 4)
    #expect(report.sums(at: "away").outstandingCount == 4)
    #expect(report.sums(at: "churn").totalCount == 50_000)
    #expect(try root.names() == [])
  }

  /// A program that has functions of libunwind's names, and a library with a malloc of its own.
  @Test(arguments: [[], ["deepbind"]])
  func namesakesOfTheUnwinderAndOfMallocAreLeftAlone(_ deepbind: [String]) throws {
    let library = try program("bundled.c", ["-fPIC", "-shared"])
    let run = try runBothWays("namesake.c", [library] + deepbind, flags: ["-rdynamic"])
    #expect(run.output == "worked 100\n")
    let report = try run.report()
    #expect(report.trace.lostEvents == 0)
    #expect(report.trace.unmatchedFrees == 0)
    #expect(report.sums(at: "keep", "main").outstandingCount == 50)
  }

  static let allocators = ["libjemalloc.so.2", "libmimalloc.so.2.0", "libtcmalloc_minimal.so.4"]
    .map { "/usr/lib/x86_64-linux-gnu/\($0)" }
    .filter { FileManager.default.fileExists(atPath: $0) }

  /// What the same program does natively with the allocator, and traced in front of it: the books
  /// are equal.
  @Test(arguments: allocators)
  func overAnotherAllocatorTheBooksAreEqual(_ allocator: String) throws {
    let fixture = Fixture(source: "pass.c", optimization: ["-O2"])
    let run = try runTraced(
      fixture.path(), ["100000", "4", "8"],
      environment: ["LD_PRELOAD": "\(Project.library):\(allocator)"])
    #expect(run.ending == .exited(0))
    #expect(run.errors == "")
    let report = try run.report()
    expectIsWhole(report)
    try Books(parsing: run.output).expectEqual(report)
  }

  /// Preloaded before us it has the program's blocks to itself, also those that the program gets
  /// by functions that it lacks and we have.
  @Test(arguments: allocators)
  func behindAnotherAllocatorTheProgramIsTheSame(_ allocator: String) throws {
    let program = try Fixture(source: "books.c", optimization: ["-O2"]).path()
    for arguments in [["1000", "1", "5"], ["20000", "3", "6"]] {
      let plain = try run(
        program, arguments, in: "/",
        environment: plainEnvironment.merging(["LD_PRELOAD": allocator]) { $1 }, limitSeconds: 30)
      let run = try runTraced(
        program, arguments, environment: ["LD_PRELOAD": "\(allocator):\(Project.library)"],
        limitSeconds: 30)
      #expect(run.ending == plain.ending)
      #expect(run.errors == plain.errors)
    }
  }
}
