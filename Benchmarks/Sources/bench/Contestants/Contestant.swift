// SPDX-License-Identifier: Apache-2.0
//
// A way to run a program: as it is, or under a tracer.

/// One column of the tables.
struct Contestant {
  /// What `--contestant` selects and the tables say: `heaptrack`.
  let name: String
  /// The version that was found, and what else the figures depend on.
  let version: String
  /// Every how many rounds it runs; the slow ones run in few.
  let everyRounds: Int
  /// Whether it is slower by orders of magnitude: it is given the short form of a workload, and compared with the native run of that.
  var isShort = false
  /// What is to be run for a workload's command, in its directory.
  let wrap: (Command, Workload) -> Command
  /// How its recording is made into a report, if it records at all.
  var recording: Recording?

  /// What a contestant leaves in the directory of a run.
  struct Recording {
    /// Whether a file, by its name, belongs to the recording.
    let includes: (String) -> Bool
    /// The command that reports on one file of the recording.
    let report: (String) -> Command
  }
}
