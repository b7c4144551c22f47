// SPDX-License-Identifier: Apache-2.0
//
// What the streams of one pass over the events share: where their chunks are decoded, and what
// was found.

/// One pass over a trace's events.
final class DecodingContext {
  /// What is wanted of a pass.
  struct Options {
    /// Events of windows and chunks that begin later are not decoded; those that are may go on
    /// for a while.
    var lastTicks = UInt64.max
    /// Threads that decode ahead; `nil`: as many as are of use.
    var workerCount: Int?
  }

  let stacks: StackTable
  /// Events later than this are left out.
  let cutTicks: UInt64?
  let lastTicks: UInt64
  let readAhead: ReadAhead
  /// For each history the places of its sealed chunks in what `readAhead` reads.
  let places: [[Int]]
  var statistics = EventStatistics()
  /// Bytes of event chunks and windows that are done with.
  var doneByteCount: UInt64 = 0
  private var workers: [WorkerThread] = []

  /// Begins to decode; `finish` must be called.
  init(
    _ histories: [WindowHistory], of file: FileBytes, _ stacks: StackTable, cutTicks: UInt64?,
    _ options: Options = Options()
  ) {
    self.stacks = stacks
    self.cutTicks = cutTicks
    lastTicks = options.lastTicks
    let chunks = histories.flatMap(\.sealed)
    // In the order in which the merged events come to each.
    let order = chunks.indices.sorted {
      (chunks[$0].firstTicks, $0) < (chunks[$1].firstTicks, $1)
    }
    var places = Array(repeating: 0, count: chunks.count)
    for (place, index) in order.enumerated() { places[index] = place }
    var next = 0
    self.places = histories.map { history in
      defer { next += history.sealed.count }
      return Array(places[next..<next + history.sealed.count])
    }
    let workerCount = options.workerCount ?? ReadAhead.workerCount(forChunks: chunks.count)
    let readAhead = ReadAhead(
      order.map { ReadAhead.Work(chunk: chunks[$0].chunk, firstTicks: chunks[$0].firstTicks) },
      of: file, stacks, cutTicks: cutTicks, lastTicks: options.lastTicks,
      aheadLimit: 2 * workerCount + 2)
    self.readAhead = readAhead
    workers = (0..<workerCount).compactMap { _ in WorkerThread { readAhead.workUntilDone() } }
  }

  /// Ends the threads.
  func finish() {
    readAhead.stop()
    for worker in workers { worker.join() }
    workers = []
  }
}
