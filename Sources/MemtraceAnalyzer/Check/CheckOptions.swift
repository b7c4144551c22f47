// SPDX-License-Identifier: Apache-2.0
//
// What a run of a program is checked for.

/// What is to hold, and what is left out of account.
package struct CheckOptions: Sendable {
  /// Without any, nothing may leak.
  package var limits: [CheckLimit] = []
  /// Patterns as a shell has them: only stacks through an image with such a name, or path.
  package var onlyImages: [String] = []
  /// Whether to ask for growth by iteration, and how the batches are marked.
  package var batches: BatchMarks?
  /// In the order in which they are tried; before them come the built-in ones.
  package var suppressions: [SuppressionFile] = []
  package var usesBuiltinSuppressions = true
  /// What was found before and is put up with.
  package var baseline: Baseline?
  /// Whether a process that was killed, or crashed, is no failure.
  package var allowsKilled = false
  /// A folder that stands for `/` when the traced program's files are looked for.
  package var sysroot: String?
  /// Whether names may come from the user's cache, and go into it.
  package var usesNameCache = true

  package init() {}

  func limit(_ measure: CheckLimit.Measure, _ scope: CheckLimit.Scope) -> CheckLimit? {
    limits.last { $0.measure == measure && $0.scope == scope }
  }

  /// Whether what is outstanding at the end decides: where nothing else was asked for, too.
  var judgesLeaks: Bool {
    baseline != nil || limits.contains(where: \.isOfLeaks) || (limits.isEmpty && batches == nil)
  }
}

/// The marks between which a program did the same work again and again.
package struct BatchMarks: Hashable, Sendable {
  /// Marks with this name and a number behind it, from 0 on, bound the batches.
  package var prefix: String
  /// How often the work was done in each batch.
  package var iterationCount: UInt64

  package init(prefix: String, iterationCount: UInt64) {
    self.prefix = prefix
    self.iterationCount = iterationCount
  }
}
