// SPDX-License-Identifier: Apache-2.0
//
// Reports made by hand for pages: of hostile names, of very many sites.

import MemtraceTestSupport
import Symbolication
import TraceFile

@testable import MemtraceAnalyzer

/// Reports without a trace.
enum MadeReport {
  static func of(_ sites: [Site], _ frames: FrameTable, command: [String] = ["node", "app.js"])
    -> LeakReport
  {
    var trace = TraceSummary(path: "trace.bin")
    trace.command = command
    trace.executable = "/usr/bin/node"
    trace.durationNanoseconds = 10_000_000_000
    var heap = HeapSummary()
    let sums = SiteSums(of: sites.lazy.map(\.totals))
    heap.allocationCount = sums.allocationCount
    heap.allocatedBytes = sums.allocatedBytes
    heap.outstandingCount = sums.outstandingCount
    heap.outstandingBytes = sums.outstandingBytes
    heap.peakBytes = sums.peakBytes
    return LeakReport(
      trace: trace, interval: 0...10_000_000_000, isPartOfTrace: false, heap: heap, sites: sites,
      selection: SiteSelection(
        order: .outstanding, siteCount: UInt64(sites.count),
        outstandingSiteCount: UInt64(sites.count), all: sums),
      mappings: MappingSummary(), largeAllocations: [], largeAllocationCount: 0, burstCount: 0,
      largeThreshold: 16 << 20, burstThreshold: 16 << 20, burstWindowNanoseconds: 1_000_000_000,
      marks: [], warnings: [], frames: frames)
  }

  static func site(_ stack: [UInt32], bytes: UInt64, count: UInt64, number: Int) -> Site {
    var totals = SiteTotals(stack: StackID(UInt32(number + 1)))
    totals.functionBits = 2
    totals.allocationCount = count * 2
    totals.allocatedBytes = bytes * 2
    totals.outstandingCount = count
    totals.outstandingBytes = bytes
    totals.peakBytes = bytes + 1
    totals.temporaryCount = count / 2
    return Site(
      totals: totals, firstNanoseconds: 1_000_000, lastNanoseconds: 9_000_000_000,
      stack: ReportStack(addresses: stack))
  }

  static let hostileNames = [
    "</script><script>globalThis.wasRun=true</script>", "<img src=x onerror='globalThis.wasRun=1'>",
    "<!--", "]]>", "\" onmouseover=\"globalThis.wasRun=1", "javascript:globalThis.wasRun=1",
    "${globalThis.wasRun=1}", "\u{202e}txt.exe\u{2066}", "\u{0}\u{1}\u{1b}[2J\u{9b}31m\u{7f}",
    "line\nbreak\r\u{2028}\u{2029}", "__proto__", "constructor", "toString", "{{data}}{{script}}",
    "std::" + String(repeating: "vector<pair<int, ", count: 6000) + "int", "\u{feff}", "",
    "&lt;b&gt;&amp;", "\\u003c/script>", "👩‍💻 التسريب", "(", "[", "*+?", "%s%n", "'", "\\",
  ]

  /// Everything that can be named has a hostile name.
  static var hostile: LeakReport {
    let names = hostileNames
    func name(_ index: Int) -> String { names[index % names.count] }
    let frames = names.indices.map { index in
      [
        Frame(
          function: name(index), file: "/" + name(index + 1), line: index, image: name(index + 2),
          imageOffset: 16, address: UInt64(0x1000 + index),
          kind: index % 3 == 0 ? .javascript : .native),
        Frame(
          function: name(index + 3), file: "javascript:globalThis.wasRun=1", line: 1,
          image: "/lib/" + name(index + 4), address: UInt64(0x1000 + index)),
      ]
    }
    let sites = names.indices.map { index in
      site(
        (0..<5).map { UInt32((index + $0 * 3) % names.count) }, bytes: UInt64(10_000 - index),
        count: 3, number: index)
    }
    var report = of(sites, FrameTable(frames), command: names)
    report.trace.directory = name(0)
    report.trace.path = name(0) + name(7)
    report.marks = names.map { MarkSummary(name: $0, kind: .mark, nanoseconds: 5_000_000_000) }
    report.warnings = names.map { .perfMap(path: $0) } + [.forkedChild(parentTrace: name(0))]
    report.largeAllocations = names.indices.map {
      LargeAllocation(
        kind: $0 % 2 == 0 ? .single : .burst, nanoseconds: 1_000_000_000, byteCount: 1 << 25,
        stack: sites[$0].stack)
    }
    report.mappings.sites = [
      MappingSummary.Site(totals: MappingTotals(), stack: sites[0].stack)
    ]
    report.memory = history(sites.count, instantCount: 5)
    report.memory?.instants[2].label = name(0)
    return report
  }

  /// Sites whose stacks share callers as those of a real program do.
  static func large(siteCount: Int, seed: UInt64) -> LeakReport {
    var random = SplitMix64(seed: seed)
    let functions = 20_000
    let frames = (0..<functions).map { index in
      [
        Frame(
          function: "namespace\(index % 40)::Component\(index % 700)::f\(index)(int, char const*)",
          file: "/src/component\(index % 700)/file\(index % 3000).cpp", line: index % 2000 + 1,
          image: index % 9 == 0
            ? "/srv/app/addon\(index % 5).node" : "/usr/lib/library\(index % 60).so",
          imageOffset: UInt64(index) * 64, address: UInt64(0x10_0000 + index * 64))
      ]
    }
    var stacks: [[UInt32]] = [[0]]
    let sites = (0..<siteCount).map { number in
      // A stack branches off from an earlier one, near its end.
      var stack = stacks[Int(random.next() % UInt64(stacks.count))]
      stack.removeFirst(min(stack.count - 1, Int(random.next() % 6)))
      for _ in 0..<Int(random.next() % 9 + 1) where stack.count < 60 {
        stack.insert(UInt32(random.next() % UInt64(functions)), at: 0)
      }
      stacks.append(stack)
      let bytes = random.next() % (random.next() % 1_000_000 + 1)
      return site(stack, bytes: bytes, count: bytes / 50 + 1, number: number)
    }
    var report = of(sites, FrameTable(frames))
    report.memory = history(siteCount, instantCount: 40)
    return report
  }

  /// Every site allocates in several intervals, and holds less and less of it.
  private static func history(_ siteCount: Int, instantCount: Int) -> MemoryHistory {
    var random = SplitMix64(seed: 3)
    var history = MemoryHistory()
    history.instants = (0..<instantCount).map {
      var instant = MemoryHistory.Instant(
        nanoseconds: UInt64($0 + 1) * 10_000_000_000 / UInt64(instantCount))
      instant.outstandingBytes = UInt64($0) << 20
      return instant
    }
    for site in 0..<siteCount {
      // Most sites allocate now and then, one in twenty all the time.
      let isBusy = site % 20 == 0
      for instant in 0..<instantCount where isBusy || random.next() % 16 == 0 {
        var cohort = MemoryHistory.Cohort(site: site, instant: instant)
        cohort.allocatedBytes = random.next() % 100_000
        cohort.allocationCount = cohort.allocatedBytes / 40
        var held = random.next() % 50_000
        var at = instant
        while at < instantCount, held > 0 || at == instant {
          cohort.changes.append(
            SiteChange(
              instant: UInt32(at), amount: SiteAmount(byteCount: held, count: held / 40)))
          held = isBusy ? held / 3 : 0
          at += Int(random.next() % 8) + 1
        }
        history.cohorts.append(cohort)
      }
    }
    return history
  }
}
