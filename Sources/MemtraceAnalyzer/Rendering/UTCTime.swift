// SPDX-License-Identifier: Apache-2.0
//
// Instants as people and programs write them, without a calendar library.

/// An instant since 1970, written as in ISO 8601.
struct UTCTime: CustomStringConvertible {
  let nanoseconds: UInt64

  var description: String {
    let seconds = nanoseconds / 1_000_000_000
    let (year, month, day) = Self.date(days: Int64(seconds / 86_400))
    let second = seconds % 86_400
    let time = [second / 3600, second / 60 % 60, second % 60].map { Self.padded($0, 2) }
    let milliseconds = Self.padded(nanoseconds / 1_000_000 % 1000, 3)
    let date = "\(Self.padded(UInt64(year), 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
    return "\(date)T\(time.joined(separator: ":")).\(milliseconds)Z"
  }

  /// The date so many days after 1970-01-01 (Howard Hinnant's civil_from_days).
  private static func date(days: Int64) -> (year: Int64, month: UInt64, day: UInt64) {
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, UInt64(month), UInt64(day))
  }

  private static func padded(_ number: UInt64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
