// SPDX-License-Identifier: Apache-2.0
//
// What `run` says while the program runs. The screen is the program's: where it writes there, one
// line at the start is all; a line that keeps changing is for when its output goes elsewhere.

import Glibc
import MemtraceAnalyzer

/// A line on standard error about a recording.
final class StatusLine {
  private let trace: String
  private let isShown: Bool
  private let isLive: Bool
  private let start = ContinuousClock.now
  private var isDrawn = false

  init(command: [String], trace: String, isShown: Bool) {
    self.trace = trace
    self.isShown = isShown && Terminal.error.isTerminal
    isLive = self.isShown && !Terminal.output.isTerminal
    if self.isShown, !isLive { StandardError.say("recording to \(trace)") }
  }

  func update() {
    guard isLive else { return }
    let elapsed = ContinuousClock.now - start
    let nanoseconds = UInt64(elapsed.components.seconds) * 1_000_000_000
    var text = "memtrace: recording, \(Quantity.duration(nanoseconds))"
    var status = stat()
    if stat(trace, &status) == 0 {
      text += ", trace \(Quantity.bytes(UInt64(clamping: status.st_blocks) * 512))"
    }
    StandardError.write("\r\u{1b}[K\(text)")
    isDrawn = true
  }

  func finish() {
    if isDrawn { StandardError.write("\r\u{1b}[K") }
    isDrawn = false
  }
}
