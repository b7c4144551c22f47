// SPDX-License-Identifier: Apache-2.0
//
// Which program was traced, and how far its trace can be relied on.

/// The trace that a report is about.
package struct TraceSummary: Hashable, Sendable {
  /// How the recording ended.
  package enum State: Hashable, Sendable {
    /// The process lives on and records.
    case running
    /// The process is gone without having said so: killed, or crashed.
    case killed
    /// Recording ended before the process did.
    case stopped(errno: Int32)
    case exited
    /// The process replaced itself by another program.
    case executed
  }

  package var path: String
  package var fileByteCount: UInt64 = 0
  package var pid: Int32 = 0
  package var parentPID: Int32 = 0
  package var executable = ""
  package var command: [String] = []
  package var directory = ""
  /// Since 1970.
  package var startRealtimeNanoseconds: UInt64 = 0
  package var durationNanoseconds: UInt64 = 0
  package var state = State.exited
  package var threadCount: UInt64 = 0
  /// For a forked child: the trace its parent wrote.
  package var parentTracePath: String?
  package var lostEventCount: UInt64 = 0
  package var truncatedStackCount: UInt64 = 0
  /// Frees of addresses at which no block was known, without an explanation.
  package var unmatchedFreeCount: UInt64 = 0
  /// Frees of blocks that a forked child has from its parent.
  package var inheritedFreeCount: UInt64 = 0
  /// Frees of blocks that began while nothing was recorded, or whose beginning is lost.
  package var unrecordedFreeCount: UInt64 = 0
  /// Blocks whose end was not seen: another one began at their address.
  package var reusedAddressCount: UInt64 = 0
  /// Whether anything is missing or unreadable.
  package var isDamaged = false

  package init(path: String) {
    self.path = path
  }

  /// Whether everything the program did, up to its end, is in the trace.
  package var isComplete: Bool {
    (state == .exited || state == .executed) && lostEventCount == 0 && !isDamaged
  }
}
