// SPDX-License-Identifier: Apache-2.0
//
// The timeline for programs: a public interface, versioned and described in docs/timeline-json.md.

/// Writes timelines as JSON, schema `memtrace-timeline/1`.
package struct JSONTimeline {
  package static let schema = "memtrace-timeline/1"

  package init() {}

  package func render(_ timeline: Timeline, to output: ReportOutput) {
    var stacks = JSONFrameCache(timeline.frames)
    JSONDocument.write(schema: Self.schema, to: output) { json in
      json.object("trace", multiline: true) { JSONRenderer().writeMembers(timeline.trace, &$0) }
      json.object("interval") { json in
        json.member("fromNs", timeline.interval.lowerBound)
        json.member("toNs", timeline.interval.upperBound)
        json.member("isPartOfTrace", timeline.isPartOfTrace)
        json.member("judgedFromNs", timeline.judged.lowerBound)
        json.member("judgedToNs", timeline.judged.upperBound)
      }
      json.object("pattern") { json in
        json.member("malloc", timeline.malloc.kind.rawValue)
        json.member("mmap", timeline.mmap.kind.rawValue)
        json.member("rss", timeline.rss?.kind.rawValue)
        json.member("javascriptHeap", timeline.javaScriptHeap?.kind.rawValue)
      }
      json.key("verdict")
      write(timeline.verdict, &json)
      json.member("rateBytesPerHour", Self.integer(timeline.verdict.bytesPerHour))
      json.object("trends", multiline: true) { json in
        json.key("malloc")
        write(timeline.malloc, &json)
        json.key("mmap")
        write(timeline.mmap, &json)
        json.key("rss")
        write(timeline.rss, &json)
        json.key("javascriptHeap")
        write(timeline.javaScriptHeap, &json)
      }
      json.key("parts")
      write(timeline.parts, &json)
      json.key("series")
      write(timeline.series, &json)
      json.member("siteStride", timeline.siteStride)
      json.member("growingSiteCount", timeline.growingSiteCount)
      json.key("growingSites")
      write(timeline.growingSites, &stacks, &json)
      json.key("growingMappings")
      write(timeline.growingMappings, &stacks, &json)
      json.lines("events", timeline.events) { write($0, &stacks, &$1) }
      json.key("spike")
      write(timeline.spike, &stacks, &json)
      json.key("collector")
      write(timeline.collector, &json)
      json.key("operations")
      write(timeline.operations, &stacks, &json)
      json.key("death")
      write(timeline.death, &json)
      json.lines("warnings", timeline.warnings) { $1.value($0.description) }
    }
  }

  private static func integer(_ value: Double) -> Int64 {
    Int64(max(-9e18, min(9e18, value.rounded())))
  }

  private func write(_ verdict: Verdict, _ json: inout JSONWriter) {
    json.object(multiline: true) { json in
      json.member("kind", verdict.kind.rawValue)
      json.member("confidence", fraction: verdict.confidence)
      json.lines("evidence", verdict.evidence) { $1.value($0) }
      json.lines("nextSteps", verdict.nextSteps) { $1.value($0) }
    }
  }

  private func write(_ pattern: GrowthPattern?, _ json: inout JSONWriter) {
    guard let pattern else { return json.null() }
    json.object { json in
      json.member("kind", pattern.kind.rawValue)
      json.member("baselineRises", pattern.baselineRises)
      json.member("bytesPerHour", Self.integer(pattern.bytesPerHour))
      json.member("leastBytesPerHour", Self.integer(pattern.rateRange.lowerBound))
      json.member("mostBytesPerHour", Self.integer(pattern.rateRange.upperBound))
      json.member("confidence", fraction: pattern.confidence)
      json.member("trendProbability", fraction: pattern.trendProbability)
      json.member("turnNs", pattern.turnNanoseconds)
      json.member("startBytes", Self.integer(pattern.startBytes))
      json.member("endBytes", Self.integer(pattern.endBytes))
      json.member("peakBytes", Self.integer(pattern.peakBytes))
      json.member("peakNs", pattern.peakNanoseconds)
      json.member("excursionCount", pattern.excursionCount)
    }
  }

  private func write(_ parts: [MemoryPart], _ json: inout JSONWriter) {
    json.array(multiline: true) { json in
      for part in parts {
        json.object { json in
          json.member("part", part.kind.rawValue)
          json.member("startBytes", part.startBytes)
          json.member("endBytes", part.endBytes)
          json.member("growthBytes", part.growthBytes)
        }
      }
    }
  }

  private func write(_ series: TimelineSeries, _ json: inout JSONWriter) {
    func list(_ name: String, _ values: [UInt64], _ json: inout JSONWriter) {
      json.key(name)
      json.array { json in for value in values { json.value(value) } }
    }
    func list(_ name: String, known values: [UInt64?], _ json: inout JSONWriter) {
      json.key(name)
      json.array { json in for value in values { json.value(value) } }
    }
    json.object(multiline: true) { json in
      list("timeNs", series.nanoseconds, &json)
      list("mallocBytes", series.mallocBytes, &json)
      list("mallocCount", series.mallocCount, &json)
      list("mallocPeakBytes", series.mallocPeakBytes, &json)
      list("allocatedBytes", series.allocatedBytes, &json)
      list("allocationCount", series.allocationCount, &json)
      list("freedBytes", series.freedBytes, &json)
      list("mmapBytes", series.mmapBytes, &json)
      list("javascriptHeapBytes", known: series.javaScriptHeapBytes, &json)
      list("javascriptUsedBytes", known: series.javaScriptUsedBytes, &json)
      list("rssBytes", known: series.rssBytes, &json)
      list("allocatorFreeBytes", known: series.allocatorFreeBytes, &json)
      list("cgroupBytes", known: series.cgroupBytes, &json)
      list("cgroupLimitBytes", known: series.cgroupLimitBytes, &json)
    }
  }

  private func write(
    _ sites: [GrowingSite], _ stacks: inout JSONFrameCache, _ json: inout JSONWriter
  ) {
    json.array(multiline: true) { json in
      for site in sites {
        json.object { json in
          json.member("bytesPerHour", Self.integer(site.pattern.bytesPerHour))
          json.member("leastBytesPerHour", Self.integer(site.pattern.rateRange.lowerBound))
          json.member("mostBytesPerHour", Self.integer(site.pattern.rateRange.upperBound))
          json.member("confidence", fraction: site.pattern.confidence)
          json.member("growthBytes", site.growthBytes)
          json.member("outstandingBytes", site.endAmount.byteCount)
          json.member("outstandingCount", site.endAmount.count)
          json.member("isExternalMemory", site.isExternal)
          json.member("isEngineMemory", site.isOfEngine)
          stacks.write(site.stack, &json)
        }
      }
    }
  }

  private func write(
    _ event: TimelineEvent, _ stacks: inout JSONFrameCache, _ json: inout JSONWriter
  ) {
    json.object { json in
      switch event.kind {
      case .large(let large):
        json.member("timeNs", large.nanoseconds)
        json.member("kind", large.kind == .single ? "large" : "burst")
        json.member("bytes", large.byteCount)
        json.member("count", large.blockCount)
        json.member("durationNs", large.durationNanoseconds)
        json.member("freedTimeNs", large.freedNanoseconds)
        stacks.write(large.stack, &json)
      case .mark(let mark):
        json.member("timeNs", mark.nanoseconds)
        json.member("kind", mark.kind.rawValue)
        json.member("name", mark.name)
      }
    }
  }

  private func write(
    _ spike: SpikeComposition?, _ stacks: inout JSONFrameCache, _ json: inout JSONWriter
  ) {
    guard let spike else { return json.null() }
    json.object { json in
      json.member("timeNs", spike.nanoseconds)
      json.member("outstandingBytes", spike.outstandingBytes)
      json.objects("sites", spike.parts) { part, json in
        json.member("outstandingBytes", part.amount.byteCount)
        json.member("outstandingCount", part.amount.count)
        json.member(
          "share",
          fraction: Double(part.amount.byteCount) / Double(max(1, spike.outstandingBytes)))
        stacks.write(part.stack, &json)
      }
    }
  }

  private func write(_ collector: CollectorPressure?, _ json: inout JSONWriter) {
    guard let collector else { return json.null() }
    json.object { json in
      json.member("minorCount", collector.minorCount)
      json.member("majorCount", collector.majorCount)
      json.member("otherCount", collector.otherCount)
      json.member("totalNs", collector.totalNanoseconds)
      json.member("longestNs", collector.longestNanoseconds)
      json.member("spanNs", collector.spanNanoseconds)
      json.member("timeShare", fraction: collector.timeShare)
      json.member("allocatedBytes", collector.allocatedBytes)
      json.member("firstUsedBytes", collector.firstUsedBytes)
      json.member("lastUsedBytes", collector.lastUsedBytes)
    }
  }

  private func write(
    _ operations: [OperationGrowth], _ stacks: inout JSONFrameCache, _ json: inout JSONWriter
  ) {
    json.array(multiline: true) { json in
      for operation in operations {
        json.object { json in
          json.member("name", operation.name)
          json.member("count", operation.count)
          json.member("growthBytes", operation.growthBytes)
          json.member("growthCount", operation.growthCount)
          json.member("growingCount", operation.growingCount)
          json.member("allocatedBytes", operation.allocatedBytes)
          json.member("rssGrowthBytes", operation.rssGrowthBytes)
          json.member("durationNs", operation.nanoseconds)
          json.member("topGrowthBytes", operation.topGrowthBytes)
          stacks.write(operation.topStack ?? ReportStack(addresses: []), &json)
        }
      }
    }
  }

  private func write(_ death: Death?, _ json: inout JSONWriter) {
    guard let death else { return json.null() }
    json.object { json in
      json.member("shortage", death.shortage?.rawValue)
      json.member("usedBytes", death.usedBytes)
      json.member("limitBytes", death.limitBytes)
      json.member("rssBytes", death.rssBytes)
      json.member("lastSampleNs", death.lastSampleNanoseconds)
      json.member("countsKill", death.countsKill)
      json.member("explanation", death.words)
    }
  }
}
