// SPDX-License-Identifier: Apache-2.0
//
// Writes traces for the tests, chunk by chunk, as the shim would: every call changes the bytes at
// once, so that they can be looked at at any moment. What it writes is valid; to damage it, see
// TraceBuilder+Damage.swift.

import CTraceFormat
import TraceFile

/// A trace in memory.
///
///     let trace = TraceBuilder()
///     let stack = trace.stack([0x1000, 0x2000])
///     let main = trace.window(thread: 1, name: "main")
///     main.malloc(0x10, 64, stack: stack, at: 5)
///     main.seal()
///     main.free(0x10, at: 9)
///     trace.end(at: 20)
///     let file = try TemporaryTrace(trace)
package final class TraceBuilder {
  /// What a tick of the trace is.
  package enum Clock {
    case monotonic
    case tsc(ticksPerMicrosecond: UInt64)
  }

  package static let startMonotonicNanoseconds: UInt64 = 5_000_000_000_000
  package static let startRealtimeNanoseconds: UInt64 = 1_700_000_000_000_000_000

  /// The trace as it would stand in the file now; a test may damage it.
  package var bytes: [UInt8]
  /// Every chunk in file order, padding and holes left out.
  package private(set) var chunks: [Chunk] = []
  package let windowByteCount: Int
  package internal(set) var windows: [Window] = []
  let clock: Clock

  var nodes = StackNodes()
  var stacksOffsets: [Int] = []
  var codeNamesOffset: Int?
  var codeNamesOrdinal: UInt32 = 0

  /// Where a chunk stands.
  package struct Chunk: Hashable {
    package let kind: UInt16
    package let offset: Int
    package let byteCount: Int
  }

  /// A trace that begins like one of the shim's: header, and who was traced.
  package init(
    clock: Clock = .monotonic, pid: UInt32 = 4242, parentPID: UInt32 = 4241,
    windowByteCount: Int = 16 << 10, writesProcess: Bool = true
  ) {
    self.clock = clock
    self.windowByteCount = windowByteCount
    bytes = [UInt8](repeating: 0, count: Int(MT_FILE_HEADER_BYTE_COUNT))
    var header = mt_file_header()
    withUnsafeMutableBytes(of: &header.magic) { $0.copyBytes(from: MT_FILE_MAGIC.utf8) }
    header.version = MT_FORMAT_VERSION
    header.byte_order = MT_BYTE_ORDER_MARK
    header.machine = 62
    header.pid = pid
    header.parent_pid = parentPID
    header.window_byte_count = UInt32(windowByteCount)
    header.stacks_byte_count = MT_STACKS_BYTE_COUNT
    header.state = UInt64(MT_STATE_RECORDING.rawValue)
    switch clock {
    case .monotonic:
      header.clock = MT_CLOCK_MONOTONIC.rawValue
      header.start_ticks = Self.startMonotonicNanoseconds
    case .tsc:
      header.clock = MT_CLOCK_TSC.rawValue
      header.start_ticks = 987_654_321_000
    }
    store(header, at: 0)
    setField(\.clock_pairs.0, pair(at: 0))
    setField(\.clock_pairs.1, pair(at: ticks(atNanoseconds: 50_000)))
    updateEndOffset()
    if writesProcess {
      process(executable: "/bin/program", command: ["program", "--flag"], directory: "/tmp")
    }
  }

  // MARK: Header

  /// Ends the recording.
  package func end(at ticks: UInt64, state: mt_state = MT_STATE_EXITED, errno: Int32 = 0) {
    setField(\.state, UInt64(state.rawValue))
    setField(\.stop_errno, UInt64(errno))
    setField(\.end_ticks, ticks)
  }

  /// Counts what the shim could not record.
  package func lose(events: UInt64 = 0, truncatedStacks: UInt64 = 0) {
    setField(\.lost_events, events)
    setField(\.truncated_stacks, truncatedStacks)
  }

  /// Changes one field of the header.
  package func setField<Value: BitwiseCopyable>(
    _ field: WritableKeyPath<mt_file_header, Value>, _ value: Value
  ) {
    var header = bytes.withUnsafeBytes { $0.loadUnaligned(as: mt_file_header.self) }
    header[keyPath: field] = value
    store(header, at: 0)
  }

  /// The instant `ticks` on all clocks.
  package func pair(at ticks: UInt64) -> mt_clock_pair {
    var nanoseconds = ticks
    if case .tsc(let rate) = clock { nanoseconds = ticks * 1000 / rate }
    return mt_clock_pair(
      ticks: ticks,
      monotonic_nanoseconds: Self.startMonotonicNanoseconds + nanoseconds,
      realtime_nanoseconds: Self.startRealtimeNanoseconds + nanoseconds)
  }

  private func ticks(atNanoseconds nanoseconds: UInt64) -> UInt64 {
    guard case .tsc(let rate) = clock else { return nanoseconds }
    return nanoseconds * rate / 1000
  }

  // MARK: Chunks

  /// Appends a sealed chunk; returns its offset.
  @discardableResult
  package func sealedChunk(_ kind: mt_chunk_kind, _ payload: [UInt8]) -> Int {
    let offset = bytes.count
    let chunk = Self.sealedChunk(kind, payload, at: offset)
    bytes += chunk
    note(kind, offset, chunk.count)
    return offset
  }

  /// The bytes of a sealed chunk that is to stand at `offset`.
  package static func sealedChunk(
    _ kind: mt_chunk_kind, _ payload: [UInt8], at offset: Int
  ) -> [UInt8] {
    var header = mt_chunk_header()
    header.magic = MT_CHUNK_MAGIC
    header.kind = UInt16(kind.rawValue)
    header.offset = UInt64(offset)
    header.payload_byte_count = UInt32(payload.count)
    let seed = UInt64(offset) ^ UInt64(kind.rawValue) ^ UInt64(payload.count) << 32
    header.checksum = payload.withUnsafeBytes { XXHash64.hash($0, seed: seed) }
    let byteCount = (payload.count + 32 + 31) & ~31
    header.byte_count = UInt32(byteCount)
    let padding = repeatElement(0 as UInt8, count: byteCount - 32 - payload.count)
    return withUnsafeBytes(of: header) { Array($0) } + payload + padding
  }

  /// Appends a live chunk of zeros behind its header, on a page; returns its offset.
  func liveChunk(_ kind: mt_chunk_kind, byteCount: Int) -> Int {
    bytes += repeatElement(0, count: -bytes.count & 4095)
    let offset = bytes.count
    var header = mt_chunk_header()
    header.magic = MT_CHUNK_MAGIC
    header.kind = UInt16(kind.rawValue)
    header.offset = UInt64(offset)
    header.byte_count = UInt32(byteCount)
    header.payload_byte_count = UInt32(byteCount - 32)
    append(header)
    bytes += repeatElement(0, count: byteCount - 32)
    note(kind, offset, byteCount)
    return offset
  }

  private func note(_ kind: mt_chunk_kind, _ offset: Int, _ byteCount: Int) {
    chunks.append(Chunk(kind: UInt16(kind.rawValue), offset: offset, byteCount: byteCount))
    updateEndOffset()
  }

  func updateEndOffset() {
    setField(\.end_offset, UInt64(bytes.count))
  }

  // MARK: Bytes

  func store<Record: BitwiseCopyable>(_ record: Record, at offset: Int) {
    bytes.withUnsafeMutableBytes {
      $0.storeBytes(of: record, toByteOffset: offset, as: Record.self)
    }
  }

  private func append(_ record: some BitwiseCopyable) {
    withUnsafeBytes(of: record) { bytes += $0 }
  }
}
