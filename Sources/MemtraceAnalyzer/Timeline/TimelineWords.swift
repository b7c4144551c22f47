// SPDX-License-Identifier: Apache-2.0
//
// Rates, amounts and shapes in words, the same in evidence, text and Markdown.

import Glibc

/// Words for what a timeline says.
enum TimelineWords {
  static func bytes(_ byteCount: Double) -> String {
    let size = Quantity.bytes(UInt64(max(0, min(abs(byteCount), 9e18))))
    return byteCount < 0 ? "-" + size : size
  }

  static func bytes(_ byteCount: Int64) -> String { bytes(Double(byteCount)) }

  /// A change, with its sign.
  static func change(_ byteCount: Int64) -> String {
    (byteCount < 0 ? "-" : "+") + Quantity.bytes(byteCount.magnitude)
  }

  /// A rate by the hour; by the second from 1 MiB/s on, which nobody keeps up for an hour.
  static func rate(_ bytesPerHour: Double) -> String {
    let unit = rateUnit(bytesPerHour)
    return bytes(bytesPerHour / unit.hours) + unit.name
  }

  /// Between which rates, in the unit that `rate` has.
  static func range(_ pattern: GrowthPattern) -> String {
    let hours = rateUnit(pattern.bytesPerHour).hours
    return "\(bytes(pattern.rateRange.lowerBound / hours)) to "
      + bytes(pattern.rateRange.upperBound / hours)
  }

  private static func rateUnit(_ bytesPerHour: Double) -> (hours: Double, name: String) {
    abs(bytesPerHour) >= 3600 * 1_048_576 ? (3600, "/s") : (1, "/h")
  }

  private static let unknown = "known too briefly"

  /// The shape in one word, as documents for programs have it.
  static func kind(_ pattern: GrowthPattern) -> String {
    pattern.isKnown ? pattern.kind.rawValue : unknown
  }

  /// `steady climb`, `sawtooth with a rising baseline`.
  static func name(_ pattern: GrowthPattern) -> String {
    guard pattern.isKnown else { return unknown }
    return switch pattern.kind {
    case .flat: "flat"
    case .steadyClimb: "a steady climb"
    case .sawtooth:
      pattern.baselineRises
        ? "a sawtooth whose baseline rises" : "a sawtooth with a level baseline"
    case .spike: "level but for a spike"
    case .plateauThenSpike: "a plateau, then a spike"
    case .oneTime: "growth that stopped"
    }
  }

  static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
}
