// SPDX-License-Identifier: Apache-2.0
//
// Numbers with their units, as people read them.

/// Counts, sizes, times and shares in words.
package enum Quantity {
  /// A number such as `1,234,567`.
  package static func count(_ number: UInt64) -> String {
    let digits = String(number)
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { result += "," }
      result.append(digit)
    }
    return result
  }

  /// A number with its noun: `1 block`, `2,000 blocks`.
  package static func count(_ number: UInt64, _ singular: String, _ plural: String? = nil) -> String
  {
    "\(count(number)) \(number == 1 ? singular : plural ?? singular + "s")"
  }

  /// A size such as `12.4 MiB`; exactly, `13,002,342 B`.
  package static func bytes(_ number: UInt64, exactly: Bool = false) -> String {
    guard !exactly, number >= 1024 else { return count(number) + " B" }
    var value = Double(number)
    var unit = 0
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    // 1023.95 would be written as 1024.0.
    while value >= 1023.95, unit + 1 < units.count {
      value /= 1024
      unit += 1
    }
    return "\(decimal(value, 1)) \(units[unit])"
  }

  /// A time such as `820 ms`, `2.43 s`, `3 min 20 s` or `2 h 5 min`.
  package static func duration(_ nanoseconds: UInt64) -> String {
    let milliseconds = Double(nanoseconds) / 1e6
    if nanoseconds == 0 { return "0 s" }
    if milliseconds < 1 { return "\(decimal(milliseconds, 3)) ms" }
    if milliseconds < 999.5 { return "\(decimal(milliseconds, milliseconds < 10 ? 1 : 0)) ms" }
    let seconds = nanoseconds / 1_000_000_000
    if seconds < 60, nanoseconds % 1_000_000_000 == 0 { return "\(seconds) s" }
    if seconds < 60 { return "\(decimal(milliseconds / 1000, 2)) s" }
    if seconds < 3600 { return "\(seconds / 60) min \(seconds % 60) s" }
    return "\(count(seconds / 3600)) h \(seconds / 60 % 60) min"
  }

  /// An instant such as `1.204 s`, in the form that --from takes.
  package static func instant(_ nanoseconds: UInt64) -> String {
    decimal(Double(nanoseconds) / 1e9, 3) + " s"
  }

  /// A share such as `84.2 %`; never 100 for less than all, nor 0 for more than nothing.
  package static func share(_ part: UInt64, of whole: UInt64) -> String {
    guard whole > 0 else { return "0 %" }
    if part == whole { return "100 %" }
    let percent = Double(part) / Double(whole) * 100
    if part > 0, percent < 0.05 { return "<0.1 %" }
    return "\(decimal(part < whole ? min(percent, 99.9) : percent, 1)) %"
  }

  /// A number with so many digits behind the point.
  private static func decimal(_ value: Double, _ digits: Int) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = (value * scale).rounded()
    guard scaled < 9e15 else { return count(UInt64(clamping: Int64(min(value, 9e18)))) }
    let whole = UInt64(scaled) / UInt64(scale)
    guard digits > 0 else { return count(whole) }
    let rest = String(UInt64(scaled) % UInt64(scale))
    let zeros = String(repeating: "0", count: digits - rest.count)
    return "\(count(whole)).\(zeros)\(rest)"
  }
}
