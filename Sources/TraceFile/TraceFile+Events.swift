// SPDX-License-Identifier: Apache-2.0
//
// The events of a trace, all threads' in one order.

extension TraceFile {
  /// Calls `body` with every event in the order of time.
  ///
  /// At equal times what ends goes before what begins where the threads differ; the order within
  /// a thread is kept, but for an event written late, which goes to its place. `progress` is told
  /// now and then which part, 0 to 1, is done. Chunks are decoded on threads of their own, `body`
  /// is called by the caller's.
  ///
  /// - Returns: Counts, and the damage that only decoding the events showed.
  /// - Complexity: O(n log t) for n events of t threads that are busy at the same time. Memory
  ///   is bounded by t chunks.
  @inlinable
  package func forEachEvent(
    progress: ((Double) -> Void)? = nil, _ body: (borrowing TraceEvent) throws -> Void
  ) throws -> EventStatistics {
    try forEachRun(progress: progress) { run in
      for index in run.indices { try body(run[index]) }
    }
  }

  /// Calls `body` with the events in the same order, many at a time; they are valid during the
  /// call only.
  ///
  /// Of what is later than `end` some is handed over and some is not; all of it is verified.
  /// With a `start`, if only that of the trace, only chunks are read that may have events in that
  /// span; there, too, are some that are earlier. `workerCount` threads decode, `nil` for as many as are of use; the events are the same.
  package func forEachRun(
    from start: Ticks? = nil, through end: Ticks = Ticks(.max), workerCount: Int? = nil,
    progress: ((Double) -> Void)? = nil,
    _ body: (UnsafeBufferPointer<TraceEvent>) throws -> Void
  ) throws -> EventStatistics {
    var histories = self.histories
    if let start { histories = histories.compactMap { $0.part(from: start, through: end) } }
    let context = DecodingContext(
      histories, of: file, stacks, cutTicks: cutTicks,
      DecodingContext.Options(lastTicks: end.rawValue, workerCount: workerCount))
    defer {
      context.finish()
      decoded.change { $0 += context.statistics.eventCount }
    }
    let total = Double(max(1, eventByteCount))
    var reported = 0.0
    try EventMerger(histories, context).forEachRun { run in
      try body(run)
      guard let progress else { return }
      let done = Double(context.doneByteCount) / total
      if done >= reported + 0.01 {
        reported = done
        progress(min(done, 1))
      }
    }
    progress?(1)
    if context.statistics.unknownStackCount > 0 {
      context.statistics.damage.append(.unknownStacks(count: context.statistics.unknownStackCount))
    }
    return context.statistics
  }
}
