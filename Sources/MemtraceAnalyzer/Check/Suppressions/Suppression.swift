// SPDX-License-Identifier: Apache-2.0
//
// What says that a stack's blocks are known and not to be reported, wherever it was written down.

import Symbolication
import TraceFile

/// One suppression.
package struct Suppression: Sendable {
  /// What must hold of a stack.
  enum Rule: Sendable {
    /// LeakSanitizer's: a name of any frame matches.
    case anyFrame(LeakPattern)
    /// valgrind's: the frames match from the innermost one on.
    case frames([FramePattern])
  }

  /// Where it was written down.
  package enum Origin: Hashable, Sendable {
    case file(path: String, line: Int)
    /// One of `BuiltinSuppressions`, with its reason.
    case builtin(because: String)
  }

  /// What it is called in its file; LeakSanitizer's pattern itself.
  package var name: String
  package var origin: Origin
  let rule: Rule

  package var isBuiltin: Bool {
    if case .builtin = origin { true } else { false }
  }
}

extension Suppression {
  /// Whether it is about the blocks of a stack.
  ///
  /// Valgrind's stacks begin with the function that allocated, ours with its caller: a pattern that
  /// begins with such a function is held against those that the blocks began with.
  func covers(
    _ frames: [Frame], isTruncated: Bool = false, allocatedBy functions: [AllocationFunction]
  ) -> Bool {
    switch rule {
    case .anyFrame(let pattern):
      return frames.contains { pattern.matches($0) }
    case .frames(let patterns):
      if FramePattern.match(patterns[...], frames, isTruncated: isTruncated) { return true }
      guard case .function(let name)? = patterns.first,
        AllocationFunction.linkerNames(of: functions).contains(where: name.matches)
      else { return false }
      return patterns.count == 1
        || FramePattern.match(patterns.dropFirst(), frames, isTruncated: isTruncated)
    }
  }
}

extension AllocationFunction {
  /// What valgrind calls some functions; all there are where it is not known which.
  fileprivate static func linkerNames(of functions: [AllocationFunction]) -> [String] {
    functions.isEmpty
      ? (0..<UInt8(16)).flatMap { AllocationFunction(rawValue: $0).linkerNames }
      : functions.flatMap(\.linkerNames)
  }

  private var linkerNames: [String] {
    switch name {
    case "new": ["_Znwm", "operator new(unsigned long)", "operator new"]
    case "new[]": ["_Znam", "operator new[](unsigned long)", "operator new[]"]
    default: [name]
    }
  }
}
