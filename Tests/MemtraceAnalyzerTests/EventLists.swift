// SPDX-License-Identifier: Apache-2.0
//
// Events in short, for tests of the ledgers.

import CTraceFormat
import TraceFile

func malloc(
  _ address: UInt64, _ byteCount: UInt64, stack: UInt32 = 10, at ticks: UInt64 = 0,
  function: AllocationFunction = .malloc
) -> TraceEvent {
  TraceEvent(
    .allocated, ticks: Ticks(ticks), address: Address(address), byteCount: byteCount,
    stack: StackID(stack), function: function)
}

func free(
  _ address: UInt64, at ticks: UInt64 = 0, isTemporary: Bool = false,
  function: AllocationFunction = .free
) -> TraceEvent {
  TraceEvent(
    .freed, ticks: Ticks(ticks), address: Address(address), function: function,
    foldedTemporaryCount: isTemporary ? 1 : 0)
}

func folded(
  _ count: UInt32, _ byteCount: UInt64, temporary: UInt32 = 0, stack: UInt32 = 10,
  at ticks: UInt64 = 0
) -> TraceEvent {
  TraceEvent(
    .folded, ticks: Ticks(ticks), byteCount: byteCount, stack: StackID(stack), function: .malloc,
    foldedCount: count, foldedTemporaryCount: temporary)
}

func foldedPeak(_ byteCount: UInt64, at ticks: UInt64 = 0) -> TraceEvent {
  TraceEvent(
    .foldedPeak, ticks: Ticks(ticks), byteCount: byteCount,
    function: AllocationFunction(rawValue: 0))
}

let anonymousMemory = UInt16(
  MT_MAPPING_ANONYMOUS.rawValue | MT_MAPPING_READ.rawValue | MT_MAPPING_WRITE.rawValue)
let fileMemory = UInt16(MT_MAPPING_READ.rawValue)
let reservedMemory = UInt16(MT_MAPPING_ANONYMOUS.rawValue | MT_MAPPING_NORESERVE.rawValue)

func mmap(
  _ address: UInt64, _ byteCount: UInt64, stack: UInt32 = 20, mapping: UInt16 = anonymousMemory,
  at ticks: UInt64 = 0, function: AllocationFunction = .mmap
) -> TraceEvent {
  TraceEvent(
    .mapped, ticks: Ticks(ticks), address: Address(address), byteCount: byteCount,
    stack: StackID(stack), function: function, mapping: mapping)
}

func munmap(
  _ address: UInt64, _ byteCount: UInt64, at ticks: UInt64 = 0,
  function: AllocationFunction = .munmap
) -> TraceEvent {
  TraceEvent(
    .unmapped, ticks: Ticks(ticks), address: Address(address), byteCount: byteCount,
    function: function)
}
