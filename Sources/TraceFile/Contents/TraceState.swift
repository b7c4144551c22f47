// SPDX-License-Identifier: Apache-2.0
//
// How a recording ended, or that it did not.

/// What the shim last said of the recording (`mt_file_header.state`).
package enum TraceState: Hashable, Sendable {
  /// Still recording, or killed while it did: `TraceFile.isStillRunning` tells which.
  case recording
  /// Recording ended before the process did, for the reason `errno` names.
  case stopped(errno: Int32)
  /// The process exited in an orderly way.
  case exited
  /// The process replaced itself by another program.
  case executed
}
