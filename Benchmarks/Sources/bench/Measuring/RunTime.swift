// SPDX-License-Identifier: Apache-2.0
//
// What one run took.

/// The time of one run of one program.
struct RunTime: Equatable, Codable, Sendable {
  /// Wall clock, in the way of the workload's `timing`: of the whole run in milliseconds, or what
  /// the program measured inside itself.
  var wall: Double
  /// Processor time of all processes from start to end, in milliseconds.
  var processorMilliseconds: Double
  /// Nanoseconds of the thread's own processor time for one malloc/free pair, where that is timed.
  var pairProcessorNanoseconds: Double?
}
