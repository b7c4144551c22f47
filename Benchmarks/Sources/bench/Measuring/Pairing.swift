// SPDX-License-Identifier: Apache-2.0
//
// Two runs side by side, which the same noise has met.

/// A contestant's run and the native run next to it, in the same round.
struct Pairing: Equatable, Codable, Sendable {
  let round: Int
  let native: RunTime
  let contestant: RunTime

  /// How many times as long as the native run the contestant took.
  var ratio: Double { contestant.wall / native.wall }

  /// What the contestant added, in the unit of the workload's timing.
  var added: Double { contestant.wall - native.wall }

  /// What it added to a malloc/free pair in processor time of the thread itself.
  var addedPairProcessorNanoseconds: Double? {
    guard let mine = contestant.pairProcessorNanoseconds,
      let theirs = native.pairProcessorNanoseconds
    else { return nil }
    return mine - theirs
  }
}
