// SPDX-License-Identifier: Apache-2.0
//
// The first page of a trace.

import CTraceFormat
import Glibc
import SystemPackage

/// The header of a trace, checked to be one.
struct FileHeader {
  private let record: mt_file_header

  /// Reads the header of `file`.
  init(of file: FileBytes) throws(TraceFileError) {
    let path = file.path.string
    let bytes = file.read(at: 0, byteCount: Int(MT_FILE_HEADER_BYTE_COUNT))
    guard bytes.count == Int(MT_FILE_HEADER_BYTE_COUNT),
      bytes.starts(with: MT_FILE_MAGIC.utf8)
    else { throw .notATrace(path: path) }
    let record = bytes.withUnsafeBytes { $0.loadUnaligned(as: mt_file_header.self) }
    // Before the version: of another byte order, the version would read wrong.
    if record.byte_order == MT_BYTE_ORDER_MARK.byteSwapped { throw .otherByteOrder(path: path) }
    guard record.byte_order == MT_BYTE_ORDER_MARK else { throw .notATrace(path: path) }
    guard record.version == MT_FORMAT_VERSION else {
      throw .unsupportedVersion(path: path, found: record.version, supported: MT_FORMAT_VERSION)
    }
    self.record = record
  }

  var machine: UInt32 { record.machine }
  var pid: Int32 { Int32(truncatingIfNeeded: record.pid) }
  var parentPID: Int32 { Int32(truncatingIfNeeded: record.parent_pid) }
  var startTicks: UInt64 { record.start_ticks }
  var clockPairs: (mt_clock_pair, mt_clock_pair) { record.clock_pairs }
  var ticksAreNanoseconds: Bool { record.clock == MT_CLOCK_MONOTONIC.rawValue }
  var windowByteCount: UInt32 { record.window_byte_count }
  var endOffset: UInt64 { record.end_offset }
  var lostEventCount: UInt64 { record.lost_events }
  var truncatedStackCount: UInt64 { record.truncated_stacks }
  /// 0 while recording.
  var endTicks: UInt64 { record.end_ticks }

  /// A state this reader does not know counts as recording: nothing says that it ended.
  var state: TraceState {
    switch record.state {
    case UInt64(MT_STATE_STOPPED.rawValue):
      .stopped(errno: Int32(truncatingIfNeeded: record.stop_errno))
    case UInt64(MT_STATE_EXITED.rawValue): .exited
    case UInt64(MT_STATE_EXECUTED.rawValue): .executed
    default: .recording
    }
  }
}
