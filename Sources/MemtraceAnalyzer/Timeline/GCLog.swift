// SPDX-License-Identifier: Apache-2.0
//
// Reads what node prints with --trace-gc: one line for each collection, with its time since the
// isolate began, its kind, the heap before and after it, and how long it took. Other lines, the
// program's own output among them, are passed over.

import TraceFile

/// Collections out of node's own log.
package enum GCLog {
  /// The collections of the traced process in a log, sorted by time.
  ///
  /// V8 counts time from the start of each isolate, and names the isolate by its address: the
  /// trace knows when the block there began. To within a millisecond, as the log has no more.
  ///
  /// - Complexity: One pass over the trace's events.
  package static func collections(
    _ text: String, of trace: TraceFile
  ) throws -> [GarbageCollection] {
    let lines = lines(of: text, pid: trace.process.pid)
    var isolates = GCLogIsolates(lines)
    var births = IsolateBirths(of: isolates.addresses)
    _ = try trace.forEachEvent { births.note($0) }
    isolates.place(births, trace.clock)
    return collections(lines, isolates, trace.clock)
  }

  /// The same without a look at the events: the isolate that began first did so with the trace,
  /// the others as late as the order of the lines allows.
  ///
  /// Where nothing in the log is of process `pid` (it was known by another number in its
  /// container), all of it is taken.
  package static func collections(
    _ text: String, clock: TraceClock, pid: Int32? = nil
  ) -> [GarbageCollection] {
    let lines = lines(of: text, pid: pid)
    return collections(lines, GCLogIsolates(lines), clock)
  }

  private static func lines(of text: String, pid: Int32?) -> [GCLogLine] {
    var lines: [GCLogLine] = []
    var known: Set<GCLogLine> = []
    // Out of memory, V8 prints its last collections again.
    for text in text.utf8.split(separator: UInt8(ascii: "\n")) {
      if let line = GCLogLine(text), known.insert(line).inserted { lines.append(line) }
    }
    let own = lines.filter { $0.pid == pid }
    return own.isEmpty ? lines : own
  }

  private static func collections(
    _ lines: [GCLogLine], _ isolates: GCLogIsolates, _ clock: TraceClock
  ) -> [GarbageCollection] {
    zip(lines, isolates.ofLines).map { line, isolate in
      let end = isolates.startMilliseconds[isolate] + line.endMilliseconds
      let begin = max(0, end - line.durationMilliseconds)
      return GarbageCollection(
        ticks: clock.ticks(atNanoseconds: UInt64(begin * 1e6)),
        durationNanoseconds: UInt64(line.durationMilliseconds * 1e6), kind: line.kind,
        threadID: isolates.number(of: isolate), heapUsedByteCountBefore: line.byteCountBefore,
        heapUsedByteCountAfter: line.byteCountAfter, reason: line.reason)
    }.sorted { $0.ticks < $1.ticks }
  }
}
