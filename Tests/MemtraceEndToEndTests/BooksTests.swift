// SPDX-License-Identifier: Apache-2.0
//
// Programs that keep their own books, and reports that must agree with them for every path of
// calls: the same paths, blocks and bytes, in both directions.

import Foundation
import Testing

@Suite struct BooksTests {
  /// Runs a fixture that keeps books and reports on it: on all sites that ever allocated, or on
  /// those that hold something.
  private func books(
    _ fixture: Fixture, _ arguments: [String], environment: [String: String] = [:],
    allSites: Bool = true
  ) throws -> (books: Books, report: Report) {
    let run = try runTraced(fixture.path(), arguments, environment: environment)
    #expect(run.ending == .exited(0))
    #expect(run.errors == "")
    let report = try run.report("trace.bin", ["--sort", allSites ? "total" : "outstanding"])
    #expect(report.trace.complete)
    #expect(report.trace.lostEvents == 0)
    #expect(report.trace.unmatchedFrees == 0)
    #expect(report.trace.truncatedStacks == 0)
    #expect(report.warnings == [])
    return (try Books(parsing: run.output), report)
  }

  /// Demands the totals of a program all of whose allocations are booked.
  private func expectTotals(_ report: Report, _ totals: Books.Totals) {
    #expect(report.summary.allocationCount == totals.allocationCount)
    #expect(report.summary.allocatedBytes == totals.allocatedBytes)
    #expect(report.summary.freeCount == totals.freeCount)
    #expect(report.summary.eventCount >= totals.allocationCount + totals.freeCount)
    #expect(
      report.summary.outstandingCount == totals.allocationCount - totals.freeCount)
  }

  static let builds = [
    Fixture(source: "books.c", optimization: ["-O2"]),
    Fixture(source: "books.c", optimization: ["-O0"]),
    Fixture(source: "books.c", optimization: ["-O2", "-fno-omit-frame-pointer"]),
    Fixture(source: "books.c", compiler: .clang, optimization: ["-O2"]),
  ]

  @Test(arguments: builds)
  func everyPathsBlocksAndBytesAreEqual(_ fixture: Fixture) throws {
    let (books, report) = try books(fixture, ["15000", "1", "10"])
    books.expectEqual(report)
    expectTotals(report, books.totals)
  }

  @Test(arguments: builds)
  func oneThreadsBooksAreEqualToTheLastByte(_ fixture: Fixture) throws {
    let (books, report) = try books(fixture, ["300000", "1", "11"], allSites: false)
    books.expectEqual(report, withTotals: false)
    expectTotals(report, books.totals)
    #expect(report.summary.peakBytes == books.totals.peakBytes)
    #expect(report.summary.temporaryCount == books.totals.temporaryCount)
  }

  @Test func aMillionOperationsOfFourThreadsAreEqualForEveryPath() throws {
    let fixture = Fixture(source: "books.c", optimization: ["-O2"])
    let (books, report) = try books(fixture, ["1000000", "4", "22"], allSites: false)
    #expect(books.totals.allocationCount + books.totals.freeCount > 1_000_000)
    #expect(books.paths.count > 1000)
    books.expectEqual(report, withTotals: false)
  }

  /// The same walk with each of the shim's other ways of working.
  @Test(arguments: [
    ["MEMTRACE_FOLD": "0"], ["MEMTRACE_WINDOW_KB": "16"], ["MEMTRACE_TSC": "0"],
    ["MEMTRACE_UNWINDER": "2"],
  ])
  func theBooksAreEqualWithEveryOption(_ environment: [String: String]) throws {
    let fixture = Fixture(source: "books.c", optimization: ["-O2"])
    let (books, report) = try books(
      fixture, ["100000", "2", "33"], environment: environment, allSites: false)
    books.expectEqual(report, withTotals: false)
  }

  @Test func cppsBooksAreEqualThroughExceptions() throws {
    for threads in ["1", "4"] {
      let fixture = Fixture(source: "books.cpp", optimization: ["-O2"])
      let (books, report) = try books(fixture, ["500000", threads, "44"])
      books.expectEqual(report)
      let exceptions = report.sums(under: "__cxa_allocate_exception")
      #expect(exceptions.totalCount > 0)
      #expect(exceptions.outstandingCount == 0)
    }
  }

  @Test func blocksSwappedBetweenThreadsEndAfterTheyBegan() throws {
    let fixture = Fixture(source: "exchange.c", optimization: ["-O2"])
    let run = try runTraced(fixture.path(), ["1000000", "4"])
    #expect(run.ending == .exited(0))
    let report = try run.report()
    #expect(report.trace.complete)
    #expect(report.trace.unmatchedFrees == 0)
    #expect(report.sums(under: "swap_and_free").outstandingCount == 0)
  }

  /// Addresses that come back at once: from the thread's cache, from an arena, from the only one.
  @Test(arguments: [
    [:], ["GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"],
    ["GLIBC_TUNABLES": "glibc.malloc.tcache_count=0:glibc.malloc.arena_max=1"],
    ["MEMTRACE_TSC": "0"],
  ])
  func blocksPassedBetweenThreadsAreAllAccountedFor(_ environment: [String: String]) throws {
    let fixture = Fixture(source: "pass.c", optimization: ["-O2"])
    for threads in ["2", "7"] {
      let (books, report) = try books(fixture, ["500000", threads, "55"], environment: environment)
      books.expectEqual(report)
      let passed = report.sums(under: "pass_thread")
      #expect(passed.totalCount == books.totals.allocationCount)
      #expect(
        passed.outstandingCount == books.totals.allocationCount - books.totals.freeCount)
    }
  }

  @Test func coroutinesHaveStacksOfTheirOwn() throws {
    for optimization in ["-O0", "-O2"] {
      let fixture = Fixture(source: "coroutines.c", optimization: [optimization])
      let (books, report) = try books(fixture, ["300", "66"])
      books.expectEqual(report)
      expectTotals(report, books.totals)
    }
  }

  @Test func whatThreadsDoOnTheirWayOutIsBooked() throws {
    let fixture = Fixture(source: "teardown.cpp")
    for (total, atOnce) in [("40", "1"), ("2000", "50")] {
      let (books, report) = try books(fixture, [total, atOnce])
      books.expectEqual(report)
    }
  }
}
