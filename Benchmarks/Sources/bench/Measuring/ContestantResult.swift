// SPDX-License-Identifier: Apache-2.0
//
// All that was measured of one contestant on one workload.

/// One cell of the tables.
struct ContestantResult: Codable, Sendable {
  let contestant: String
  /// Whether it ran the short form of the workload.
  let isShort: Bool
  var pairings: [Pairing] = []
  /// Peaks of its memory, and of native runs of the same form.
  var memory: [PeakMemory] = []
  var nativeMemory: [PeakMemory] = []
  /// The size of all files of one recording, and the events in them; counted for memtrace alone.
  var recordingBytes: Int?
  var eventCount: Int?
  /// Events that the recording says it lost.
  var lostEventCount: Int?
  /// The times that reports on the recording took, in milliseconds.
  var reportMilliseconds: [Double] = []
  /// Why there is not more.
  var failure: String?

  /// How many times as long as natively.
  var ratio: Distribution? { Distribution(pairings.map(\.ratio)) }
  /// What was added, in the unit of the workload's timing.
  var added: Distribution? { Distribution(pairings.map(\.added)) }
  var addedPairProcessor: Distribution? {
    Distribution(pairings.compactMap(\.addedPairProcessorNanoseconds))
  }
  /// Processor time of all processes, in milliseconds.
  var processor: Distribution? {
    Distribution(pairings.map(\.contestant.processorMilliseconds))
  }
  /// Time by the wall clock, in the unit of the workload's timing.
  var wall: Distribution? { Distribution(pairings.map(\.contestant.wall)) }
  var report: Distribution? { Distribution(reportMilliseconds) }
  var resident: Distribution? { Distribution(memory.map { Double($0.residentBytes) }) }
  var anonymous: Distribution? { Distribution(memory.map { Double($0.anonymousBytes) }) }
  var nativeAnonymous: Distribution? {
    Distribution(nativeMemory.map { Double($0.anonymousBytes) })
  }
  /// The size of the recording by the events in it.
  var bytesPerEvent: Double? {
    guard let recordingBytes, let eventCount, eventCount > 0 else { return nil }
    return Double(recordingBytes) / Double(eventCount)
  }
}
