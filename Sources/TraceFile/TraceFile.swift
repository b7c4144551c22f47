// SPDX-License-Identifier: Apache-2.0
//
// A trace file, opened: everything in it but the events at once, the events on request.

import CTraceFormat
import Glibc
import SystemPackage

/// One trace.
///
/// Opening it reads all but the events; `forEachEvent` reads those. A trace that is still written is seen as it was at one instant shortly after it was opened.
package struct TraceFile: Sendable {
  package let path: FilePath
  package let process: TraceProcess
  package let clock: TraceClock
  package let state: TraceState
  /// Whether the process still lives and writes to this very file.
  package let isStillRunning: Bool
  /// The end of the recording, or the latest instant anywhere in the file.
  package let endTicks: Ticks
  /// Events the shim could not record.
  package let lostEventCount: UInt64
  /// Captures cut at the deepest frame allowed.
  package let truncatedStackCount: UInt64
  package let stacks: StackTable
  /// In the order in which they were loaded.
  package let images: [Image]
  /// Sorted by start, then by time.
  package let codeNames: [CodeName]
  /// Sorted by time.
  package let marks: [Mark]
  /// Sorted by time.
  package let samples: [Sample]
  /// What JavaScript knew of its memory, sorted by time.
  package let jsMemory: [JSMemory]
  /// Sorted by time; empty when no runtime told of any.
  package let collections: [GarbageCollection]
  /// Sorted by number.
  package let threads: [TraceThread]
  /// What is missing or unreadable, as far as known without decoding the events.
  package let damage: [TraceDamage]
  package let fileByteCount: UInt64
  /// Bytes of the file that hold events.
  package let eventByteCount: UInt64

  let file: FileBytes
  let histories: [WindowHistory]
  /// Where the trace is still written: the instant at which it is seen.
  let cutTicks: UInt64?
  /// Events decoded so far.
  let decoded = Monitor(UInt64(0))

  /// Events decoded so far, again in each pass; for tests.
  package var decodedEventCount: UInt64 { decoded.change { $0 } }

  /// Opens the trace at `path` and reads all of it but the events.
  package init(path: FilePath) throws(TraceFileError) {
    let file = try FileBytes(path: path)
    let header = try FileHeader(of: file)
    let view = TraceView(of: file, header)
    var damage = view.damage

    let events = WindowHistories(
      events: view.index.events, windows: view.windows, of: file, cutTicks: view.cutTicks)
    damage += events.damage
    stacks = StackTable(view.index.stacks, of: file, damage: &damage)
    codeNames = CodeNameReader.read(view.index.codeNames, of: file, damage: &damage)

    var records = SealedRecords(of: file, isStillRunning: view.isStillRunning)
    let processes = records.read(view.index.processes) { TraceProcess(&$0, header) }
    images = ImageRecord.images(records.read(view.index.images) { ImageRecord(&$0) })
    let samples = records.read(view.index.samples) { SampleRecord(&$0) }
      .sorted { $0.sample.ticks < $1.sample.ticks }
    let clock = TraceClock(header, samples: samples.map(\.clockPair))
    let usableClock = clock ?? TraceClock(startMonotonicNanoseconds: header.startTicks)
    marks = records.read(view.index.marks) { Mark(&$0, usableClock) }
      .sorted { $0.ticks < $1.ticks }
    jsMemory = records.read(view.index.jsMemory) { JSMemory(&$0) }.sorted { $0.ticks < $1.ticks }
    collections = records.read(view.index.collections) {
      GarbageCollection.collections(&$0, usableClock)
    }.joined().sorted { $0.ticks < $1.ticks }
    damage += records.damage

    if processes.isEmpty, !view.isStillRunning { damage.append(.missingProcess) }
    if clock == nil { damage.append(.unusableClock) }

    self.path = path
    self.file = file
    self.clock = usableClock
    self.samples = samples.map(\.sample)
    self.damage = damage
    process = processes.last ?? TraceProcess(header)
    state = header.state
    isStillRunning = view.isStillRunning
    cutTicks = view.cutTicks
    histories = events.histories
    threads = TraceThread.threads(of: events.histories)
    lostEventCount = header.lostEventCount
    truncatedStackCount = header.truncatedStackCount
    fileByteCount = view.fileByteCount
    eventByteCount = events.histories.reduce(0) { $0 + $1.byteCount }

    var end = view.cutTicks ?? events.lastTicks
    if view.isStillRunning {
      end = max(end, usableClock.ticks(atMonotonicNanoseconds: Self.monotonicNow()).rawValue)
    } else if header.endTicks > 0 {
      end = max(end, header.endTicks)
    } else {
      let instants = [marks.last?.ticks, samples.last?.sample.ticks, jsMemory.last?.ticks]
        .compactMap { $0?.rawValue }
      end = instants.reduce(end, max)
    }
    endTicks = Ticks(end)
  }

  private static func monotonicNow() -> UInt64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
  }
}
