// SPDX-License-Identifier: Apache-2.0
//
// The programs of known behaviour, as recorded: events and samples are what their books say.
// BehaviourTests.swift has what the analyzer concludes.

import Foundation
import Testing
import TraceFile

@Suite struct BehaviourRecordingTests {
  /// What the site holds at "end", to the byte.
  @Test(arguments: BehaviourProgram.native)
  func theSiteHoldsAtTheEndWhatTheBooksSay(_ program: BehaviourProgram) throws {
    let recording = try program.recording()
    let books = recording.books
    let report = try recording.run.report(
      "trace.bin", ["--sort", "outstanding", "--to", "end"])
    #expect(report.trace.lostEvents == 0)
    #expect(report.trace.complete)
    if program.name == "mmap-leak" {
      #expect(report.mappedBytes(under: books.site) == books.siteBytes)
      return
    }
    let sums = report.sums(under: books.site)
    if program.name == "thread-stacks" {
      // libc's own, for each thread.
      #expect(sums.outstandingBytes < 50 * 1024)
    } else {
      #expect(sums.outstandingBytes == books.siteBytes)
      #expect(sums.outstandingCount == books.siteBlocks)
    }
  }

  @Test(arguments: BehaviourProgram.all)
  func theMarksAreAsFarApartAsTheProgramSays(_ program: BehaviourProgram) throws {
    let recording = try program.recording()
    let trace = try recording.trace()
    let (begin, end) = try bounds(of: trace)
    let seconds =
      Double(trace.clock.nanoseconds(at: end) - trace.clock.nanoseconds(at: begin)) / 1e9
    #expect(abs(seconds - recording.books.seconds) < 0.02 * recording.books.seconds + 0.005)
  }

  /// The memory that the kernel counts grows with what is not given back.
  @Test(arguments: ["slow-leak", "leak-per-request", "mmap-leak", "thread-stacks", "freed-at-exit"])
  func residentMemoryGrowsByWhatTheProgramKeeps(_ name: String) throws {
    let recording = try BehaviourProgram(name: name).recording()
    let trace = try recording.trace()
    let samples = try samplesBetweenTheMarks(of: trace)
    let rss = samples.compactMap { $0[.rssBytes] }
    let (first, last) = (try #require(rss.first), try #require(rss.last))
    // The time that lies between the two samples is a little shorter than the books'.
    let seconds = try seconds(from: samples.first, to: samples.last, in: trace)
    let expected = recording.books.growthBytesPerHour * seconds / 3600
    #expect(abs(Double(last) - Double(first) - expected) < 0.1 * expected + 300_000)
  }

  @Test(arguments: ["spike", "burst"])
  func aSpikeIsInTheSamplesAndOverAtTheEnd(_ name: String) throws {
    let trace = try BehaviourProgram(name: name).recording().trace()
    let rss = try samplesBetweenTheMarks(of: trace).compactMap { $0[.rssBytes] }
    #expect(rss.max() ?? 0 > 390_000_000)
    #expect(rss.last ?? .max < 50_000_000)
    let peaks = trace.samples.compactMap { $0[.peakRSSBytes] }
    // The kernel's counters are a little apart.
    #expect(peaks.max() ?? 0 > 390_000_000)
  }

  @Test func everyThreadIsCounted() throws {
    let trace = try BehaviourProgram(name: "thread-stacks").recording().trace()
    let counts = trace.samples.compactMap { $0[.threadCount] }
    #expect(counts.first ?? 99 < 10)
    #expect(counts.last == 51)
    #expect(counts == counts.sorted())
  }

  @Test func freedMemoryThatTheAllocatorKeepsIsInItsBooks() throws {
    let trace = try BehaviourProgram(name: "fragmentation").recording().trace()
    let last = try #require(trace.samples.last { $0[.arenaFreeBytes] != nil })
    #expect(last[.arenaFreeBytes] ?? 0 > 44_000_000)
    #expect(last[.arenaBytes] ?? 0 > 90_000_000)
    #expect(last[.rssBytes] ?? 0 > 90_000_000)
  }

  @Test(
    .enabled(if: Project.installed("node") != nil), arguments: ["js-heap", "js-buffers"])
  func javaScriptsMemoryIsInTheTrace(_ name: String) throws {
    let recording = try BehaviourProgram(name: name).recording()
    let trace = try recording.trace()
    let (begin, end) = try bounds(of: trace)
    let memory = trace.jsMemory.filter { $0.ticks >= begin && $0.ticks <= end }
    #expect(memory.count > 8)
    let held = memory.map { name == "js-heap" ? $0.heapUsedByteCount : $0.arrayBuffersByteCount }
    let (first, last) = (try #require(held.first), try #require(held.last))
    let seconds =
      Double(
        trace.clock.nanoseconds(at: memory[memory.count - 1].ticks)
          - trace.clock.nanoseconds(at: memory[0].ticks)) / 1e9
    let expected = recording.books.growthBytesPerHour * seconds / 3600
    // V8's heap has garbage in it besides.
    #expect(abs(Double(last) - Double(first) - expected) < 0.1 * expected + 4_000_000)
    #expect(memory.allSatisfy { $0.threadID == 0 && ($0.heapLimitByteCount ?? 0) > 100 << 20 })
    #expect(memory.allSatisfy { $0.heapUsedByteCount <= $0.heapTotalByteCount })
  }

  @Test(.enabled(if: Project.installed("node") != nil))
  func collectionsAreInTheTrace() throws {
    let recording = try BehaviourProgram(name: "js-garbage").recording()
    let trace = try recording.trace()
    let counted = try #require(recording.books.collections)
    #expect(counted > 10)
    #expect(trace.collections.count > counted / 2)
    #expect(trace.collections.contains { $0.kind == .minor })
    let duration = trace.clock.nanoseconds(at: trace.endTicks)
    let paused = trace.collections.map(\.durationNanoseconds).reduce(0, +)
    #expect(paused > 0 && paused < duration)
    for collection in trace.collections {
      #expect(collection.ticks <= trace.endTicks)
      #expect(collection.ticks > Ticks(0))
    }
  }

  // MARK: Between the marks

  private func bounds(of trace: TraceFile) throws -> (Ticks, Ticks) {
    let begin = try #require(trace.marks.first { $0.name == "begin" })
    let end = try #require(trace.marks.first { $0.name == "end" })
    return (begin.ticks, end.ticks)
  }

  private func samplesBetweenTheMarks(of trace: TraceFile) throws -> [Sample] {
    let (begin, end) = try bounds(of: trace)
    let samples = trace.samples.filter { $0.ticks >= begin && $0.ticks <= end }
    #expect(samples.count > 10)
    return samples
  }

  private func seconds(
    from first: Sample?, to last: Sample?, in trace: TraceFile
  ) throws -> Double {
    let (first, last) = (try #require(first), try #require(last))
    return Double(
      trace.clock.nanoseconds(at: last.ticks) - trace.clock.nanoseconds(at: first.ticks))
      / 1e9
  }
}
