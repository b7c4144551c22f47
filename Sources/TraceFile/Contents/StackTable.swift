// SPDX-License-Identifier: Apache-2.0
//
// The trace's stacks: a trie whose nodes point outwards, to their callers.

import CTraceFormat

/// Every stack of a trace.
///
/// A stack is the number of its innermost node. For questions about very many stacks at once see
/// `StackPaths`.
package struct StackTable: Sendable {
  let trie: StackTrie

  init(_ trie: StackTrie) {
    self.trie = trie
  }

  /// A table of `nodes`, whose index is their id.
  package init(nodes: [mt_node] = []) {
    var builder = StackTrieBuilder(idLimit: nodes.count)
    _ = nodes.withUnsafeBufferPointer { builder.add($0, from: 0) }
    self.init(builder.trie())
  }

  /// No stack has this id or a higher one.
  package var idLimit: Int { trie.idLimit }

  /// Nodes whose caller is not readable; their stacks are cut there and count as truncated.
  package var brokenNodeCount: UInt64 { trie.brokenCount }

  /// Whether the trace holds `stack`; 0 means "no stack" and is held by every trace.
  @inline(__always)
  package func contains(_ stack: StackID) -> Bool {
    stack.rawValue == 0 || trie.contains(stack.rawValue)
  }

  /// The frames of `stack`, innermost first; none for a stack the trace does not hold.
  package func frames(of stack: StackID) -> Frames {
    Frames(trie: trie, inner: trie.contains(stack.rawValue) ? stack.rawValue : 0)
  }

  /// How often images had been unloaded when `stack` was captured.
  ///
  /// - Complexity: O(n) for n frames.
  package func epoch(of stack: StackID) -> UInt32 {
    outermost(of: stack).map { trie.place(of: $0).epoch } ?? 0
  }

  /// Whether the outermost frames of `stack` are missing.
  ///
  /// - Complexity: O(n) for n frames.
  package func isTruncated(_ stack: StackID) -> Bool {
    outermost(of: stack).map { trie.place(of: $0).isTruncated || trie.isCut($0) } ?? false
  }

  /// Stacks that are no part of others: nearly all of those that allocated.
  ///
  /// - Complexity: O(`idLimit`).
  package var leafCount: Int { trie.leafCount }

  /// One id for all stacks equal to `stack`.
  ///
  /// Two threads that meet a stack first at the same time may each have given it an id.
  package func canonical(_ stack: StackID) -> StackID {
    guard trie.contains(stack.rawValue) else { return stack }
    return StackID(trie.canonical(stack.rawValue))
  }

  private func outermost(of stack: StackID) -> UInt32? {
    guard trie.contains(stack.rawValue) else { return nil }
    var node = stack.rawValue
    while case let caller = trie.caller(of: node), caller != 0 { node = caller }
    return node
  }

  /// Walks a stack outwards.
  package struct Frames: Sequence, IteratorProtocol {
    fileprivate let trie: StackTrie
    fileprivate var inner: UInt32

    package mutating func next() -> StackFrame? {
      guard inner != 0, case let place = trie.place(of: inner), !place.isRoot else { return nil }
      inner = trie.caller(of: inner)
      return place.frame
    }
  }
}
