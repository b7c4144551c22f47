// SPDX-License-Identifier: Apache-2.0
//
// The programs of known behaviour under the real shim, judged by `memtrace timeline` alone: each says
// in its books which patterns, verdict, rate and site must be found.

import Foundation
import Testing

/// What the tests read of a timeline.
private struct Timeline: Decodable {
  struct Pattern: Decodable {
    let malloc, mmap: String
    let rss: String?
  }
  struct Trend: Decodable {
    let bytesPerHour: Double
    let baselineRises: Bool
  }
  struct Trends: Decodable {
    let malloc: Trend
    let rss: Trend?
  }
  struct Verdict: Decodable {
    let kind: String
    let confidence: Double
    let evidence, nextSteps: [String]
  }
  struct Frame: Decodable { let function: String? }
  struct Site: Decodable {
    let bytesPerHour: Double
    let stack: [Frame]
  }
  struct SpikeSite: Decodable {
    let share: Double
    let stack: [Frame]
  }
  struct Spike: Decodable { let sites: [SpikeSite] }
  struct Part: Decodable {
    let part: String
    let startBytes, endBytes: Int
  }
  struct Operation: Decodable {
    let name: String
    let count, growingCount, growthBytes: Int
    let stack: [Frame]
  }
  struct Event: Decodable {
    let kind: String
    let bytes: Int?
    let stack: [Frame]?
  }

  let pattern: Pattern
  let trends: Trends
  let verdict: Verdict
  let rateBytesPerHour: Double
  let growingSites: [Site]
  let spike: Spike?
  let parts: [Part]
  let operations: [Operation]
  let events: [Event]

  init(of program: BehaviourProgram) throws {
    let recording = try program.recording()
    let json = recording.run.directory.file("timeline.json")
    let result = try runCommand([
      "timeline", "--format", "json", "--from", "begin", "--to", "end", "-o", json,
      recording.tracePath,
    ])
    try #require(result.ending == .exited(0), "\(result.errors)")
    self = try JSONDecoder().decode(
      Self.self, from: try Data(contentsOf: URL(fileURLWithPath: json)))
  }
}

@Suite struct BehaviourTests {
  /// Where a series may rightly be seen in more than one way, the ways; else what the books say.
  private static let alternatives: [String: [String: Set<String>]] = [
    // The first second of the churn is a rise, and the needle is a thousandth of its noise.
    "needle": ["malloc": ["one-time", "flat", "steady-climb"], "rss": ["one-time", "flat"]],
    // malloc keeps what a batch took: after the first one RSS may stay where it is.
    "sawtooth-flat": ["rss": ["sawtooth", "one-time", "flat"]],
    "sawtooth-rising": ["rss": ["sawtooth", "steady-climb"]],
    "fragmentation": ["malloc": ["one-time", "spike"]],
    // V8's young generation takes its size.
    "js-garbage": [
      "malloc": ["flat", "one-time"], "mmap": ["flat", "one-time", "sawtooth"],
      "rss": ["flat", "one-time"],
    ],
    // V8 maps what it holds Buffers with, and takes some.
    "js-buffers": ["mmap": ["flat", "one-time"]],
    "js-heap": ["malloc": ["flat", "one-time", "spike", "plateau-then-spike", "sawtooth"]],
  ]

  /// The same for a program that was late.
  private static let alternativesWhenLate: [String: [String: Set<String>]] = [
    // RSS is sampled, where malloc's curve has every event: on a busy machine no sample may follow
    // the fall, and then it is one step.
    "plateau-spike": ["rss": ["plateau-then-spike", "one-time"]]
  ]

  /// Whether a short excursion was no longer short, because the machine had no time for the program.
  private static func isStretched(_ books: BehaviourProgram.Books) -> Bool {
    // The share by which it may be late, all of it within the excursion, for that to be short still.
    guard let limit = ["spike": 0.3, "burst": 0.15, "plateau-spike": 0.05][books.program] else {
      return false
    }
    return books.lateShare > limit
  }

  @Test(arguments: BehaviourProgram.all)
  func thePatternAndTheVerdictAreTheKnownOnes(_ program: BehaviourProgram) throws {
    let books = try program.recording().books
    let timeline = try Timeline(of: program)
    #expect(timeline.verdict.kind == books.verdict)
    #expect(!timeline.verdict.evidence.isEmpty)
    #expect(!timeline.verdict.nextSteps.isEmpty)
    guard !Self.isStretched(books) else { return }
    var known = Self.alternatives[program.name] ?? [:]
    if !books.wasPunctual, let late = Self.alternativesWhenLate[program.name] { known = late }
    #expect((known["malloc"] ?? [books.pattern.malloc]).contains(timeline.pattern.malloc))
    #expect((known["mmap"] ?? [books.pattern.mmap]).contains(timeline.pattern.mmap))
    #expect((known["rss"] ?? [books.pattern.rss]).contains(timeline.pattern.rss ?? "none"))
  }

  @Test(arguments: BehaviourProgram.all)
  func theRateIsThatOfTheBooks(_ program: BehaviourProgram) throws {
    let books = try program.recording().books
    let timeline = try Timeline(of: program)
    guard books.growthBytes > 0, books.verdict != "none" else {
      #expect(timeline.rateBytesPerHour == 0)
      return
    }
    // What V8 says is in use has garbage in it, which the books have collected.
    var tolerance = program.name == "js-heap" ? 0.25 : 0.1
    // Ten teeth are few, and of a program that was late not evenly spaced.
    if program.name == "sawtooth-rising", !books.wasPunctual { tolerance = 0.15 }
    let ratio = timeline.rateBytesPerHour / books.growthBytesPerHour
    #expect(abs(ratio - 1) <= tolerance, "\(ratio)")
  }

  @Test(arguments: BehaviourProgram.all)
  func theSiteThatGrowsComesFirstAndWhatDoesNotGrowIsNotListed(_ program: BehaviourProgram) throws {
    let books = try program.recording().books
    let timeline = try Timeline(of: program)
    // Ten teeth are few: the rate of its site is not to be relied on.
    if program.name == "sawtooth-rising" { return }
    switch books.verdict {
    case "leak", "external-memory":
      let first = try #require(timeline.growingSites.first)
      #expect(first.stack.contains { $0.function == books.site })
      #expect(abs(first.bytesPerHour / books.growthBytesPerHour - 1) <= 0.1)
    case "none", "cache-or-warmup", "allocator-retention":
      let named = timeline.growingSites.filter { site in
        site.stack.contains { $0.function == books.site }
      }
      #expect(named.isEmpty)
    default: break
    }
  }

  @Test(arguments: ["spike", "burst", "plateau-spike"].map(BehaviourProgram.init(name:)))
  func aSpikeIsTakenApartAndAnEvent(_ program: BehaviourProgram) throws {
    let books = try program.recording().books
    guard !Self.isStretched(books) else { return }
    let timeline = try Timeline(of: program)
    let first = try #require(timeline.spike?.sites.first)
    #expect(first.share > 0.85)
    #expect(first.stack.first?.function == books.site)
    #expect(
      timeline.events.contains { event in
        event.stack?.contains { $0.function == books.site } ?? false
          && (event.bytes ?? 0) > 30 << 20
      })
  }

  @Test func theOperationThatLeaksIsFirstAmongThoseBetweenMarks() throws {
    let timeline = try Timeline(of: BehaviourProgram(name: "leak-per-request"))
    let first = try #require(timeline.operations.first)
    #expect(first.name == "request")
    #expect(first.count == 10)
    #expect(first.growingCount == 10)
    #expect(first.growthBytes == 10 * 20 * 16384)
    #expect(first.stack.first?.function == "open_session")
  }

  /// Parts that are known make up all but 5 % of RSS.
  ///
  /// Of a few MiB what every process has aside (its
  /// data, its stack, memtrace's own tables) is more than that; threads' stacks are in no part.
  @Test(
    arguments: BehaviourProgram.all.filter {
      !["thread-stacks", "burst", "spike", "js-garbage"].contains($0.name)
    })
  func thePartsExplainTheResidentMemory(_ program: BehaviourProgram) throws {
    let parts = try Timeline(of: program).parts
    let rss = parts.reduce(0) { $0 + $1.endBytes }
    let unexplained = parts.first { $0.part == "unexplained" }?.endBytes ?? 0
    #expect(rss > 1_048_576)
    if rss > 16_777_216 { #expect(unexplained <= rss / 20) }
  }

  @Test func aSawtoothSaysWhetherItsBaselineRises() throws {
    #expect(
      try !Timeline(of: BehaviourProgram(name: "sawtooth-flat")).trends.malloc.baselineRises)
    #expect(
      try Timeline(of: BehaviourProgram(name: "sawtooth-rising")).trends.malloc.baselineRises)
  }

  @Test func whatWasAllocatedInOneSpanAndIsStillThereLaterIsTheLeak() throws {
    let recording = try BehaviourProgram(name: "leak-per-request").recording()
    let report = try recording.run.report(
      "trace.bin", ["--from", "request 40", "--to", "request 100", "--alive-at", "end"])
    #expect(report.sums(under: "open_session").outstandingCount == 60)
    let traffic = report.sums(under: "behaviour_traffic")
    #expect(traffic.outstandingCount < 60)
  }

  @Test func anInvestigationNamesTheSuspect() throws {
    let recording = try BehaviourProgram(name: "slow-leak").recording()
    let result = try runCommand(["investigate", recording.tracePath])
    #expect(result.ending == .exited(0))
    let suspects = result.output.components(separatedBy: "## Top suspects").last ?? ""
    #expect(suspects.contains("lose_some"))
    #expect(result.output.contains("**leak**"))
  }

  /// JavaScript's heap is told apart by what V8 maps, where nothing else tells of it.
  @Test(.enabled(if: Project.installed("node") != nil))
  func theHeapOfJavaScriptIsToldApartWithoutTheModule() throws {
    let run = try runTraced(
      Project.installed("node") ?? "node", ["\(Project.fixtures)/behaviour/js-heap.js", "2"],
      environment: ["MEMTRACE_SAMPLE_MS": "10", "MEMTRACE_BEHAVIOUR_MODULE": "0"])
    let result = try runCommand(["timeline", "--format", "json", run.directory.file("trace.bin")])
    let timeline = try JSONDecoder().decode(VerdictOnly.self, from: Data(result.output.utf8))
    #expect(timeline.verdict.kind == "javascript-heap")
    #expect(timeline.verdict.nextSteps.contains { $0.contains("heap snapshot") })
  }

  private struct VerdictOnly: Decodable { let verdict: Timeline.Verdict }
}
