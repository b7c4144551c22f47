// SPDX-License-Identifier: Apache-2.0
//
// What a mapping is for, as far as the call that made it tells.

import CTraceFormat

/// A sort of mapping; kept apart because only some of them cost memory.
package enum MappingKind: UInt8, CaseIterable, Sendable {
  /// Memory from nowhere, readable or writable.
  case anonymous
  /// A file's content.
  case file
  /// Address space taken without access (PROT_NONE); it may have been opened up later.
  case reservation

  /// - Parameter bits: `enum mt_mapping`.
  init(bits: UInt16) {
    func has(_ flag: mt_mapping) -> Bool { bits & UInt16(truncatingIfNeeded: flag.rawValue) != 0 }
    if !has(MT_MAPPING_READ), !has(MT_MAPPING_WRITE), !has(MT_MAPPING_EXECUTE) {
      self = .reservation
    } else {
      self = has(MT_MAPPING_ANONYMOUS) ? .anonymous : .file
    }
  }
}
