// SPDX-License-Identifier: Apache-2.0
//
// Memory as the kernel and the allocator saw it at one instant.

/// What the process's memory looked like from outside at one instant.
package struct Sample: Hashable, Sendable {
  /// One value of a sample; the raw value is its place in `mt_sample.fields`.
  package enum Field: Int, CaseIterable, Sendable {
    case rssBytes = 0
    case rssSharedBytes = 1
    case virtualBytes = 2
    case peakRSSBytes = 3
    case minorFaults = 4
    case majorFaults = 5
    case userNanoseconds = 6
    case systemNanoseconds = 7
    case pssBytes = 8
    case cgroupBytes = 9
    case cgroupLimitBytes = 10
    case arenaBytes = 11
    case arenaUsedBytes = 12
    case arenaFreeBytes = 13
    case arenaMappedBytes = 14
    case arenaTopBytes = 15
    case anonymousBytes = 16
    case fileBytes = 17
    case shmemBytes = 18
    case swapBytes = 19
    case threadCount = 20
    case cgroupOOMKills = 21
    case cgroupFileBytes = 22
    case machineBytes = 23
    case machineAvailableBytes = 24
    /// Samples taken before this one, and the time they took together.
    case sampleCount = 25
    case samplingNanoseconds = 26
  }

  package let ticks: Ticks
  private let valid: UInt64
  private let values: [UInt64]

  package init(ticks: Ticks, _ fields: [Field: UInt64]) {
    self.ticks = ticks
    valid = fields.keys.reduce(0) { $0 | 1 << UInt64($1.rawValue) }
    values = Field.allCases.map { fields[$0] ?? 0 }
  }

  /// `values` has one entry a field, in the order of their raw values; those it lacks were not
  /// taken.
  init(ticks: Ticks, valid: UInt64, values: [UInt64]) {
    self.ticks = ticks
    self.valid = valid
    self.values = values
  }

  /// The value of `field`, or `nil` where it was not taken.
  package subscript(field: Field) -> UInt64? {
    guard valid & 1 << UInt64(field.rawValue) != 0, field.rawValue < values.count else {
      return nil
    }
    return values[field.rawValue]
  }
}
