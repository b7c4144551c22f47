// SPDX-License-Identifier: Apache-2.0
//
// Who was traced, as the trace's header and its process chunk say.

/// The traced process; texts are empty where the trace does not hold them.
package struct TraceProcess: Hashable, Sendable {
  package let pid: Int32
  package let parentPID: Int32
  /// Path of the program.
  package let executable: String
  /// The command line, the program's own name first.
  package let command: [String]
  /// The working directory at the start.
  package let directory: String
  /// For a forked child: the trace that its parent wrote, with what the child inherited.
  package let parentTracePath: String?
  /// When `parentTracePath` is set, the instant of the fork on the parent trace's clock.
  package let forkTicks: Ticks
  /// `e_machine` of the program, as in `<elf.h>`.
  package let machine: UInt32

  package init(
    pid: Int32, parentPID: Int32, executable: String = "", command: [String] = [],
    directory: String = "", parentTracePath: String? = nil, forkTicks: Ticks = Ticks(0),
    machine: UInt32 = 62
  ) {
    self.pid = pid
    self.parentPID = parentPID
    self.executable = executable
    self.command = command
    self.directory = directory
    self.parentTracePath = parentTracePath
    self.forkTicks = forkTicks
    self.machine = machine
  }
}
