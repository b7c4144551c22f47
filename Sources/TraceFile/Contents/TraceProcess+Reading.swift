// SPDX-License-Identifier: Apache-2.0
//
// The traced process as the header and the process chunk tell of it.

import CTraceFormat

extension TraceProcess {
  /// What the header alone tells.
  init(_ header: FileHeader) {
    self.init(pid: header.pid, parentPID: header.parentPID, machine: header.machine)
  }

  init?(_ cursor: inout ByteCursor, _ header: FileHeader) {
    guard let record = cursor.next(mt_process_record.self),
      let executable = cursor.nextText(byteCount: record.executable_byte_count),
      let command = cursor.next(byteCount: record.command_byte_count),
      let directory = cursor.nextText(byteCount: record.directory_byte_count),
      let parentTrace = cursor.nextText(byteCount: record.parent_trace_byte_count)
    else { return nil }
    self.init(
      pid: header.pid, parentPID: header.parentPID, executable: executable,
      command: Self.arguments(command), directory: directory,
      parentTracePath: parentTrace.isEmpty ? nil : parentTrace,
      forkTicks: Ticks(record.fork_ticks), machine: header.machine)
  }

  /// The arguments, separated by zero bytes; one at the end, if any, ends the last.
  private static func arguments(_ text: UnsafeRawBufferPointer) -> [String] {
    guard !text.isEmpty else { return [] }
    let ended = text.last == 0 ? text.dropLast() : text[...]
    return ended.split(separator: 0, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
  }
}
