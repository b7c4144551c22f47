// SPDX-License-Identifier: Apache-2.0
//
// A table for spreadsheets and databases, as RFC 4180 has it: a header, then a line for each
// site, instant or sample.

import Symbolication
import TraceFile

/// What a file of comma-separated values has a line for.
package enum CSVTable: String, CaseIterable, Sendable {
  case sites
  /// Instants at equal distances.
  case series
  /// Samples of the process.
  case samples
}

/// Writes a table as comma-separated values.
struct CSVExporter: Exporter {
  let table: CSVTable

  static let columns = [
    "site", "outstandingBytes", "outstandingCount", "totalBytes", "totalCount", "peakBytes",
    "temporaryCount", "firstTimeNs", "lastTimeNs", "allocationFunctions", "function", "file",
    "line",
    "image", "stackTruncated", "stack",
  ]

  func export(_ source: ExportSource, to output: ReportOutput) {
    switch table {
    case .sites: exportSites(source, to: output)
    case .series: exportSeries(source, to: output)
    case .samples: exportSamples(source, to: output)
    }
  }

  private func exportSeries(_ source: ExportSource, to output: ReportOutput) {
    var csv = CSVWriter(output)
    csv.row(SeriesRow.columns.map(CSVWriter.Field.text))
    for row in source.history?.rows(source) ?? [] {
      csv.row(row.values.map { $0.map(CSVWriter.Field.number) ?? .text("") })
    }
  }

  private func exportSamples(_ source: ExportSource, to output: ReportOutput) {
    var csv = CSVWriter(output)
    let fields = Sample.Field.allCases
    csv.row(([.text("timeNs")]) + fields.map { .text("\($0)") })
    for sample in source.samples {
      csv.row(
        [.number(source.clock.nanoseconds(at: sample.ticks))]
          + fields.map { field in sample[field].map(CSVWriter.Field.number) ?? .text("") })
    }
  }

  private func exportSites(_ source: ExportSource, to output: ReportOutput) {
    var csv = CSVWriter(output)
    csv.row(Self.columns.map(CSVWriter.Field.text))
    let frames = source.report.frames
    var addresses: [UInt32: Address] = [:]
    var number: UInt64 = 0
    source.forEachSite { site in
      number += 1
      let stack = site.stack.addresses.map { index in
        if let known = addresses[index] { return known }
        let new = Address(frames[index])
        addresses[index] = new
        return new
      }
      let totals = site.totals
      let named = Self.mostTelling(stack)
      csv.row([
        .number(number), .number(totals.outstandingBytes), .number(totals.outstandingCount),
        .number(totals.allocatedBytes), .number(totals.allocationCount), .number(totals.peakBytes),
        .number(totals.temporaryCount), .number(site.firstNanoseconds),
        .number(site.lastNanoseconds),
        .text(site.functions.map(\.name).joined(separator: " ")),
        .text(named.map(FrameLabel.name) ?? ""), .text(named?.file ?? ""),
        named?.line.map { .number(UInt64($0)) } ?? .text(""), .text(named?.image ?? ""),
        .number(site.stack.isTruncated ? 1 : 0), .text(stack.map(\.text).joined(separator: " < ")),
      ])
    }
  }

  /// What a row says of an address, worked out once.
  private struct Address {
    /// All functions there, innermost first.
    let text: String
    /// The most telling frame.
    let frame: Frame?
    let rank: FrameRank?

    init(_ frames: [Frame]) {
      text = frames.map(FrameLabel.name).joined(separator: " < ")
      let named = frames.filter { $0.function != nil }.map { (frame: $0, rank: FrameRank($0)) }
      let best = named.min { $0.rank < $1.rank }
      frame = best?.frame ?? frames.first
      rank = best?.rank
    }
  }

  /// The innermost frame of the program's own code, or the one nearest to that.
  private static func mostTelling(_ stack: [Address]) -> Frame? {
    var best = stack.first
    for address in stack {
      guard let rank = address.rank else { continue }
      if let known = best?.rank, known <= rank { continue }
      best = address
    }
    return best?.frame
  }
}
