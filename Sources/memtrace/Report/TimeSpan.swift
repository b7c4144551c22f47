// SPDX-License-Identifier: Apache-2.0
//
// Times as people type them, and the ends of the span that a report is about.

import ArgumentParser
import MemtraceAnalyzer

/// A length of time: `1.5s`, `200ms`, `2m`, `1h`; a number alone is seconds.
struct TimeSpan: ExpressibleByArgument {
  let nanoseconds: UInt64

  init(nanoseconds: UInt64) {
    self.nanoseconds = nanoseconds
  }

  init?(argument: String) {
    let digits = argument.prefix { $0.isASCII && $0.isNumber || $0 == "." }
    guard let number = Double(digits), number >= 0 else { return nil }
    let unit: Double
    switch argument.dropFirst(digits.count).drop(while: { $0 == " " }) {
    case "ns": unit = 1
    case "us", "µs": unit = 1e3
    case "ms": unit = 1e6
    case "", "s", "sec": unit = 1e9
    case "m", "min": unit = 60e9
    case "h": unit = 3600e9
    default: return nil
    }
    let value = (number * unit).rounded()
    guard value < 9e18 else { return nil }
    nanoseconds = UInt64(value)
  }

  var defaultValueDescription: String { "\(nanoseconds / 1_000_000_000)s" }
}

/// An end of a span: a time since the start, or the name of a mark; `mark:NAME` for a mark whose
/// name looks like a time.
struct TimeBoundArgument: ExpressibleByArgument {
  let bound: TimeBound

  init?(argument: String) {
    guard !argument.isEmpty else { return nil }
    if argument.hasPrefix("mark:") {
      bound = .mark(String(argument.dropFirst("mark:".count)))
    } else if let time = TimeSpan(argument: argument) {
      bound = .nanoseconds(time.nanoseconds)
    } else {
      bound = .mark(argument)
    }
  }
}
