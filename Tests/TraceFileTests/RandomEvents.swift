// SPDX-License-Identifier: Apache-2.0
//
// Events no program would make, of every kind and size.

import MemtraceTestSupport
import TraceFile

enum RandomEvents {
  /// A number below `bound`, as often of few bits as of many.
  static func skewed(below bound: UInt64, _ generator: inout SplitMix64) -> UInt64 {
    let bits = UInt64.random(in: 0...64, using: &generator)
    return (generator.next() >> (64 - min(63, bits))) % bound
  }

  /// An event of any function and with any values.
  static func event(
    at ticks: UInt64, stacks: [StackID], _ generator: inout SplitMix64
  ) -> TraceEvent {
    let functions: [AllocationFunction] = [
      .malloc, .calloc, .realloc, .reallocarray, .memalign, .posixMemalign, .alignedAlloc, .valloc,
      .pvalloc, .own, .new, .newArray, .mmap, .mremap, .free, .reallocFree, .delete, .deleteArray,
      .freeSized, .freeAlignedSized, .munmap, .mremapUnmap,
    ]
    let function = functions[Int(generator.next() % UInt64(functions.count))]
    let kind = function.eventKind ?? .allocated
    var event = TraceEvent(
      kind, ticks: Ticks(ticks), address: Address(skewed(below: .max, &generator) + 1),
      function: function)
    if kind != .freed { event.byteCount = skewed(below: .max, &generator) }
    if kind == .allocated || kind == .mapped {
      // Few at a time, so that sites repeat.
      event.stack = stacks[Int(skewed(below: UInt64(stacks.count), &generator))]
      if generator.next() % 2 == 0 { event.byteCount = 64 }
    }
    if kind == .mapped { event.mapping = UInt16(truncatingIfNeeded: generator.next()) }
    return event
  }
}
