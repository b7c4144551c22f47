// SPDX-License-Identifier: Apache-2.0
//
// Events as bytes, after the words of trace_format.h and nothing else: the tests of the decoder
// compare two readings of that text.

import CTraceFormat
import TraceFile

/// Encodes the events of a sealed window.
package struct EventEncoder {
  /// Makes some fields longer than they need be, and says again what a slot knows already, where
  /// a generator is given: the format allows it.
  private var generator: SplitMix64?
  private var sites = [(stack: UInt32, size: UInt64)](repeating: (0, 0), count: 256)
  /// The last event and the step to its address, if a run can repeat it.
  private var last: (event: TraceEvent, step: Int64)?
  /// Where the count of the run stands that the bytes end with.
  private var runCountIndex: Int?

  package init(wideningBy generator: SplitMix64? = nil) {
    self.generator = generator
  }

  /// The bytes of `events` in a chunk that begins at `firstTicks`.
  package mutating func encode(_ events: [TraceEvent], firstTicks: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    var ticks = firstTicks
    var lastAddress: [Bool: UInt64] = [:]
    sites = .init(repeating: (0, 0), count: 256)
    last = nil
    runCountIndex = nil
    for event in events {
      if event.kind == .foldedPeak {
        encodePeak(event, tickStep: event.ticks.rawValue &- ticks, into: &bytes)
        runCountIndex = nil
        last = nil
        ticks = event.ticks.rawValue
        continue
      }
      let isEnd = event.function.rawValue & UInt8(MT_FUNCTION_ENDS) != 0
      let address = event.address.rawValue
      let tickStep = event.ticks.rawValue &- ticks
      let addressStep = Int64(bitPattern: address &- lastAddress[isEnd, default: 0])
      if isForetold(event, addressStep), !chance(4) {
        encodeRepeated(tickStep: tickStep, into: &bytes)
      } else {
        encode(event, tickStep: tickStep, addressStep: addressStep, into: &bytes)
        runCountIndex = nil
      }
      last = event.kind == .allocated || event.kind == .freed ? (event, addressStep) : nil
      ticks = event.ticks.rawValue
      lastAddress[isEnd] = address
    }
    return bytes
  }

  /// Whether `event` is like the last in all but its address, which is as far from that one's as
  /// that one's from the one before.
  private func isForetold(_ event: TraceEvent, _ addressStep: Int64) -> Bool {
    guard let last, event.foldedTemporaryCount == 0 else { return false }
    return last.event.function == event.function && last.event.stack == event.stack
      && last.event.byteCount == event.byteCount && last.step == addressStep
  }

  private mutating func encodeRepeated(tickStep: UInt64, into bytes: inout [UInt8]) {
    if let index = runCountIndex, tickStep == 0, bytes[index] < .max, !chance(16) {
      bytes[index] += 1
      return
    }
    let tickBits = lengthCode(of: tickStep)
    bytes += [UInt8(MT_RUN.rawValue) | tickBits << 5, 0]
    runCountIndex = bytes.count - 1
    bytes += littleEndian(tickStep, byteCount: 1 << tickBits)
  }

  private mutating func encodePeak(
    _ event: TraceEvent, tickStep: UInt64, into bytes: inout [UInt8]
  ) {
    let tickBits = lengthCode(of: tickStep)
    let sizeBits = lengthCode(of: event.byteCount)
    bytes += [UInt8(MT_FOLD_PEAK.rawValue), tickBits | sizeBits << 5]
    bytes += littleEndian(tickStep, byteCount: 1 << tickBits)
    bytes += littleEndian(event.byteCount, byteCount: 1 << sizeBits)
  }

  private mutating func encode(
    _ event: TraceEvent, tickStep: UInt64, addressStep: Int64, into bytes: inout [UInt8]
  ) {
    let inSixteens = addressStep % 16 == 0 && !chance(4)
    let step = inSixteens ? addressStep / 16 : addressStep
    let zigzag = UInt64(bitPattern: step << 1 ^ step >> 63)
    let tickBits = lengthCode(of: tickStep)
    let addressByteCount = min(8, byteCount(of: zigzag) + (chance(4) ? 1 : 0))

    var tail: [UInt8] = []
    var mode: UInt8 = 0
    var sizeBits: UInt8 = 0
    if event.kind == .allocated || event.kind == .mapped {
      let slot = Int((event.stack.rawValue &* MT_SITE_HASH) >> 24)
      let known = sites[slot]
      if known.stack == event.stack.rawValue, known.size == event.byteCount, !chance(4) {
        mode = UInt8(MT_SITE_SAME.rawValue)
        tail = [UInt8(slot)]
      } else {
        if known.stack == event.stack.rawValue, !chance(4) {
          mode = UInt8(MT_SITE_STACK.rawValue)
          tail = [UInt8(slot)]
        } else {
          mode = UInt8(MT_SITE_FULL.rawValue)
          tail = littleEndian(UInt64(event.stack.rawValue), byteCount: 4)
        }
        sizeBits = lengthCode(of: event.byteCount)
        tail += littleEndian(event.byteCount, byteCount: 1 << sizeBits)
      }
      sites[slot] = (event.stack.rawValue, event.byteCount)
      if event.kind == .mapped { tail += littleEndian(UInt64(event.mapping), byteCount: 2) }
    } else if event.kind == .unmapped {
      sizeBits = lengthCode(of: event.byteCount)
      tail = littleEndian(event.byteCount, byteCount: 1 << sizeBits)
    }

    bytes.append(event.function.rawValue | mode << 5 | (inSixteens ? 0x80 : 0))
    let isTemporary = event.kind == .freed && event.foldedTemporaryCount > 0
    bytes.append(
      tickBits | UInt8(addressByteCount - 1) << 2 | sizeBits << 5 | (isTemporary ? 0x80 : 0))
    bytes += littleEndian(tickStep, byteCount: 1 << tickBits)
    bytes += littleEndian(zigzag, byteCount: addressByteCount)
    bytes += tail
  }

  /// 0, 1, 2, 3 for 1, 2, 4, 8 bytes.
  private mutating func lengthCode(of value: UInt64) -> UInt8 {
    let count = byteCount(of: value)
    let code: UInt8 = count <= 1 ? 0 : count <= 2 ? 1 : count <= 4 ? 2 : 3
    return min(3, code + (chance(4) ? 1 : 0))
  }

  private func byteCount(of value: UInt64) -> Int {
    max(1, (64 - value.leadingZeroBitCount + 7) / 8)
  }

  private func littleEndian(_ value: UInt64, byteCount: Int) -> [UInt8] {
    (0..<byteCount).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
  }

  private mutating func chance(_ oneIn: UInt64) -> Bool {
    guard generator != nil else { return false }
    return (generator?.next() ?? 1) % oneIn == 0
  }
}
