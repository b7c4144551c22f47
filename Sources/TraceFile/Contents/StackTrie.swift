// SPDX-License-Identifier: Apache-2.0
//
// The nodes of a trace's stacks, checked, and in as little memory as may be: there may be tens of
// millions.

import CPrefetch
import CTraceFormat

/// Nodes by id: every caller is 0 or the id of a node before it.
final class StackTrie: Sendable {
  /// In a pair's place: the caller this node names is not readable.
  static let cutBit: UInt32 = 1 << 31

  /// A pair of the caller's id and the number of the place, with `cutBit`; 0 where no node is.
  let pairs: [UInt64]
  let places: [StackPlace]
  /// A bit for each id: whether there is a node.
  ///
  /// Every new site of a chunk is looked up here, and this much stays in a near cache.
  private let present: [UInt64]
  /// By id the first node that is equal and to whose callers the same applies; empty where no two
  /// nodes are equal.
  private let canonicalIDs: [UInt32]
  let brokenCount: UInt64
  /// Nodes that call nothing: about as many as there are stacks.
  var leafCount: Int {
    var isCaller = [Bool](repeating: false, count: pairs.count)
    for pair in pairs where pair != 0 { isCaller[Int(pair >> 32)] = true }
    return pairs.indices.count { pairs[$0] != 0 && !isCaller[$0] }
  }

  /// Slots looked at to find equal nodes; for tests.
  let probeCount: Int

  fileprivate init(_ read: [UInt64], _ places: [StackPlace]) {
    var pairs = read
    var present = [UInt64](repeating: 0, count: (read.count + 63) / 64)
    var canonicalIDs: [UInt32] = []
    var brokenCount: UInt64 = 0
    var slots = PairSlots(count: read.count)
    let count = read.count
    pairs.withUnsafeMutableBufferPointer { pairs in
      guard let base = pairs.baseAddress else { return }
      for id in 0..<count {
        let ahead = min(id &+ Self.fetchDistance, count &- 1)
        slots.prefetch(childrenOf: UInt32(truncatingIfNeeded: base[ahead] >> 32))
        guard base[id] != 0 else { continue }
        present[id >> 6] |= 1 << UInt64(id & 63)
        var caller = Int(base[id] >> 32)
        if caller != 0 {
          if caller >= id || base[caller] == 0 {
            base[id] = base[id] & UInt64(UInt32.max) | UInt64(Self.cutBit)
            brokenCount += 1
          } else if !canonicalIDs.isEmpty {
            caller = Int(canonicalIDs[caller])
            base[id] = PairSlots.pair(
              UInt32(truncatingIfNeeded: caller), UInt32(truncatingIfNeeded: base[id]))
          }
        }
        let equal = slots.number(
          of: base[id], orNew: UInt32(truncatingIfNeeded: id), in: UnsafePointer(base))
        if equal != 0, canonicalIDs.isEmpty {
          canonicalIDs = (0..<UInt32(truncatingIfNeeded: count)).map { $0 }
        }
        if equal != 0 { canonicalIDs[id] = equal }
      }
    }
    self.pairs = pairs
    self.places = places
    self.present = present
    self.canonicalIDs = canonicalIDs
    self.brokenCount = brokenCount
    probeCount = slots.probeCount
  }

  private static let fetchDistance = 16

  /// No node has this id or a higher one.
  var idLimit: Int { pairs.count }

  @inline(__always)
  func contains(_ id: UInt32) -> Bool {
    let word = Int(id >> 6)
    return word < present.count && present[word] & 1 &<< UInt64(id & 63) != 0
  }

  func caller(of id: UInt32) -> UInt32 { UInt32(truncatingIfNeeded: pairs[Int(id)] >> 32) }

  func placeNumber(of id: UInt32) -> UInt32 {
    UInt32(truncatingIfNeeded: pairs[Int(id)]) & ~Self.cutBit
  }

  func place(of id: UInt32) -> StackPlace { places[Int(placeNumber(of: id))] }

  /// Whether the caller of a node is not readable.
  func isCut(_ id: UInt32) -> Bool {
    UInt32(truncatingIfNeeded: pairs[Int(id)]) & Self.cutBit != 0
  }

  func canonical(_ id: UInt32) -> UInt32 { canonicalIDs.isEmpty ? id : canonicalIDs[Int(id)] }
}

/// Nodes on their way into a trie, in any order.
struct StackTrieBuilder {
  private var pairs: [UInt64]
  private var places = StackPlaces()
  private var idLimit = 0

  /// For ids below `idLimit`.
  init(idLimit: Int) {
    pairs = [UInt64](repeating: 0, count: idLimit)
  }

  /// Adds nodes with the ids from `first` on; those without flags are none.
  ///
  /// - Returns: How many there were.
  mutating func add(_ records: UnsafeBufferPointer<mt_node>, from first: Int) -> Int {
    var count = 0
    for (index, record) in records.enumerated() where record.flags != 0 {
      count += 1
      idLimit = max(idLimit, first + index + 1)
      let flags = UInt8(truncatingIfNeeded: record.flags) & Self.knownFlags
      let isRoot = flags & UInt8(MT_NODE_ROOT.rawValue) != 0
      guard isRoot || flags & UInt8(MT_NODE_FRAME.rawValue) != 0 else { continue }
      let place = places.number(of: StackPlace(address: record.address, flags: flags))
      pairs[first + index] = PairSlots.pair(isRoot ? 0 : record.parent, place)
    }
    return count
  }

  private static let knownFlags = UInt8(
    MT_NODE_FRAME.rawValue | MT_NODE_ROOT.rawValue | MT_NODE_TRUNCATED.rawValue
      | MT_NODE_EXACT.rawValue)

  /// The trie of the nodes added.
  ///
  /// - Complexity: O(n) in time and memory; about 8 bytes a node stay, as many are used meanwhile.
  consuming func trie() -> StackTrie {
    // Most of the last chunk is not written yet.
    pairs.removeLast(pairs.count - idLimit)
    return StackTrie(pairs, places.places)
  }
}
