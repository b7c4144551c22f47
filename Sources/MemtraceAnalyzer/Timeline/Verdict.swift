// SPDX-License-Identifier: Apache-2.0
//
// What is to be thought of memory that moved: which kind of growth it is, how sure that is, the
// figures that say so, and what a good engineer would do next.

/// The kind of growth, and why it is thought to be that.
package struct Verdict: Hashable, Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    case leak
    case allocatorRetention = "allocator-retention"
    case javaScriptHeap = "javascript-heap"
    case mmap
    case cacheOrWarmup = "cache-or-warmup"
    case externalMemory = "external-memory"
    case none
  }

  package var kind: Kind
  /// 0 to 1.
  package var confidence: Double
  /// Sentences with the figures that decided.
  package var evidence: [String]
  /// What to do next, the most useful first.
  package var nextSteps: [String]
  /// Of what the verdict is about; 0 where nothing goes on growing.
  package var bytesPerHour: Double
}
