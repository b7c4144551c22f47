// SPDX-License-Identifier: Apache-2.0
//
// From patterns and figures to a verdict. What goes on growing fastest decides; where nothing
// does, what was kept or was built up once. docs/timeline.md has the reasons for the thresholds.

/// Weighs what a timeline shows.
struct VerdictFinder {
  /// A kind of growth that goes on.
  private struct Candidate {
    var kind: Verdict.Kind
    var bytesPerHour: Double
    var confidence: Double
    var evidence: [String]
  }

  /// Growth of sites that the sum does not show must be this share of it, unless it is the program's
  /// own code that grows.
  private static let leastSiteShare = 0.02
  private static let leastSiteBytes = 2048.0
  /// What an allocator keeps is worth a verdict from here on, and from this share of the RSS on.
  private static let leastKeptBytes: UInt64 = 4 << 20
  private static let leastKeptShare = 0.25
  /// V8's young generation: three spaces of 16 MiB.
  private static let youngGenerationBytes = 48.0 * 1_048_576

  let timeline: Timeline

  func verdict() -> Verdict {
    let candidates = [leak, javaScriptHeap, mmap, threadStacks].compactMap { $0 }
    let retention = growingRetention(candidates.map(\.bytesPerHour).max() ?? 0)
    if let best = (candidates + [retention].compactMap { $0 })
      .max(by: { $0.bytesPerHour < $1.bytesPerHour })
    {
      return verdict(best.kind, best.confidence, best.evidence, best.bytesPerHour)
    }
    return keptMemory() ?? builtUpOnce() ?? nothing()
  }

  private func verdict(
    _ kind: Verdict.Kind, _ confidence: Double, _ evidence: [String], _ rate: Double = 0
  ) -> Verdict {
    Verdict(
      kind: kind, confidence: min(0.99, max(0.05, confidence)),
      evidence: evidence + general(kind), nextSteps: VerdictAdvice(timeline).steps(for: kind),
      bytesPerHour: rate)
  }

  // MARK: What goes on growing

  /// Live malloc grows, in all or at sites of the program's own.
  private var leak: Candidate? {
    let sums = timeline.growthOfSites
    let malloc = timeline.malloc
    let end = max(1, malloc.endBytes)
    let isSignificant =
      sums.bytesPerHour * timeline.judgedHours
      >= max(
        Self.leastSiteBytes, Self.leastSiteShare * end)
    let isOwn = sums.ownBytesPerHour * timeline.judgedHours >= Self.leastSiteBytes
    guard malloc.grows || isSignificant || isOwn else { return nil }
    var evidence: [String] = []
    if malloc.grows {
      evidence.append(
        "live malloc \(malloc.kind == .sawtooth ? "is a sawtooth whose baseline rises" : "climbs") "
          + "by \(TimelineWords.rate(malloc.bytesPerHour)), from "
          + "\(TimelineWords.bytes(malloc.startBytes)) to \(TimelineWords.bytes(malloc.endBytes))")
    } else {
      evidence.append(
        "live malloc as a whole does not climb, but sites in it do, by "
          + TimelineWords.rate(sums.bytesPerHour))
    }
    if sums.bytesPerHour > 0 {
      evidence.append(
        "\(Quantity.count(UInt64(sums.siteCount), "site grows", "sites grow")) on and on, "
          + "together by \(TimelineWords.rate(sums.bytesPerHour))")
    } else {
      evidence.append("no single site climbs steadily by itself")
    }
    let isExternal =
      sums.bytesPerHour > 0 && sums.externalBytesPerHour >= 0.5 * sums.bytesPerHour
    if isExternal {
      evidence.append(
        "\(share(sums.externalBytesPerHour, of: sums.bytesPerHour)) of that growth is memory of "
          + "Buffers and ArrayBuffers, which JavaScript objects hold")
    }
    let rate = malloc.grows ? malloc.bytesPerHour : sums.bytesPerHour
    let confidence =
      malloc.grows
      ? malloc.confidence * (sums.bytesPerHour > 0 ? 1 : 0.7)
      : 0.7 * (timeline.growingSites.first?.pattern.confidence ?? 0.5)
    return Candidate(
      kind: isExternal ? .externalMemory : .leak, bytesPerHour: rate, confidence: confidence,
      evidence: evidence)
  }

  private var javaScriptHeap: Candidate? {
    guard let heap = timeline.javaScriptHeap, heap.grows else { return nil }
    return Candidate(
      kind: .javaScriptHeap, bytesPerHour: heap.bytesPerHour, confidence: heap.confidence,
      evidence: [
        "V8's heap \(heap.kind == .sawtooth ? "is a sawtooth whose baseline rises" : "climbs") by "
          + "\(TimelineWords.rate(heap.bytesPerHour)), from \(TimelineWords.bytes(heap.startBytes)) "
          + "to \(TimelineWords.bytes(heap.endBytes))"
      ])
  }

  private var mmap: Candidate? {
    let mmap = timeline.otherMmap
    guard mmap.grows else { return nil }
    return Candidate(
      kind: .mmap, bytesPerHour: mmap.bytesPerHour, confidence: mmap.confidence,
      evidence: [
        "what is mapped beside the heap climbs by \(TimelineWords.rate(mmap.bytesPerHour)), from "
          + "\(TimelineWords.bytes(mmap.startBytes)) to \(TimelineWords.bytes(mmap.endBytes))"
      ])
  }

  /// RSS grows with the number of threads, whose stacks libc maps within itself.
  private var threadStacks: Candidate? {
    guard let rss = timeline.rss, rss.grows || rss.kind == .oneTime,
      let threads = timeline.threadCounts, threads.upperBound >= threads.lowerBound + 4,
      growth(.unexplained) > 0
    else { return nil }
    let unexplained = Double(growth(.unexplained))
    guard unexplained > 0.5 * (rss.endBytes - rss.startBytes), rss.grows else { return nil }
    return Candidate(
      kind: .mmap, bytesPerHour: rss.bytesPerHour, confidence: 0.8 * rss.confidence,
      evidence: [
        "the number of threads grew from \(threads.lowerBound) to \(threads.upperBound), and RSS by "
          + "\(TimelineWords.bytes(unexplained)) that is neither malloc nor mapped by the program: "
          + "stacks of threads that do not end"
      ])
  }

  /// RSS climbs, and neither blocks nor mappings do as fast.
  private func growingRetention(_ known: Double) -> Candidate? {
    guard let rss = timeline.rss, rss.grows, known < 0.5 * rss.bytesPerHour,
      growth(.allocatorFree) > Int64(0.3 * (rss.endBytes - rss.startBytes))
    else { return nil }
    return Candidate(
      kind: .allocatorRetention, bytesPerHour: rss.bytesPerHour,
      confidence: 0.8 * rss.confidence,
      evidence: [
        "RSS climbs by \(TimelineWords.rate(rss.bytesPerHour)), live malloc by "
          + "\(TimelineWords.rate(max(0, timeline.malloc.bytesPerHour))); what the allocator keeps "
          + "grew by \(TimelineWords.bytes(Double(growth(.allocatorFree))))"
      ])
  }

  // MARK: What does not

  /// Memory that was freed and is still resident.
  private func keptMemory() -> Verdict? {
    guard let rss = timeline.rss else { return nil }
    let hasBooks = end(.allocatorFree) > 0
    let kept = hasBooks ? end(.allocatorFree) : UInt64(max(0, growth(.unexplained)))
    let fallen = max(0, timeline.malloc.peakBytes - timeline.malloc.endBytes)
    guard kept >= Self.leastKeptBytes, Double(kept) >= Self.leastKeptShare * rss.endBytes,
      fallen >= 0.5 * Double(kept)
    else { return nil }
    let share = Double(kept) / max(1, rss.endBytes)
    return verdict(
      .allocatorRetention, min(0.95, (hasBooks ? 0.6 : 0.4) + share / 2),
      [
        "live malloc fell from \(TimelineWords.bytes(timeline.malloc.peakBytes)) to "
          + "\(TimelineWords.bytes(timeline.malloc.endBytes)), RSS stayed at "
          + TimelineWords.bytes(rss.endBytes),
        hasBooks
          ? "\(Quantity.bytes(kept)) (\(self.share(Double(kept), of: rss.endBytes)) of RSS) are free "
            + "and kept by the allocator"
          : "\(Quantity.bytes(kept)) of RSS belong to no block and no mapping any more",
      ])
  }

  /// Growth that stopped.
  private func builtUpOnce() -> Verdict? {
    let series = [
      ("live malloc", timeline.malloc), ("what is mapped beside the heap", timeline.otherMmap),
      ("V8's heap", timeline.javaScriptHeap),
    ]
    let grown = series.compactMap { name, pattern -> (String, GrowthPattern)? in
      guard let pattern, pattern.kind == .oneTime else { return nil }
      let rise = pattern.endBytes - pattern.startBytes
      if name == "V8's heap", rise < Self.youngGenerationBytes { return nil }
      // What is still up may be going on up: growth that stopped beside it is not the story.
      if timeline.endsOnSpike, rise < timeline.malloc.endBytes - timeline.malloc.startBytes {
        return nil
      }
      // Some hundredths more than at the start are not worth a word.
      return rise > max(65536, 0.05 * pattern.startBytes) ? (name, pattern) : nil
    }
    guard
      let (name, pattern) = grown.max(by: {
        $0.1.endBytes - $0.1.startBytes < $1.1.endBytes - $1.1.startBytes
      })
    else { return nil }
    let until = pattern.turnNanoseconds.map { " until \(Quantity.instant($0))" } ?? ""
    return verdict(
      .cacheOrWarmup, pattern.confidence,
      [
        "\(name) grew by \(TimelineWords.bytes(pattern.endBytes - pattern.startBytes))\(until) and "
          + "has held its level since: \(TimelineWords.bytes(pattern.endBytes))",
        "no site goes on growing",
      ])
  }

  private func nothing() -> Verdict {
    let malloc = timeline.malloc
    var evidence = ["live malloc is \(TimelineWords.name(malloc)): nothing in it goes on growing"]
    switch malloc.kind {
    case .spike, .plateauThenSpike:
      evidence.append(
        "a spike to \(TimelineWords.bytes(malloc.peakBytes)) at "
          + "\(Quantity.instant(malloc.peakNanoseconds))"
          + (timeline.endsOnSpike
            ? ", which had not come down by the end" : ", of which nothing stayed"))
    case .sawtooth:
      evidence.append(
        "\(Quantity.count(UInt64(malloc.excursionCount), "fall")) to a baseline that does not rise")
    case .flat, .oneTime, .steadyClimb: break
    }
    var confidence = malloc.confidence * (timeline.endsOnSpike ? 0.5 : 1)
    if let rss = timeline.rss, rss.grows {
      confidence *= 0.5
      evidence.append(
        "RSS climbs by \(TimelineWords.rate(rss.bytesPerHour)) all the same; nothing that was "
          + "recorded explains it")
    }
    return verdict(.none, confidence, evidence)
  }

  // MARK: Figures

  /// What is said whatever the verdict is.
  private func general(_ kind: Verdict.Kind) -> [String] {
    var sentences: [String] = []
    if let rss = timeline.rss, rss.kind != .flat || kind == .none {
      sentences.append(
        "RSS is \(TimelineWords.name(rss)): \(TimelineWords.bytes(rss.startBytes)) at the start, "
          + "\(TimelineWords.bytes(rss.endBytes)) at the end, at most "
          + TimelineWords.bytes(rss.peakBytes))
    }
    if let collector = timeline.collector, collector.timeShare >= 0.05 {
      sentences.append(
        "garbage collection takes \(share(collector.timeShare, of: 1)) of the time, "
          + "\(Quantity.duration(collector.longestNanoseconds)) at the longest")
    }
    return sentences
  }

  private func growth(_ kind: MemoryPart.Kind) -> Int64 {
    timeline.parts.first { $0.kind == kind }?.growthBytes ?? 0
  }

  private func end(_ kind: MemoryPart.Kind) -> UInt64 {
    timeline.parts.first { $0.kind == kind }?.endBytes ?? 0
  }

  private func share(_ part: Double, of whole: Double) -> String {
    guard whole > 0 else { return "0 %" }
    return "\(Int((100 * part / whole).rounded())) %"
  }
}

extension Timeline {
  /// Whether live malloc rose towards the end and had not come down when the recording stopped: a burst and
  /// the beginning of a leak look the same then.
  var endsOnSpike: Bool {
    (malloc.kind == .spike || malloc.kind == .plateauThenSpike)
      && malloc.endBytes > 0.5 * malloc.peakBytes
  }

  /// Finds the verdict on what the rest of the value says.
  mutating func judge() { verdict = VerdictFinder(timeline: self).verdict() }
}
