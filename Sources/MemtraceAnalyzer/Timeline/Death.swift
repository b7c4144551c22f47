// SPDX-License-Identifier: Apache-2.0
//
// How a process ended that did not exit: whether memory was short when it was last seen.

import TraceFile

/// A trace that ended without an exit.
package struct Death: Hashable, Sendable {
  package enum Shortage: String, Hashable, Sendable {
    /// The control group was near its limit.
    case cgroup
    case machine
  }

  /// What was short; nil where nothing was.
  package var shortage: Shortage?
  /// In use, and as much as there may be, at the last sample that has them.
  package var usedBytes: UInt64?
  package var limitBytes: UInt64?
  package var rssBytes: UInt64?
  /// Since the start of the trace; nil without samples.
  package var lastSampleNanoseconds: UInt64?
  /// Whether the kernel counted a kill in the control group while the trace was written.
  package var countsKill = false
  /// A block that was asked for just before the end and is larger than what was left.
  package var lastLargeBytes: UInt64?

  /// From this share of its limit on a control group is near it: samples are milliseconds apart, and
  /// what is killed asks for more.
  private static let nearShare = 0.9
  /// Below this share of a machine's memory it is short of it.
  private static let shortShare = 0.03

  /// nil for a trace that ended otherwise.
  init?(_ trace: TraceFile) {
    guard case .recording = trace.state, !trace.isStillRunning else { return nil }
    guard let last = trace.samples.last else { return }
    lastSampleNanoseconds = trace.clock.nanoseconds(at: last.ticks)
    rssBytes = last[.rssBytes]
    let kills = trace.samples.compactMap { $0[.cgroupOOMKills] }
    countsKill = (kills.last ?? 0) > (kills.first ?? 0)
    if let (used, limit) = Self.latest(.cgroupBytes, .cgroupLimitBytes, trace), limit > 0,
      countsKill || Double(used) >= Self.nearShare * Double(limit)
    {
      (shortage, usedBytes, limitBytes) = (.cgroup, used, limit)
    } else if let (available, total) = Self.latest(
      .machineAvailableBytes, .machineBytes, trace), total > 0,
      Double(available) <= Self.shortShare * Double(total)
    {
      (shortage, usedBytes, limitBytes) = (.machine, total &- min(available, total), total)
    } else if let (used, limit) = Self.latest(.cgroupBytes, .cgroupLimitBytes, trace), limit > 0 {
      (usedBytes, limitBytes) = (used, limit)
    }
  }

  /// Both values of the last sample that has both.
  private static func latest(
    _ first: Sample.Field, _ second: Sample.Field, _ trace: TraceFile
  ) -> (UInt64, UInt64)? {
    for sample in trace.samples.reversed() {
      if let first = sample[first], let second = sample[second] { return (first, second) }
    }
    return nil
  }
}

extension Death {
  /// In one sentence or two; what grew is said by who knows it.
  package var words: String {
    var text = "The process ended without exiting."
    let usage = usedBytes.map { Quantity.bytes($0) } ?? "?"
    let limit = limitBytes.map { Quantity.bytes($0) } ?? "?"
    switch shortage {
    case .cgroup:
      text += """
         Likely cause: the kernel's OOM killer (exit code 137). At the last sample its control \
        group used \(usage) of \(limit)
        """
      if let rssBytes { text += ", the process \(Quantity.bytes(rssBytes))" }
      text += countsKill ? ", and the kernel counted a kill there." : "."
    case .machine:
      text += """
         Likely cause: the kernel's OOM killer (exit code 137). At the last sample \(usage) of the \
        machine's \(limit) were in use
        """
      if let rssBytes { text += ", \(Quantity.bytes(rssBytes)) of them by the process" }
      text += "."
    case nil:
      text += " It was killed or crashed"
      if usedBytes != nil {
        text +=
          "; memory was not short at the last sample (\(usage) of its control group's \(limit))"
      } else if rssBytes != nil {
        text += "; no sample shows that memory was short"
      }
      text += "."
    }
    return text
  }
}
