// SPDX-License-Identifier: Apache-2.0
//
// Timelines of traces made in memory.

import CTraceFormat
import MemtraceTestSupport
import Symbolication
import Testing
import TraceFile

@testable import MemtraceAnalyzer

@Suite struct TimelineTests {
  private let millisecond = AnalysisFixture.millisecond

  private func functions(_ stack: ReportStack, _ timeline: Timeline) -> [String] {
    timeline.frames.frames(of: stack).map { $0.function ?? "?" }
  }

  @Test func aLeakUnderChurnIsTheOnlySiteThatGrowsAndAtItsRate() throws {
    let fixture = AnalysisFixture()
    fixture.leak(steps: 300)
    fixture.builder.end(at: 3010 * millisecond)
    let timeline = try fixture.timeline()
    #expect(timeline.growingSites.count == 1)
    let site = try #require(timeline.growingSites.first)
    #expect(functions(site.stack, timeline) == ["lose", "main"])
    #expect(abs(site.pattern.bytesPerHour / (100 * 1024 * 3600) - 1) < 0.03)
    #expect(timeline.verdict.kind == .leak)
    #expect(timeline.rss?.kind == .flat)
  }

  @Test func whatIsStillUpAtTheEndIsNotPutDownToACacheBesideIt() throws {
    let fixture = AnalysisFixture()
    let step = AnalysisFixture.millisecond
    let blocks = fixture.builder.stack([0x1110])
    fixture.symbolicator.name(0x1110, "decode", "decode.c", line: 24)
    fixture.main.malloc(0x1000, 1 << 20, stack: blocks, at: step)
    // Mappings that stop growing early, and blocks that only begin to come near the end.
    for index: UInt64 in 0..<100 {
      let now = (index + 2) * 10 * step
      if index == 20 {
        fixture.main.mmap(
          0x7000_0000_0000, 1 << 20, stack: blocks, mapping: anonymousMemory, at: now - step)
      }
      if index >= 85 {
        fixture.main.malloc(0x100_0000 + index << 20, 1 << 20, stack: blocks, at: now)
      }
      fixture.main.seal()
      fixture.builder.sample(at: now + 1, [.rssBytes: 30 << 20])
    }
    let timeline = try fixture.timeline()
    #expect(timeline.otherMmap.kind == .oneTime)
    #expect(timeline.malloc.kind == .plateauThenSpike && timeline.endsOnSpike)
    #expect(timeline.verdict.kind == .none && timeline.verdict.confidence < 0.5)
    #expect(timeline.verdict.evidence.contains { $0.hasSuffix("had not come down by the end") })
    #expect(timeline.verdict.nextSteps.first?.hasPrefix("Record for longer") == true)
  }

  @Test func whatHadTooFewSamplesHasNoShape() {
    #expect(TimelineWords.name(GrowthPattern(.flat)) == "known too briefly")
    var flat = GrowthPattern(.flat)
    flat.confidence = 0.3
    #expect(TimelineWords.name(flat) == "flat" && TimelineWords.kind(flat) == "flat")
  }

  @Test func ratesAreByTheHourUntilTheyAreTooHighToGoOnForOne() {
    #expect(TimelineWords.rate(5_000_000) == "4.8 MiB/h")
    #expect(TimelineWords.rate(3600 * 1_048_576) == "1.0 MiB/s")
    var pattern = GrowthPattern(.steadyClimb)
    pattern.bytesPerHour = 7200 * 1_048_576
    pattern.rateRange = 3600 * 524_288...10_800 * 1_048_576
    #expect(TimelineWords.range(pattern) == "512.0 KiB to 3.0 MiB")
  }

  @Test(arguments: [60, 80, 100])
  func noFigureIsCutWhereTheScreenIsNarrow(width: Int) throws {
    let fixture = AnalysisFixture()
    fixture.leak(steps: 100)
    let timeline = try fixture.timeline { $0.largeThreshold = 1 << 20 }
    var options = TextOptions()
    options.width = width
    var text = ""
    let output = ReportOutput { text += String(decoding: $0, as: UTF8.self) }
    TextTimeline(options: options).render(timeline, to: output)
    try output.finish()
    let patterns = try #require(
      text.components(separatedBy: "Patterns").last?.components(separatedBy: "\n\n").first)
    #expect(!patterns.contains("…"), "\(patterns)")
    #expect(patterns.contains("steady-climb") && patterns.contains("confidence"))
    #expect(text.split(separator: "\n").allSatisfy { PrintableText.width(String($0)) <= width })
  }

  @Test func churnAloneGrowsNowhere() throws {
    let fixture = AnalysisFixture()
    fixture.builder.image("/app/program", start: 0x1000, end: 0x9000)
    let stack = fixture.builder.stack([0x1110])
    for step: UInt64 in 0..<300 {
      let now = (step + 1) * 10 * millisecond
      let address = 0x100_0000 + step % 16 * 0x1000
      if step >= 16 { fixture.main.free(address, at: now) }
      fixture.main.malloc(address, 1000 + step * 7919 % 3000, stack: stack, at: now + 1)
      fixture.builder.sample(at: now + 2, [.rssBytes: 8_000_000])
    }
    fixture.builder.end(at: 3010 * millisecond)
    let timeline = try fixture.timeline()
    #expect(timeline.growingSites.isEmpty)
    #expect(timeline.verdict.kind == .none)
    #expect(timeline.verdict.bytesPerHour == 0)
  }

  @Test func whatIsFreedOnTheWayOutDoesNotHideTheGrowth() throws {
    let fixture = AnalysisFixture()
    fixture.leak(steps: 200, churn: false)
    for step: UInt64 in 0..<200 {
      fixture.main.free(0x100_0000 + step * 0x1000, at: 2005 * millisecond + step)
    }
    fixture.builder.end(at: 2010 * millisecond)
    let timeline = try fixture.timeline()
    #expect(timeline.malloc.kind == .steadyClimb)
    #expect(timeline.verdict.kind == .leak)
    #expect(timeline.judged.upperBound < 2010 * millisecond)
  }

  @Test func whatV8MapsForItsHeapIsTheHeapOfJavaScript() throws {
    let fixture = AnalysisFixture()
    fixture.builder.image("/usr/bin/node", start: 0x1000, end: 0x9000)
    let page = fixture.builder.stack([0x1110, 0x1220])
    fixture.symbolicator.name(0x1110, "v8::base::OS::Allocate(void*)", image: "/usr/bin/node")
    fixture.symbolicator.name(
      0x1220, "v8::internal::MemoryAllocator::AllocatePage(v8::internal::Space*)",
      image: "/usr/bin/node")
    for step: UInt64 in 0..<200 {
      let now = (step + 1) * 10 * millisecond
      fixture.main.mmap(
        0x7000_0000_0000 + step << 24, 256 << 10, stack: page, mapping: reservedMemory, at: now)
      fixture.builder.sample(at: now + 1, [.rssBytes: 40_000_000 + step * 262_144])
    }
    fixture.builder.end(at: 2010 * millisecond)
    let timeline = try fixture.timeline()
    #expect(timeline.javaScriptHeap?.kind == .steadyClimb)
    #expect(timeline.mmap.kind == .steadyClimb)
    #expect(timeline.growingMappings.isEmpty)
    #expect(timeline.verdict.kind == .javaScriptHeap)
    let part = timeline.parts.first { $0.kind == .javaScriptHeap }
    #expect(part?.endBytes == 200 * 262_144)
  }

  @Test func whatTheEngineAllocatesForItselfIsNoLeak() throws {
    func timeline(through function: String, image: String) throws -> Timeline {
      let fixture = AnalysisFixture()
      fixture.builder.image("/usr/bin/node", start: 0x1000, end: 0x9000)
      let stack = fixture.builder.stack([0x1110])
      fixture.symbolicator.name(0x1110, function, image: image)
      for step: UInt64 in 0..<200 {
        let now = (step + 1) * 10 * millisecond
        fixture.main.malloc(0x100_0000 + step * 0x1000, 4096, stack: stack, at: now)
        fixture.builder.sample(at: now + 1, [.rssBytes: 40_000_000])
      }
      fixture.builder.end(at: 2010 * millisecond)
      return try fixture.timeline()
    }
    let engine = try timeline(
      through: "v8::internal::Page::AllocateFreeListCategories()", image: "/usr/bin/node")
    #expect(engine.growingSites.map(\.isOfEngine) == [true])
    #expect(engine.growthOfSites.bytesPerHour == 0)
    let addOn = try timeline(through: "keep", image: "/app/build/addon.node")
    #expect(addOn.growingSites.map(\.isOfEngine) == [false])
    #expect(addOn.verdict.kind == .leak)
  }

  @Test func aKillNearTheLimitOfTheControlGroupIsPutDownToIt() throws {
    let fixture = AnalysisFixture()
    fixture.leak(steps: 100)
    fixture.builder.sample(
      at: 1020 * millisecond,
      [.rssBytes: 99_000_000, .cgroupBytes: 100_500_000, .cgroupLimitBytes: 104_857_600])
    let timeline = try fixture.timeline()
    let death = try #require(timeline.death)
    #expect(death.shortage == .cgroup)
    #expect(death.usedBytes == 100_500_000)
    #expect(death.words.contains("137"))
    #expect(timeline.fastestGrowth?.contains("lose") == true)
    let report = try fixture.report()
    #expect(report.warnings.contains { $0.description.contains("OOM killer") })
  }

  @Test func aKillWithRoomLeftIsNotPutDownToMemory() throws {
    let fixture = AnalysisFixture()
    fixture.leak(steps: 100)
    fixture.builder.sample(
      at: 1020 * millisecond,
      [.rssBytes: 9_000_000, .cgroupBytes: 10_000_000, .cgroupLimitBytes: 104_857_600])
    let timeline = try fixture.timeline()
    #expect(timeline.death?.shortage == nil)
    #expect(try !fixture.report().warnings.contains { $0.description.contains("OOM killer") })
  }

  @Test func anOrderlyExitIsNoDeath() throws {
    let fixture = AnalysisFixture()
    fixture.leak(steps: 20)
    fixture.builder.end(at: 1000 * millisecond)
    #expect(try fixture.timeline().death == nil)
  }

  @Test func memoryThatIsFreeAndKeptIsTheAllocators() throws {
    let fixture = AnalysisFixture()
    fixture.builder.image("/app/program", start: 0x1000, end: 0x9000)
    let stack = fixture.builder.stack([0x1110])
    for step: UInt64 in 0..<200 {
      let now = (step + 1) * 10 * millisecond
      if step < 40 {
        fixture.main.malloc(0x100_0000 + step << 20, 1 << 20, stack: stack, at: now)
      } else if step < 60 {
        fixture.main.free(0x100_0000 + (step - 40) << 20, at: now)
      }
      let live = (step < 40 ? step + 1 : step < 60 ? 40 - (step - 39) : 20) << 20
      let top = min(step + 1, 40) << 20
      fixture.builder.sample(
        at: now + 1,
        [
          .rssBytes: 4_000_000 + top, .fileBytes: 3_000_000, .arenaUsedBytes: live,
          .arenaFreeBytes: top - live, .arenaMappedBytes: 0,
        ])
    }
    fixture.builder.end(at: 2010 * millisecond)
    let timeline = try fixture.timeline()
    #expect(timeline.verdict.kind == .allocatorRetention)
    #expect(timeline.verdict.nextSteps.contains { $0.contains("MALLOC_ARENA_MAX") })
    let sum = timeline.parts.reduce(0) { $0 + $1.endBytes }
    #expect(sum == 4_000_000 + 40 << 20)
  }

  @Test func marksOfOneNameAreOneOperation() throws {
    let fixture = AnalysisFixture()
    for step: UInt64 in 0..<8 {
      fixture.builder.mark("upload \(step)", at: (step * 20 + 5) * millisecond)
      fixture.builder.mark("idle", at: (step * 20 + 15) * millisecond)
    }
    fixture.leak(steps: 16, churn: false)
    fixture.builder.end(at: 200 * millisecond)
    let operations = try fixture.timeline().operations
    #expect(operations.map(\.name) == ["upload", "idle"])
    // Blocks begin at 10, 20, ... ms: one in each span, but none behind the last mark.
    #expect(operations.map(\.count) == [8, 7])
    #expect(operations.map(\.growthBytes) == [8192, 7168])
  }

  @Test func theCurveIsMadeOfInstantsAtWhichTheHeapIsExact() throws {
    let builder = TraceBuilder()
    for step: UInt64 in 1...40 { builder.sample(at: step * 100, [.rssBytes: 1]) }
    builder.end(at: 4100)
    let trace = try TemporaryTrace(builder).open()
    let exact = ExactInstants(trace, from: Ticks(0), through: Ticks(4100), 241)
    #expect(Set(exact.instants.map(\.rawValue)).isSubset(of: Set((0...41).map { $0 * 100 })))
    #expect(exact.grid.first == Ticks(0))
    #expect(exact.grid.last == Ticks(4100))
    #expect(exact.grid.count == 40)
    let places = ExactInstants.places(
      of: [Ticks(0), Ticks(250), Ticks(400)], in: [0, 100, 200, 300, 400].map { Ticks($0) })
    #expect(places == [0, 2, 4])
  }
}
