// SPDX-License-Identifier: Apache-2.0
//
// Samples of a program's memory, against what the program itself reads at the same instant.

import Foundation
import Testing
import TraceFile

@Suite struct SamplingTests {
  private static let fixture = Fixture(source: "samples.c")

  private func trace(of run: TracedRun, _ name: String = "trace.bin") throws -> TraceFile {
    try TraceFile(path: .init(run.directory.file(name)))
  }

  /// What `samples grow` reads itself; kibibytes from /proc, bytes from the allocator.
  private struct Truth: Decodable {
    let rss, anonymous, file, shmem, peak, threads: UInt64
    let arena, used, free, mapped: UInt64
  }

  @Test func aSampleSaysWhatTheProgramReadsItself() throws {
    let run = try runTraced(Self.fixture.path(), ["grow"])
    #expect(run.ending == .exited(0))
    #expect(run.errors == "")
    let truth = try JSONDecoder().decode(Truth.self, from: Data(run.output.utf8))
    let trace = try trace(of: run)
    let mark = try #require(trace.marks.first { $0.name == "grown" })
    let sample = try #require(trace.samples.first { $0.ticks >= mark.ticks })

    // A little may come between the two readings: the program's own of the files, for one.
    func expect(_ field: Sample.Field, near expected: UInt64, within slack: UInt64) {
      let value = sample[field] ?? 0
      let difference = value > expected ? value - expected : expected - value
      #expect(difference <= slack, "\(field): \(value), not \(expected)")
    }
    expect(.rssBytes, near: truth.rss << 10, within: 1 << 20)
    expect(.anonymousBytes, near: truth.anonymous << 10, within: 1 << 20)
    expect(.fileBytes, near: truth.file << 10, within: 1 << 20)
    expect(.shmemBytes, near: truth.shmem << 10, within: 1 << 20)
    expect(.peakRSSBytes, near: truth.peak << 10, within: 1 << 20)
    #expect(truth.anonymous >= 64 << 10 && truth.file >= 8 << 10 && truth.shmem >= 16 << 10)
    #expect(sample[.threadCount] == truth.threads)
    expect(.arenaBytes, near: truth.arena, within: 1 << 17)
    expect(.arenaUsedBytes, near: truth.used, within: 1 << 17)
    expect(.arenaFreeBytes, near: truth.free, within: 1 << 17)
    #expect(sample[.arenaMappedBytes] == truth.mapped)
    #expect(truth.mapped >= 64 << 20)
    let machine = try #require(sample[.machineBytes])
    #expect(machine > sample[.machineAvailableBytes] ?? .max)
  }

  @Test func thePartsAddUpToTheResidentMemory() throws {
    let run = try runTraced(
      Self.fixture.path(), ["churn", "1"], environment: ["MEMTRACE_SAMPLE_MS": "2"])
    let samples = try trace(of: run).samples
    let divided = samples.filter { $0[.fileBytes] != nil }
    #expect(divided.count > 2)
    for sample in divided {
      let parts = [Sample.Field.anonymousBytes, .fileBytes, .shmemBytes].compactMap { sample[$0] }
      #expect(parts.reduce(0, +) == sample[.rssBytes])
    }
    for sample in samples {
      let rss = try #require(sample[.rssBytes])
      #expect(sample[.anonymousBytes].map { $0 + (sample[.rssSharedBytes] ?? 0) } == rss)
      #expect(sample[.peakRSSBytes] ?? .max >= rss)
      #expect(sample[.pssBytes] ?? 0 <= rss)
    }
  }

  @Test func thePeakIsThatOfTheProgramAndNotOfWhatItWasBeforeExec() throws {
    let run = try runTraced(
      Self.fixture.path(), ["exec"], environment: ["MEMTRACE_SAMPLE_MS": "5"])
    #expect(try run.traceNames() == ["trace.bin", "trace.bin.old"])
    let large = try trace(of: run, "trace.bin.old").samples.compactMap { $0[.rssBytes] }.max()
    #expect(large ?? 0 > 1 << 20)
    let peaks = try trace(of: run).samples.compactMap { $0[.peakRSSBytes] }
    #expect(!peaks.isEmpty)
    #expect(peaks.max() ?? .max < 50 << 20)
  }

  @Test(arguments: ["1", "50"])
  func samplingTakesNoMoreThanItsShareOfTheTime(_ milliseconds: String) throws {
    let run = try runTraced(
      Self.fixture.path(), ["churn", "1"], environment: ["MEMTRACE_SAMPLE_MS": milliseconds])
    let trace = try trace(of: run)
    let last = try #require(trace.samples.last)
    let spent = try #require(last[.samplingNanoseconds])
    #expect(last[.sampleCount] == UInt64(trace.samples.count - 1))
    #expect(trace.samples.count > 15)
    #expect(Double(spent) < 0.005 * Double(trace.clock.nanoseconds(at: last.ticks)))
  }

  @Test func theLastSampleIsThatOfTheEnd() throws {
    let run = try runTraced(Self.fixture.path(), ["churn", "0.01"])
    let trace = try trace(of: run)
    // Not one has come due, but for the first and the last.
    #expect(trace.samples.count >= 2)
    let (last, previous) = (try #require(trace.samples.last), trace.samples[0])
    #expect(last[.rssBytes] ?? 0 > previous[.rssBytes] ?? .max)
    #expect(last.ticks <= trace.endTicks)
  }

  @Test func anotherAllocatorIsNotAskedForGlibcsBooks() throws {
    let allocator = try Fixture(
      source: "allocator.c", flags: ["-fPIC", "-shared"], product: "allocator.so"
    ).path()
    let program = try Self.fixture.path()
    let environment = ["MEMTRACE_SAMPLE_MS": "1"]
    let glibc = try trace(of: runTraced(program, ["churn", "0.8"], environment: environment))
    #expect(glibc.samples.contains { $0[.arenaBytes] != nil })
    let other = try runTraced(
      program, ["churn", "0.8"],
      environment: environment.merging(["LD_PRELOAD": "\(Project.library):\(allocator)"]) { $1 })
    #expect(other.ending == .exited(0))
    let trace = try trace(of: other)
    #expect(trace.samples.count > 4)
    #expect(trace.samples.allSatisfy { $0[.arenaBytes] == nil })
  }

  @Test(arguments: ["fork", "_fork"])
  func aChildsArenasAreReadOnlyWhereTheirLocksAreInOrder(_ how: String) throws {
    let run = try runTraced(
      Self.fixture.path(), [how], environment: ["MEMTRACE_SAMPLE_MS": "1"])
    #expect(run.ending == .exited(0))
    let pid = run.output.trimmingCharacters(in: .whitespacesAndNewlines)
    let samples = try trace(of: run, "trace.\(pid).bin").samples
    #expect(samples.count > 4)
    #expect(samples.contains { $0[.arenaBytes] != nil } == (how == "fork"))
  }

  @Test func aHandlerThatInterruptsMallocIsNeverMadeToWaitForIt() throws {
    let run = try runTraced(
      Self.fixture.path(), ["handler"], environment: ["MEMTRACE_SAMPLE_MS": "1"], limitSeconds: 30)
    #expect(run.ending == .exited(0))
    #expect(run.output == "handled\n")
    #expect(try trace(of: run).samples.contains { $0[.arenaBytes] != nil })
  }

  @Test func whatTheAllocatorKeepsIsInItsBooks() throws {
    let run = try runTraced(
      Self.fixture.path(), ["waste"], environment: ["MEMTRACE_SAMPLE_MS": "5"])
    let free = try trace(of: run).samples.compactMap { $0[.arenaFreeBytes] }
    // 100,000 blocks of 1,200 bytes, none of which could be given back.
    #expect(free.max() ?? 0 > 100_000 * 1200)
  }
}
