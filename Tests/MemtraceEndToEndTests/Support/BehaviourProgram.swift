// SPDX-License-Identifier: Apache-2.0
//
// The programs of known behaviour (Fixtures/behaviour): each runs once per test run, and all tests
// look at the same recording of it.

import Foundation
import Testing
import TraceFile

/// One program whose memory behaves in a known way.
struct BehaviourProgram: Hashable, CustomTestStringConvertible {
  /// The file name in `Fixtures/behaviour`, without what follows the period.
  let name: String

  /// Those in C.
  static let native = [
    "flat", "slow-leak", "leak-per-request", "lru-cache", "lazy-init", "sawtooth-flat",
    "sawtooth-rising", "spike", "burst", "plateau-spike", "fragmentation", "mmap-leak",
    "thread-stacks", "freed-at-exit", "growth-stops", "needle",
  ].map(Self.init(name:))

  /// Those for node.
  static let node = ["js-heap", "js-buffers", "js-garbage"].map(Self.init(name:))

  /// All that can run here.
  static let all = native + (Project.installed("node") == nil ? [] : node)

  var testDescription: String { name }

  /// What the program says of itself; see behaviour.h.
  struct Books: Decodable {
    struct Pattern: Decodable {
      let malloc, mmap, rss: String
    }

    let program: String
    let seconds: Double
    /// By how much it took longer than it should.
    let lateSeconds: Double
    /// The function that is to be found, and what it has outstanding at "end".
    let site: String
    let siteBytes, siteBlocks: Int
    let growthBytes: Int
    let growthBytesPerHour: Double
    let pattern: Pattern
    let verdict: String
    /// js-garbage only.
    let collections: Int?

    /// The share of its time that the machine, and not the program, decided on.
    var lateShare: Double { lateSeconds / seconds }
    /// Whether its ticks were as evenly spaced as they should be.
    var wasPunctual: Bool { lateShare < 0.02 }
  }

  /// `make long-test` lets the needle in the haystack run for a minute.
  private var arguments: [String] {
    let seconds = ProcessInfo.processInfo.environment["MEMTRACE_NEEDLE_SECONDS"]
    return name == "needle" ? [seconds].compactMap { $0 } : []
  }

  /// One run of it.
  struct Recording {
    let run: TracedRun
    let books: Books

    var tracePath: String { run.directory.file("trace.bin") }

    func trace() throws -> TraceFile { try TraceFile(path: .init(tracePath)) }
  }

  private static let recordings = Recordings()

  /// The recording, made if this is the first to ask.
  ///
  /// Samples are taken every 10 ms: the programs do in a second what takes others an hour.
  func recording() throws -> Recording {
    try Self.recordings.recording(of: self) {
      let source = "behaviour/\(name)"
      let environment = ["MEMTRACE_SAMPLE_MS": "10"]
      let run =
        if Self.node.contains(self) {
          try runTraced(
            Project.installed("node") ?? "node", ["\(Project.fixtures)/\(source).js"],
            environment: environment)
        } else {
          try runTraced(
            Fixture(source: "\(source).c", product: name).path(), arguments,
            environment: environment)
        }
      #expect(run.ending == .exited(0))
      #expect(run.errors == "")
      return Recording(
        run: run, books: try JSONDecoder().decode(Books.self, from: Data(run.output.utf8)))
    }
  }
}

/// What was recorded so far; several programs at a time, each once.
private final class Recordings: @unchecked Sendable {
  private final class Entry {
    let lock = NSLock()
    var recording: BehaviourProgram.Recording?
  }

  private let lock = NSLock()
  private var entries: [BehaviourProgram: Entry] = [:]

  func recording(
    of program: BehaviourProgram, _ make: () throws -> BehaviourProgram.Recording
  ) throws -> BehaviourProgram.Recording {
    let entry = lock.withLock {
      let entry = entries[program] ?? Entry()
      entries[program] = entry
      return entry
    }
    return try entry.lock.withLock {
      if let recording = entry.recording { return recording }
      let recording = try make()
      entry.recording = recording
      return recording
    }
  }
}
