// SPDX-License-Identifier: Apache-2.0
//
// What a good engineer would do next, for each verdict.

import Symbolication

/// Words the next steps.
struct VerdictAdvice {
  let timeline: Timeline

  init(_ timeline: Timeline) {
    self.timeline = timeline
  }

  func steps(for kind: Verdict.Kind) -> [String] {
    switch kind {
    case .leak: leakSteps
    case .externalMemory: externalSteps
    case .allocatorRetention: retentionSteps
    case .javaScriptHeap: heapSteps
    case .mmap: mappingSteps
    case .cacheOrWarmup: warmupSteps
    case .none: quietSteps
    }
  }

  private var leakSteps: [String] {
    var steps: [String] = []
    if let site = timeline.growingSites.first {
      steps.append(
        "Look at \(place(of: site.stack)): it grows by "
          + "\(TimelineWords.rate(site.pattern.bytesPerHour)); find where its blocks should be freed."
      )
    }
    steps.append(
      "See what was allocated in one span and is still there later: memtrace report TRACE --from A "
        + "--to B --alive-at C.")
    return steps
  }

  private var externalSteps: [String] {
    var steps: [String] = []
    if let site = timeline.growingSites.first(where: \.isExternal) {
      steps.append(
        "Look at \(place(of: site.stack)): find which JavaScript object holds on to its Buffers.")
    }
    steps.append(
      "Take two heap snapshots (node --heapsnapshot-signal=SIGUSR2, then kill -USR2 PID twice), and "
        + "compare them by ArrayBuffer and retainers: Buffers are small objects there that hold "
        + "memory outside.")
    return steps
  }

  private var retentionSteps: [String] {
    [
      "Nothing leaks: the memory is free and the allocator keeps it. Try MALLOC_ARENA_MAX=2, which "
        + "helps where many threads allocate.",
      "Call malloc_trim(0) after the load that freed it, or set MALLOC_TRIM_THRESHOLD_=131072.",
      "If it stays high between the loads, it is fragmentation: try jemalloc or mimalloc "
        + "(LD_PRELOAD), or allocate what lives long apart from what lives short.",
    ]
  }

  private var heapSteps: [String] {
    [
      "It is JavaScript that holds on to objects (a listener, a timer, a closure, a cache without a "
        + "bound): native stacks do not show which. Take a heap snapshot, let it grow, take another: "
        + "start node with --heapsnapshot-signal=SIGUSR2 and send kill -USR2 PID, or call "
        + "require('v8').writeHeapSnapshot().",
      "Open both in Chrome's developer tools (Memory, Load), choose Comparison, and sort by Size "
        + "Delta; the retainers of what grew lead to the code.",
      "If the heap only grows up to its limit, set --max-old-space-size to what the container has "
        + "room for.",
    ]
  }

  private var mappingSteps: [String] {
    var steps: [String] = []
    if let site = timeline.growingMappings.first {
      steps.append(
        "Look at \(place(of: site.stack)): it maps "
          + "\(TimelineWords.rate(site.pattern.bytesPerHour)) more than is unmapped.")
    }
    if let threads = timeline.threadCounts, threads.upperBound >= threads.lowerBound + 4 {
      steps.append(
        "The number of threads grew from \(threads.lowerBound) to \(threads.upperBound): find who "
          + "starts them, and who should join or end them; each keeps a stack.")
    }
    steps.append("See all that is mapped, by stack: memtrace report TRACE, under 'Mapped'.")
    return steps
  }

  private var warmupSteps: [String] {
    [
      "Nothing to fix unless the level itself is too high: see what is held with memtrace report "
        + "TRACE, and bound the cache if it is one.",
      "To be sure, record for longer than the program takes to warm up.",
    ]
  }

  private var quietSteps: [String] {
    if timeline.endsOnSpike {
      return [
        "Record for longer, or under the same load again: what rose at the end may be a burst, or a "
          + "leak that has only begun.",
        "See what was not freed: memtrace report TRACE.",
      ]
    }
    if let spike = timeline.spike, let part = spike.parts.first {
      let share = Double(part.amount.byteCount) / Double(max(1, spike.outstandingBytes))
      return [
        "If the spike is what hurts, look at \(place(of: part.stack)): "
          + "\(TimelineWords.percent(share)) of the memory at the peak. Read in pieces, or bound how "
          + "much is done at once."
      ]
    }
    if let death = timeline.death, death.shortage != nil {
      return ["Record again with a larger limit, to see whether it would have gone on growing."]
    }
    return ["If it grows in production, record there for longer, or under its load."]
  }

  /// The most telling frame of a stack, in a few words.
  private func place(of stack: ReportStack) -> String {
    StackSummary(timeline.frames).words(stack)
  }
}
