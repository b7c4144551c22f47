// SPDX-License-Identifier: Apache-2.0
//
// A trace with some of everything that a timeline shows, and short ways to make others.

import MemtraceTestSupport
import TraceFile

@testable import MemtraceAnalyzer

extension AnalysisFixture {
  static let millisecond: UInt64 = 1_000_000

  func timeline(_ change: (inout TimelineOptions) -> Void = { _ in }) throws -> Timeline {
    var options = TimelineOptions()
    change(&options)
    let file = try TemporaryTrace(builder)
    return try Analyzer.timeline(on: file.open(), options: options, using: &symbolicator)
  }

  /// A program that leaks a KiB each 10 ms for `steps` of them under churn of another function,
  /// with a sample at each.
  func leak(steps: UInt64, churn: Bool = true, rss: (UInt64) -> UInt64 = { 8_000_000 + $0 * 1024 })
  {
    builder.image("/app/program", start: 0x1000, end: 0x9000)
    let leak = builder.stack([0x1110, 0x1220])
    let other = builder.stack([0x1330, 0x1220])
    symbolicator.name(0x1110, "lose", "lose.c", line: 7)
    symbolicator.name(0x1330, "churn", "churn.c", line: 9)
    symbolicator.name(0x1220, "main", "main.c", line: 1)
    for step in 0..<steps {
      let now = (step + 1) * 10 * Self.millisecond
      main.malloc(0x100_0000 + step * 0x1000, 1024, stack: leak, at: now)
      if churn {
        for block: UInt64 in 0..<20 {
          let address = 0x4000_0000 + (step % 7) * 0x10_0000 + block * 0x1000
          if step >= 7 { main.free(address, at: now + 1) }
          main.malloc(
            address, 3000 + (step * 7919 + block * 104_729) % 2000, stack: other, at: now + 2)
        }
      }
      main.seal()
      builder.sample(at: now + 3, [.rssBytes: rss(step), .fileBytes: 4_000_000])
    }
  }

  /// A timeline in which no list is empty and no member null.
  static func withEverything() throws -> Timeline {
    let fixture = AnalysisFixture()
    fixture.builder.mark("step 1", at: 5 * millisecond)
    fixture.leak(steps: 100)
    fixture.builder.mark("step 2", at: 600 * millisecond)
    let map = fixture.builder.stack([0x1440])
    fixture.symbolicator.name(0x1440, "map_more", "map.c", line: 3)
    let other = fixture.builder.window(thread: 2, name: "other")
    for step: UInt64 in 0..<100 {
      other.mmap(
        0x7000_0000_0000 + step << 24, 1 << 20, stack: map, mapping: anonymousMemory,
        at: (step + 1) * 10 * millisecond + 5)
    }
    other.malloc(0x9_0000_0000, 40 << 20, stack: map, at: 700 * millisecond)
    var timeline = try fixture.timeline {
      $0.largeThreshold = 1 << 20
      $0.collections = [
        GarbageCollection(
          ticks: Ticks(300 * millisecond), durationNanoseconds: 1000, kind: .major,
          heapUsedByteCountBefore: 10, heapUsedByteCountAfter: 5)
      ]
    }
    timeline.spike = SpikeComposition(
      nanoseconds: 1, outstandingBytes: 2,
      parts: [
        .init(amount: SiteAmount(byteCount: 1, count: 1), stack: timeline.growingSites[0].stack)
      ])
    return timeline
  }
}
