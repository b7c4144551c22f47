// SPDX-License-Identifier: Apache-2.0
//
// Tells a person who waits how far the work is; silent for work that is done within a second, and
// where standard error is not a terminal.

import MemtraceAnalyzer

/// A bar on standard error.
final class ProgressBar {
  private static let patience = Duration.seconds(1)
  private static let cells = 24

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
    switch phase {
    case .reading(let fraction):
      let done = min(max(fraction.isFinite ? fraction : 0, 0), 1)
      let full = Int(done * Double(Self.cells))
      let bar =
        String(repeating: "#", count: full)
        + String(repeating: ".", count: Self.cells - full)
      StandardError.write("\r\u{1b}[Kmemtrace: reading [\(bar)] \(Int(done * 100)) %")
    case .naming:
      StandardError.write("\r\u{1b}[Kmemtrace: looking up names")
    }
  }

  /// Takes the bar off the screen.
  func finish() {
    if lastDrawn != nil { StandardError.write("\r\u{1b}[K") }
    lastDrawn = nil
  }
}
