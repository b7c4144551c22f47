// SPDX-License-Identifier: Apache-2.0
//
// Results of checks made by hand, with everything that a form must be able to write down.

import Symbolication
import TraceFile

@testable import MemtraceAnalyzer

/// Results for the renderers' tests.
enum SampleCheck {
  /// Names as nobody should choose them.
  static let hostile =
    "f\u{0}\u{1}\u{1b}[31m</script>]]>\"'&<b>%,:\n\r\t\\\u{202e}\u{200f}\u{fffe}\u{feff}x::error::#--\u{85}\u{2028}"
  /// Bytes that are no text, as the reader of a trace decodes them.
  static let invalid = String(decoding: [0x66, 0xff, 0xfe, 0xc3, 0x28] as [UInt8], as: UTF8.self)

  static func site(
    _ bytes: UInt64, _ blocks: UInt64, _ frames: [Frame], processes: [Int] = [0]
  ) -> CheckedSite {
    var site = CheckedSite(growing: frames, isTruncated: false)
    site.outstandingBytes = bytes
    site.outstandingCount = blocks
    site.peakBytes = bytes + 1
    site.processes = processes
    site.functions = [AllocationFunction(rawValue: 0)]
    return site
  }

  static let addonStack: [Frame] = [
    Frame(
      function: "make_buffer(int, char const*)", file: "/srv/app/src/my addon.cc", line: 57,
      column: 9, image: "/srv/app/build/addon.node", imageOffset: 0x1234, address: 0x7f001234),
    Frame(
      function: "v8impl::Invoke", image: "/usr/bin/node", imageOffset: 0x99, address: 0x400099),
    Frame(
      function: "handle", file: "/srv/app/app.js", line: 12, column: 22, address: 0x2000,
      kind: .javascript),
    Frame(function: "main", image: "/usr/bin/node", imageOffset: 0x100, address: 0x400100),
  ]

  static let hostileStack: [Frame] = [
    Frame(
      function: hostile, file: "/srv/app/" + hostile + ".c", line: 3, column: 1,
      image: "/srv/app/" + hostile, imageOffset: 1, address: 1),
    Frame(function: invalid, image: invalid, imageOffset: 2, address: 2),
    Frame(
      function: hostile, file: hostile, line: 1, column: 1, address: 3, kind: .javascript),
    Frame(image: "/srv/app/a\nb.node", imageOffset: 4, address: 4),
    Frame(address: 5),
  ]

  static func process(_ command: [String], _ state: TraceSummary.State) -> CheckedProcess {
    var report = SampleReport.node20
    report.trace.command = command
    report.trace.state = state
    return CheckedProcess(report)
  }

  /// One that passes.
  static var passing: CheckResult {
    var result = CheckResult(options: CheckOptions())
    result.processes = [process(["node", "app.js"], .exited)]
    return result
  }

  /// One that fails for every reason there is.
  static var failing: CheckResult {
    var options = CheckOptions()
    options.limits = [
      CheckLimit(.leakBytes, .total, 100), CheckLimit(.leakBlocks, .site, 1),
      CheckLimit(.peakBytes, .total, 1), CheckLimit(.peakBytes, .site, 1),
      CheckLimit(.growth, .total, 0.4), CheckLimit(.growth, .site, 0.2),
    ]
    options.batches = BatchMarks(prefix: "batch", iterationCount: 100)
    var baseline = Baseline()
    baseline.amounts[SiteName(frames: ["gone", hostile])] = .init(byteCount: 8, blockCount: 1)
    baseline.amounts[SiteName(addonStack)] = .init(byteCount: 8, blockCount: 1)
    options.baseline = baseline
    var result = CheckResult(options: options)
    result.processes = [
      process(["node", "app.js"], .exited), process([hostile, invalid], .killed),
      process(["sh"], .stopped(errno: 28)),
    ]
    result.leaks = [site(4096, 4, addonStack), site(48, 2, hostileStack, processes: [0, 1])]
    result.peaks = [site(4096, 4, hostileStack)]
    result.peakBytes = 47_395_635
    var growth = Growth(marks: BatchMarks(prefix: "batch", iterationCount: 100), batchCount: 5)
    growth.sites = [addonStack, hostileStack].map {
      Growth.Site(
        GrowthOfTrace.Site(
          site: site(0, 0, $0), series: BatchSeries.steady(batchCount: 5)), 100)
    }
    growth.settledSiteCount = 3
    result.growth = growth
    result.suppressions = [
      SuppressionUse(
        suppression: Suppression(
          name: hostile, origin: .file(path: hostile, line: 7), rule: .anyFrame(LeakPattern("x")))),
      SuppressionUse(
        suppression: BuiltinSuppressions.all[0], siteCount: 2, blockCount: 3, byteCount: 9),
    ]
    result.baseline = BaselineComparison(of: result.leaks, with: baseline)
    result.judge(notRecorded: hostile)
    return result
  }
}

extension BatchSeries {
  /// One block of 24 bytes from each batch.
  static func steady(batchCount: Int) -> BatchSeries {
    var series = BatchSeries(batchCount: batchCount)
    for batch in 0..<batchCount {
      series.blocks[batch] = 1
      series.bytes[batch] = 24
      series.outstandingBlocks[batch + 1] = UInt64(batch + 1)
      series.outstandingBytes[batch + 1] = UInt64(batch + 1) * 24
    }
    return series
  }
}
