// SPDX-License-Identifier: Apache-2.0
//
// When each isolate of a --trace-gc log began: the log counts from there. Known from the trace, or
// bounded by the order of the lines.

import TraceFile

/// The isolates of a log.
struct GCLogIsolates {
  /// For each line, which isolate's it is.
  private(set) var ofLines: [Int] = []
  /// Of each isolate's beginning, since the start of the trace.
  private(set) var startMilliseconds: [Double] = []
  /// Of each isolate; two may have had the same one after the other.
  private(set) var addresses: [UInt64] = []

  /// Takes the isolate that began first as having begun with the trace.
  init(_ lines: [GCLogLine]) {
    var newestOf: [UInt64: (isolate: Int, endMilliseconds: Double)] = [:]
    var newest = 0.0
    for line in lines {
      let before = newestOf[line.isolate]
      var isolate = before?.isolate ?? addresses.count
      // Its time has begun anew: a worker came to the place of one that had ended.
      if let before, before.endMilliseconds > line.endMilliseconds + 1 { isolate = addresses.count }
      if isolate == addresses.count {
        addresses.append(line.isolate)
        startMilliseconds.append(-.infinity)
      }
      // The log is in order of time: what stands behind a line did not end before it.
      startMilliseconds[isolate] = max(
        startMilliseconds[isolate], newest - line.endMilliseconds)
      newest = startMilliseconds[isolate] + line.endMilliseconds
      newestOf[line.isolate] = (isolate, line.endMilliseconds)
      ofLines.append(isolate)
    }
    let first = startMilliseconds.min() ?? 0
    startMilliseconds = startMilliseconds.map { $0 - first }
  }

  /// Puts each isolate where its block began, and those without one in relation to the first.
  mutating func place(_ births: IsolateBirths, _ clock: TraceClock) {
    var earlier: [UInt64: Int] = [:]
    let known = addresses.map { address -> Double? in
      let index = earlier[address, default: 0]
      earlier[address] = index + 1
      let ticks = births.ticks(of: address)
      return index < ticks.count ? Double(clock.nanoseconds(at: ticks[index])) / 1e6 : nil
    }
    guard let first = known.indices.first(where: { known[$0] != nil }), let start = known[first]
    else { return }
    let shift = start - startMilliseconds[first]
    startMilliseconds = zip(known, startMilliseconds).map { $0 ?? $1 + shift }
  }

  /// 0 for the one that began first, 1 for the next, and so on.
  func number(of isolate: Int) -> UInt32 {
    let start = startMilliseconds[isolate]
    return UInt32(
      startMilliseconds.indices.count {
        startMilliseconds[$0] < start || (startMilliseconds[$0] == start && $0 < isolate)
      })
  }
}

/// The blocks that began at the addresses of isolates.
struct IsolateBirths {
  /// Less than this is none.
  private static let leastByteCount: UInt64 = 8192

  private var births: [UInt64: [(ticks: Ticks, byteCount: UInt64)]]

  init(of addresses: [UInt64]) {
    births = Dictionary(addresses.map { ($0, []) }) { first, _ in first }
  }

  mutating func note(_ event: borrowing TraceEvent) {
    guard event.kind == .allocated, event.byteCount >= Self.leastByteCount else { return }
    births[event.address.rawValue]?.append((event.ticks, event.byteCount))
  }

  /// When isolates began at `address`, in order of time.
  ///
  /// They all are of one size; a block of another that was there before is none.
  func ticks(of address: UInt64) -> [Ticks] {
    var isolateCounts: [UInt64: Int] = [:]
    for blocks in births.values {
      for byteCount in Set(blocks.map(\.byteCount)) { isolateCounts[byteCount, default: 0] += 1 }
    }
    let size = isolateCounts.max { ($0.value, $0.key) < ($1.value, $1.key) }?.key
    return births[address]?.filter { $0.byteCount == size }.map(\.ticks) ?? []
  }
}
