// SPDX-License-Identifier: Apache-2.0
//
// A table for spreadsheets and databases, as RFC 4180 has it: a header, then a line for each site.

import Symbolication

/// Writes sites as comma-separated values.
struct CSVExporter: Exporter {
  static let columns = [
    "site", "outstandingBytes", "outstandingCount", "totalBytes", "totalCount", "peakBytes",
    "temporaryCount", "firstTimeNs", "lastTimeNs", "allocationFunctions", "function", "file",
    "line",
    "image", "stackTruncated", "stack",
  ]

  func export(_ source: ExportSource, to output: ReportOutput) {
    var csv = CSVWriter(output)
    csv.row(Self.columns.map(CSVWriter.Field.text))
    let frames = source.report.frames
    var texts: [UInt32: String] = [:]
    var number: UInt64 = 0
    source.forEachSite { site in
      number += 1
      let stack = site.stack.addresses.map { address in
        let text = texts[address] ?? Self.text(of: frames[address])
        texts[address] = text
        return text
      }
      let totals = site.totals
      let named = Self.mostTelling(Array(frames.frames(of: site.stack)))
      csv.row([
        .number(number), .number(totals.outstandingBytes), .number(totals.outstandingCount),
        .number(totals.allocatedBytes), .number(totals.allocationCount), .number(totals.peakBytes),
        .number(totals.temporaryCount), .number(site.firstNanoseconds),
        .number(site.lastNanoseconds),
        .text(site.functions.map(\.name).joined(separator: " ")),
        .text(named.map(FrameLabel.name) ?? ""), .text(named?.file ?? ""),
        named?.line.map { .number(UInt64($0)) } ?? .text(""), .text(named?.image ?? ""),
        .number(site.stack.isTruncated ? 1 : 0), .text(stack.joined(separator: " < ")),
      ])
    }
  }

  /// The frames of an address, innermost first.
  private static func text(of frames: [Frame]) -> String {
    frames.map(FrameLabel.name).joined(separator: " < ")
  }

  /// The innermost frame of the program's own code, or the one nearest to that.
  private static func mostTelling(_ frames: [Frame]) -> Frame? {
    frames.filter { $0.function != nil }.min { FrameRank($0) < FrameRank($1) } ?? frames.first
  }
}
