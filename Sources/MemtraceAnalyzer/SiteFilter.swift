// SPDX-License-Identifier: Apache-2.0
//
// Picks the stacks in which a function, a file or an image has a name that matches.

import Glibc
import Symbolication

/// What the frames of a stack must have among them.
struct SiteFilter {
  let pattern: String?
  let imagePatterns: [String]
  private let expression: Regex<AnyRegexOutput>?

  init(_ options: AnalysisOptions) throws(AnalysisError) {
    pattern = options.filter
    imagePatterns = options.onlyImages
    expression = if let filter = options.filter { try Self.compile(filter) } else { nil }
  }

  /// The regular expression written as `pattern`.
  static func compile(_ pattern: String) throws(AnalysisError) -> Regex<AnyRegexOutput> {
    do {
      return try Regex(pattern)
    } catch {
      throw .malformedFilter(pattern, reason: "\(error)")
    }
  }

  /// What a stack must go through, each: for every address whether one of its frames matches the
  /// expression, and whether one's image matches one of the patterns.
  func verdicts(on frames: FrameTable) -> [[Bool]] {
    var verdicts: [[Bool]] = []
    if let expression {
      verdicts.append(
        frames.indices.map { frames[$0].contains { Self.matches($0, expression) } })
    }
    if !imagePatterns.isEmpty {
      verdicts.append(frames.indices.map { frames[$0].contains(where: matchesImage) })
    }
    return verdicts
  }

  private static func matches(_ frame: Frame, _ expression: Regex<AnyRegexOutput>) -> Bool {
    [frame.function, frame.file, frame.image].contains { text in
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
