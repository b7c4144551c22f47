// SPDX-License-Identifier: Apache-2.0
//
// Picks the stacks in which a function, a file or an image has a name that matches.

import Symbolication

/// A regular expression over the frames of a stack.
struct SiteFilter {
  private let expression: Regex<AnyRegexOutput>
  private let frames: FrameTable
  /// What was found out about an address; many stacks share it.
  private var verdicts: [UInt32: Bool] = [:]

  init(_ pattern: String, frames: FrameTable) throws(AnalysisError) {
    expression = try Self.compile(pattern)
    self.frames = frames
  }

  /// The regular expression written as `pattern`.
  static func compile(_ pattern: String) throws(AnalysisError) -> Regex<AnyRegexOutput> {
    do {
      return try Regex(pattern)
    } catch {
      throw .malformedFilter(pattern, reason: "\(error)")
    }
  }

  mutating func matches(_ stack: ReportStack) -> Bool {
    for address in stack.addresses {
      let verdict = verdicts[address] ?? frames[address].contains(where: matches)
      verdicts[address] = verdict
      if verdict { return true }
    }
    return false
  }

  private func matches(_ frame: Frame) -> Bool {
    [frame.function, frame.file, frame.image].contains { text in
      guard let text else { return false }
      return (try? expression.firstMatch(in: text)) != nil
    }
  }
}
