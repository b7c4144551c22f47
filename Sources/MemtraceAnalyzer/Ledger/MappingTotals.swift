// SPDX-License-Identifier: Apache-2.0
//
// The books of the mappings, whole and by stack.

import TraceFile

/// Sums over mappings; those of heap memory are never part of them.
package struct MappingTotals: Hashable, Sendable {
  package var mappedCount: UInt64 = 0
  package var mappedBytes: UInt64 = 0
  /// Pieces of address space that are still mapped.
  package var outstandingCount: UInt64 = 0
  package var outstandingBytes: UInt64 = 0
  /// Of the outstanding bytes, those of each kind.
  package var anonymousBytes: UInt64 = 0
  package var fileBytes: UInt64 = 0
  package var reservedBytes: UInt64 = 0

  package init() {}

  mutating func add(_ byteCount: UInt64, _ kind: MappingKind) {
    outstandingCount &+= 1
    outstandingBytes &+= byteCount
    self[kind] &+= byteCount
  }

  mutating func remove(_ byteCount: UInt64, _ kind: MappingKind) {
    outstandingCount &-= 1
    outstandingBytes &-= byteCount
    self[kind] &-= byteCount
  }

  package subscript(kind: MappingKind) -> UInt64 {
    get {
      switch kind {
      case .anonymous: anonymousBytes
      case .file: fileBytes
      case .reservation: reservedBytes
      }
    }
    set {
      switch kind {
      case .anonymous: anonymousBytes = newValue
      case .file: fileBytes = newValue
      case .reservation: reservedBytes = newValue
      }
    }
  }
}
