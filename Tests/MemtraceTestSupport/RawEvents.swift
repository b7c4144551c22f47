// SPDX-License-Identifier: Apache-2.0
//
// Events as a window holds them before it is sealed: words, after trace_format.h.

import CTraceFormat
import TraceFile

/// The raw form of events.
package enum RawEvents {
  package static func words(of event: TraceEvent) -> [UInt64] {
    let first = event.ticks.rawValue << 6 | UInt64(event.function.rawValue)
    let address = event.address.rawValue
    let stack = UInt64(event.stack.rawValue)
    switch event.kind {
    case .allocated where event.byteCount < MT_RAW_SIZE_FOLLOWS:
      return [first, address, stack | event.byteCount << 32]
    case .allocated:
      return [first, address, stack | UInt64(MT_RAW_SIZE_FOLLOWS) << 32, event.byteCount]
    case .mapped:
      return [first, address, event.byteCount, stack | UInt64(event.mapping) << 32]
    case .unmapped:
      return [first, address, event.byteCount]
    case .freed, .folded, .foldedPeak:
      return [first, address]
    }
  }
}
