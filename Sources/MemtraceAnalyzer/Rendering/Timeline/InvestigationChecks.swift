// SPDX-License-Identifier: Apache-2.0
//
// The questions an investigation asks of every trace, with what this one answers.

/// Questions and answers.
struct InvestigationChecks {
  let timeline: Timeline

  init(_ timeline: Timeline) {
    self.timeline = timeline
  }

  var rows: [(question: String, answer: String)] {
    [
      ("Do native blocks pile up?", words(timeline.malloc)),
      ("Does any single site go on growing?", sites),
      ("Are mappings (mmap) made and not unmapped?", words(timeline.otherMmap)),
      ("Does the allocator keep what was freed?", kept),
      (
        "Does the JavaScript heap grow (listeners, timers, closures, caches show there)?",
        timeline.javaScriptHeap.map(words) ?? "there is none"
      ),
      ("Is it memory of Buffers?", external),
      ("Do threads pile up, each with a stack?", threads),
      ("Did it spike?", spike),
      ("Does garbage collection take long?", collector),
      ("Was memory short when it ended?", death),
    ]
  }

  private func words(_ pattern: GrowthPattern) -> String {
    guard pattern.grows else { return "no: \(TimelineWords.name(pattern))" }
    return "yes: \(TimelineWords.name(pattern)), \(TimelineWords.rate(pattern.bytesPerHour))"
  }

  private var sites: String {
    guard let first = timeline.growingSites.first else { return "no" }
    return "yes: \(timeline.growingSiteCount), the fastest by "
      + TimelineWords.rate(first.pattern.bytesPerHour)
  }

  private var kept: String {
    guard let part = timeline.parts.first(where: { $0.kind == .allocatorFree }) else {
      return "not known: the samples have no books of the allocator"
    }
    let rss = timeline.rss?.endBytes ?? 0
    let share = rss > 0 ? Double(part.endBytes) / rss : 0
    return "\(share >= 0.25 ? "yes" : "no"): \(Quantity.bytes(part.endBytes)), "
      + "\(TimelineWords.percent(share)) of RSS"
  }

  private var external: String {
    let sums = timeline.growthOfSites
    guard sums.externalBytesPerHour > 0 else { return "no" }
    return "yes: \(TimelineWords.rate(sums.externalBytesPerHour)) of "
      + TimelineWords.rate(sums.bytesPerHour)
  }

  private var threads: String {
    guard let counts = timeline.threadCounts else { return "not known" }
    return counts.upperBound >= counts.lowerBound + 4
      ? "yes: from \(counts.lowerBound) to \(counts.upperBound)" : "no: \(counts.upperBound)"
  }

  private var spike: String {
    guard let spike = timeline.spike else { return "no" }
    return
      "yes: \(Quantity.bytes(spike.outstandingBytes)) at \(Quantity.instant(spike.nanoseconds))"
  }

  private var collector: String {
    guard let collector = timeline.collector else {
      return "not known: load the node module, or give node's --trace-gc output with --gc-log"
    }
    return "\(collector.timeShare >= 0.1 ? "yes" : "no"): "
      + "\(TimelineWords.percent(collector.timeShare)) of the time"
  }

  private var death: String {
    guard let death = timeline.death else { return "it did not end by a kill or a crash" }
    return death.shortage == nil ? "no" : "yes"
  }
}
