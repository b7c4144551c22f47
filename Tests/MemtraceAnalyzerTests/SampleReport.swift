// SPDX-License-Identifier: Apache-2.0
//
// A report made by hand, of everything a renderer has to show.

import Symbolication
import TraceFile

@testable import MemtraceAnalyzer

/// Reports for the renderers' tests.
enum SampleReport {
  static let addon = "/srv/app/build/Release/addon.node"
  static let node = "/usr/local/bin/node"
  static let libc = "/usr/lib/x86_64-linux-gnu/libc.so.6"

  private static func native(
    _ function: String?, _ image: String, _ address: UInt64, file: String? = nil, line: Int? = nil,
    isInlined: Bool = false
  ) -> Frame {
    Frame(
      function: function, file: file, line: line, image: image, imageOffset: address & 0xffff,
      address: address, isInlined: isInlined)
  }

  private static func script(_ function: String, _ file: String, _ line: Int, _ address: UInt64)
    -> Frame
  {
    Frame(
      function: function, file: file, line: line, column: 9, address: address, kind: .javascript)
  }

  private static let frames = FrameTable([
    [
      native(
        "copy_bytes", addon, 0x7f00_0000_1234, file: "/srv/app/src/addon.c", line: 41,
        isInlined: true),
      native("make_buffer", addon, 0x7f00_0000_1234, file: "/srv/app/src/addon.c", line: 57),
    ],
    [native("Leak", addon, 0x7f00_0000_1300, file: "/srv/app/src/addon.c", line: 80)],
    [
      native(
        "v8impl::(anonymous namespace)::CallbackWrapperBase::InvokeCallback()", node, 0x90_1000)
    ],
    [
      native(
        "v8::internal::Builtin_HandleApiCall(int, unsigned long*, v8::internal::Isolate*)", node,
        0x90_2000)
    ],
    [script("handleRequest", "/srv/app/server.js", 17, 0x7e00_0000_0100)],
    [script("emit", "node:events", 517, 0x7e00_0000_0200)],
    [native("node::Start(int, char**)", node, 0x91_0000)],
    [native("main", node, 0x91_1000)],
    [native("__libc_start_call_main", libc, 0x7f10_0000_0100)],
    [native("strdup", libc, 0x7f10_0000_0200)],
    [
      native(
        "\u{1b}]0;evil\u{07}name\nline", addon, 0x7f00_0000_1400, file: "/srv/app/src/\u{1b}[2Jx.c",
        line: 3)
    ],
    [native(nil, addon, 0x7f00_0000_1500)],
    [Frame(address: 0x7e00_0000_0300)],
  ])

  private static func site(
    _ outstandingBytes: UInt64, _ outstandingCount: UInt64, of totalBytes: UInt64,
    _ totalCount: UInt64, _ addresses: [UInt32], function: UInt16 = 1, isTruncated: Bool = false
  ) -> Site {
    var totals = SiteTotals(stack: StackID(UInt32(addresses.count)))
    totals.functionBits = 1 << function
    totals.allocationCount = totalCount
    totals.allocatedBytes = totalBytes
    totals.outstandingCount = outstandingCount
    totals.outstandingBytes = outstandingBytes
    totals.peakBytes = outstandingBytes + 100
    totals.temporaryCount = totalCount / 4
    return Site(
      totals: totals, firstNanoseconds: 120_000_000, lastNanoseconds: 2_300_000_000,
      stack: ReportStack(addresses: addresses, isTruncated: isTruncated))
  }

  /// A node program with an add-on that leaks.
  static var node20: LeakReport {
    var trace = TraceSummary(path: "trace.bin")
    trace.fileByteCount = 4_567_890
    trace.pid = 4711
    trace.parentPID = 4700
    trace.executable = node
    trace.command = ["node", "server.js", "--port", "8080"]
    trace.directory = "/srv/app"
    trace.startRealtimeNanoseconds = 1_700_000_000_123_456_789
    trace.durationNanoseconds = 2_434_000_000
    trace.threadCount = 11
    var heap = HeapSummary()
    heap.allocationCount = 482_113
    heap.allocatedBytes = 1_181_116_006
    heap.freeCount = 480_909
    heap.outstandingCount = 1204
    heap.outstandingBytes = 13_001_728
    heap.peakBytes = 47_395_635
    heap.peakNanoseconds = 1_920_000_000
    heap.temporaryCount = 154_276
    heap.eventCount = 963_022
    heap.peakRSSBytes = 92_379_545
    heap.endRSSBytes = 73_400_320
    var mappings = MappingSummary()
    mappings.totals.mappedCount = 40
    mappings.totals.mappedBytes = 300 << 20
    mappings.totals.outstandingCount = 7
    mappings.totals.outstandingBytes = 200 << 20
    mappings.totals.anonymousBytes = 64 << 20
    mappings.totals.fileBytes = 8 << 20
    mappings.totals.reservedBytes = 128 << 20
    mappings.siteCount = 5
    mappings.sites = [
      MappingSummary.Site(
        totals: mappings.totals, stack: ReportStack(addresses: [3, 6, 7, 8]))
    ]
    var all = SiteSums()
    all.siteCount = 213
    all.outstandingBytes = heap.outstandingBytes
    all.outstandingCount = heap.outstandingCount
    all.allocatedBytes = heap.allocatedBytes
    all.allocationCount = heap.allocationCount
    all.peakBytes = 52_428_800
    all.temporaryCount = heap.temporaryCount
    return LeakReport(
      trace: trace, interval: 0...2_434_000_000, isPartOfTrace: false, heap: heap,
      sites: [
        site(10_485_760, 10, of: 10_485_760, 10, [0, 1, 2, 3, 4, 5, 6, 7, 8]),
        site(1_572_864, 24, of: 157_286_400, 2400, [9, 1, 2, 3, 4, 5, 6, 7, 8], function: 1),
        site(524_288, 512, of: 524_288, 512, [6, 7, 8], function: 10),
        site(1, 1, of: 1, 1, [10, 11, 12], function: 2, isTruncated: true),
      ],
      selection: SiteSelection(
        order: .outstanding, siteCount: 5200, outstandingSiteCount: 213, all: all),
      mappings: mappings,
      largeAllocations: [
        LargeAllocation(
          kind: .burst, nanoseconds: 2_100_000_000, durationNanoseconds: 310_000_000,
          byteCount: 134_217_728, blockCount: 1024, stack: ReportStack(addresses: [0, 1, 4])),
        LargeAllocation(
          kind: .single, nanoseconds: 1_204_000_000, byteCount: 67_108_864,
          freedNanoseconds: 1_400_000_000, stack: ReportStack(addresses: [1, 4])),
        LargeAllocation(
          kind: .single, nanoseconds: 1_500_000_000, byteCount: 16_777_216,
          stack: ReportStack(addresses: [])),
      ],
      largeAllocationCount: 2, burstCount: 1, largeThreshold: 16 << 20, burstThreshold: 16 << 20,
      burstWindowNanoseconds: 1_000_000_000,
      marks: [
        MarkSummary(name: "warm \"up\"", kind: .mark, nanoseconds: 500_000_000),
        MarkSummary(name: "", kind: .pause, nanoseconds: 600_000_000),
      ],
      warnings: [.truncatedStacks(3)], frames: frames)
  }
}

extension LeakReport {
  /// Drops what has no frame that matches, as the analyzer does before there is a report.
  mutating func keep(matching filter: SiteFilter) {
    for verdicts in filter.verdicts(on: frames) {
      func matches(_ stack: ReportStack) -> Bool {
        stack.addresses.contains { verdicts[Int($0)] }
      }
      sites.removeAll { !matches($0.stack) }
      mappings.sites.removeAll { !matches($0.stack) }
      largeAllocations.removeAll { !matches($0.stack) }
    }
    selection.filter = filter.pattern
    selection.onlyImages = filter.imagePatterns
    selection.matching = SiteSums(of: sites.lazy.map(\.totals))
  }
}
