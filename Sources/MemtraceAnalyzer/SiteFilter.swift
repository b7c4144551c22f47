// SPDX-License-Identifier: Apache-2.0
//
// Picks the stacks in which a function, a file or an image has a name that matches.

import Glibc
import Symbolication

/// What the frames of a stack must have among them.
struct SiteFilter {
  private let expression: Regex<AnyRegexOutput>?
  private let imagePatterns: [String]
  private let frames: FrameTable
  /// What was found out about an address; many stacks share it.
  private var verdicts: [UInt32: Verdict] = [:]

  private struct Verdict {
    var matchesExpression: Bool
    var matchesImage: Bool
  }

  init(_ options: AnalysisOptions, frames: FrameTable) throws(AnalysisError) {
    expression = if let filter = options.filter { try Self.compile(filter) } else { nil }
    imagePatterns = options.onlyImages
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

  /// Whether some frame matches the expression, and some frame's image one of the patterns.
  mutating func matches(_ stack: ReportStack) -> Bool {
    var needsExpression = expression != nil
    var needsImage = !imagePatterns.isEmpty
    for address in stack.addresses {
      guard needsExpression || needsImage else { return true }
      let verdict = verdict(on: address)
      if verdict.matchesExpression { needsExpression = false }
      if verdict.matchesImage { needsImage = false }
    }
    return !needsExpression && !needsImage
  }

  private mutating func verdict(on address: UInt32) -> Verdict {
    if let known = verdicts[address] { return known }
    let verdict = Verdict(
      matchesExpression: frames[address].contains(where: matchesExpression),
      matchesImage: frames[address].contains(where: matchesImage))
    verdicts[address] = verdict
    return verdict
  }

  private func matchesExpression(_ frame: Frame) -> Bool {
    guard let expression else { return false }
    return [frame.function, frame.file, frame.image].contains { text in
      guard let text else { return false }
      return (try? expression.firstMatch(in: text)) != nil
    }
  }

  private func matchesImage(_ frame: Frame) -> Bool {
    guard let image = frame.image else { return false }
    let name = image.split(separator: "/").last.map(String.init) ?? image
    return imagePatterns.contains { pattern in
      fnmatch(pattern, pattern.contains("/") ? image : name, 0) == 0
    }
  }
}
