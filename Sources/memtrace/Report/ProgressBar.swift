// SPDX-License-Identifier: Apache-2.0
//
// Tells a person who waits how far the work is; silent for work that is done within a second, and
// where standard error is not a terminal.

import MemtraceAnalyzer

/// A bar on standard error.
final class ProgressBar {
  private static let patience = Duration.seconds(1)
  private static let cells = 24
  private static let leastMeasure = 0.02

  private let isShown: Bool
  private let start = ContinuousClock.now
  private var lastDrawn: ContinuousClock.Instant?

  init(isShown: Bool = Terminal.error.isTerminal) {
    self.isShown = isShown
  }

  func update(_ phase: Analyzer.Phase) {
    guard isShown else { return }
    let now = ContinuousClock.now
    guard now - start > Self.patience, lastDrawn.map({ now - $0 > .milliseconds(100) }) ?? true
    else { return }
    lastDrawn = now
    StandardError.write("\r\u{1b}[K" + Self.text(phase, after: now - start))
  }

  /// What is shown: how far, and how long it takes from here.
  static func text(_ phase: Analyzer.Phase, after elapsed: Duration) -> String {
    guard case .reading(let fraction) = phase else { return "memtrace: looking up names" }
    let done = min(max(fraction.isFinite ? fraction : 0, 0), 1)
    let full = Int(done * Double(cells))
    let bar = String(repeating: "#", count: full) + String(repeating: ".", count: cells - full)
    let text = "memtrace: reading [\(bar)] \(Int(done * 100)) %"
    // Less is no measure of what is to come.
    guard done >= leastMeasure, done < 1 else { return text }
    let rest = (elapsed * (1 - done) / done).components.seconds
    guard rest > 0 else { return text }
    return "\(text), \(Quantity.duration(UInt64(rest) * 1_000_000_000)) left"
  }

  /// Takes the bar off the screen.
  func finish() {
    if lastDrawn != nil { StandardError.write("\r\u{1b}[K") }
    lastDrawn = nil
  }
}
