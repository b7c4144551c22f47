// SPDX-License-Identifier: Apache-2.0
//
// The small chunks of a trace under construction: process, images, marks, samples, code names.

import CTraceFormat
import TraceFile

extension TraceBuilder {
  /// Says who was traced.
  @discardableResult
  package func process(
    executable: String = "", command: [String] = [], directory: String = "",
    parentTrace: String = "", forkTicks: UInt64 = 0
  ) -> Int {
    let commandText = command.joined(separator: "\0")
    var record = mt_process_record()
    record.fork_ticks = forkTicks
    record.executable_byte_count = UInt32(executable.utf8.count)
    record.command_byte_count = UInt32(commandText.utf8.count)
    record.directory_byte_count = UInt32(directory.utf8.count)
    record.parent_trace_byte_count = UInt32(parentTrace.utf8.count)
    return sealedChunk(
      MT_CHUNK_PROCESS,
      bytes(of: record) + (executable + commandText + directory + parentTrace).utf8)
  }

  /// An ELF file is mapped, or unmapped.
  @discardableResult
  package func image(
    _ path: String, start: UInt64, end: UInt64, loadBias: UInt64? = nil, buildID: [UInt8] = [],
    epoch: UInt32 = 0, at ticks: UInt64 = 0, event: mt_image_event = MT_IMAGE_LOADED
  ) -> Int {
    var record = mt_image()
    record.ticks = ticks
    record.load_bias = loadBias ?? start
    record.start = start
    record.end = end
    record.event = event.rawValue
    record.epoch = epoch
    record.path_byte_count = UInt32(path.utf8.count)
    record.build_id_byte_count = UInt32(buildID.count)
    return sealedChunk(MT_CHUNK_IMAGE, bytes(of: record) + path.utf8 + buildID)
  }

  /// A named instant, in ticks.
  @discardableResult
  package func mark(
    _ name: String, at ticks: UInt64, kind: mt_mark_kind = MT_MARK_NAMED, tid: UInt32 = 0
  ) -> Int {
    mark(name, time: ticks, isMonotonic: false, kind: kind, tid: tid)
  }

  /// A named instant as another process writes it, by CLOCK_MONOTONIC.
  @discardableResult
  package func mark(
    _ name: String, atMonotonicNanoseconds time: UInt64, kind: mt_mark_kind = MT_MARK_NAMED
  ) -> Int {
    mark(name, time: time, isMonotonic: true, kind: kind, tid: 0)
  }

  private func mark(
    _ name: String, time: UInt64, isMonotonic: Bool, kind: mt_mark_kind, tid: UInt32
  ) -> Int {
    var record = mt_mark()
    record.time = time
    record.time_is_monotonic = isMonotonic ? 1 : 0
    record.kind = kind.rawValue
    record.tid = tid
    record.name_byte_count = UInt32(name.utf8.count)
    return sealedChunk(MT_CHUNK_MARK, bytes(of: record) + name.utf8)
  }

  /// Memory as the kernel sees it.
  @discardableResult
  package func sample(at ticks: UInt64, _ fields: [Sample.Field: UInt64] = [:]) -> Int {
    sample(pair(at: ticks), fields)
  }

  /// The same with an instant that need not be true.
  @discardableResult
  package func sample(_ clock: mt_clock_pair, _ fields: [Sample.Field: UInt64] = [:]) -> Int {
    var record = mt_sample()
    record.clock = clock
    withUnsafeMutableBytes(of: &record.fields) { values in
      for (field, value) in fields {
        record.valid |= 1 << UInt64(field.rawValue)
        values.storeBytes(of: value, toByteOffset: field.rawValue * 8, as: UInt64.self)
      }
    }
    return sealedChunk(MT_CHUNK_SAMPLE, bytes(of: record))
  }

  /// Memory as JavaScript sees it.
  @discardableResult
  package func jsMemory(
    at ticks: UInt64, rss: UInt64 = 0, heapTotal: UInt64 = 0, heapUsed: UInt64 = 0,
    external: UInt64 = 0, arrayBuffers: UInt64 = 0, heapLimit: UInt64 = 0, threadID: UInt32 = 0
  ) -> Int {
    var record = mt_js_memory()
    record.clock = pair(at: ticks)
    record.rss_byte_count = rss
    record.heap_total_byte_count = heapTotal
    record.heap_used_byte_count = heapUsed
    record.external_byte_count = external
    record.array_buffers_byte_count = arrayBuffers
    record.heap_limit_byte_count = heapLimit
    record.thread_id = threadID
    return sealedChunk(MT_CHUNK_JS_MEMORY, bytes(of: record))
  }

  /// Collections, in one chunk; see `mt_gc`.
  @discardableResult
  package func collections(_ records: [mt_gc]) -> Int {
    sealedChunk(MT_CHUNK_GC, records.flatMap { bytes(of: $0) })
  }

  /// One collection that began at `ticks`.
  @discardableResult
  package func collection(
    at ticks: UInt64, durationNanoseconds: UInt64, kind: mt_gc_kind = MT_GC_MINOR,
    threadID: UInt32 = 0
  ) -> Int {
    var record = mt_gc()
    record.start = ticks
    record.duration_nanoseconds = durationNanoseconds
    record.kind = kind.rawValue
    record.thread_id = threadID
    return collections([record])
  }

  /// Begins a chunk for names of generated code.
  @discardableResult
  package func codeNamesChunk(byteCount: Int = 4096) -> Int {
    let offset = liveChunk(MT_CHUNK_CODE_NAMES, byteCount: byteCount)
    codeNamesOrdinal += 1
    store(codeNamesOrdinal, at: offset + offsetOf(\mt_code_names.ordinal))
    codeNamesOffset = offset
    return offset
  }

  /// One record of names of generated code: whole lines or a part of one.
  package func codeNames(_ text: String, at ticks: UInt64) {
    let offset = codeNamesOffset ?? codeNamesChunk()
    let committedOffset = offset + offsetOf(\mt_code_names.committed)
    let committed = load(UInt64.self, at: committedOffset)
    var record = mt_code_name()
    record.ticks = ticks
    record.byte_count = UInt32(text.utf8.count)
    var content = bytes(of: record) + text.utf8
    content += repeatElement(0, count: -content.count & 7)
    let start = offset + MemoryLayout<mt_code_names>.size + Int(committed)
    bytes.replaceSubrange(start..<start + content.count, with: content)
    store(committed + UInt64(content.count), at: committedOffset)
  }

  func bytes(of record: some BitwiseCopyable) -> [UInt8] {
    withUnsafeBytes(of: record) { Array($0) }
  }

  func load<Record: BitwiseCopyable>(_ type: Record.Type, at offset: Int) -> Record {
    bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: type) }
  }

  func offsetOf<Record>(_ field: PartialKeyPath<Record>) -> Int {
    MemoryLayout<Record>.offset(of: field) ?? 0
  }
}
