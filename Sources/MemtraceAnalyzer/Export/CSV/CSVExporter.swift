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
    let naming = frames.indices.map { NamingFrame(frames[$0]) }
    let ranks = naming.map(\.rank)
    var texts = FrameTexts(frames, separator: " < ")
    var number: UInt64 = 0
    source.sites.forEachStack { site, stack in
      number += 1
      let named = Self.mostTelling(stack, ranks).map { naming[Int($0)].fields }
      let functions = texts.joined(stack.addresses) { address in
        frames[address].map(FrameLabel.name).joined(separator: " < ")
      }
      csv.row([
        .number(number), .number(site.outstandingBytes), .number(site.outstandingCount),
        .number(site.allocatedBytes), .number(site.allocationCount), .number(site.peakBytes),
        .number(site.temporaryCount), .number(source.clock.nanoseconds(at: site.firstTicks)),
        .number(source.clock.nanoseconds(at: site.lastTicks)),
        .text(site.functions.map(\.name).joined(separator: " ")),
        .quoted(named ?? NamingFrame.noFields), .number(stack.isTruncated ? 1 : 0),
        .quoted(CSVWriter.quoted(printable: functions)),
      ])
    }
  }

  /// The most telling frame of an address, and what a row says of it.
  private struct NamingFrame {
    static let noFields = Array(",,,".utf8)

    let rank: FrameRank?
    /// Function, file, line and image.
    let fields: [UInt8]

    init(_ frames: [Frame]) {
      let named = frames.filter { $0.function != nil }.map { (frame: $0, rank: FrameRank($0)) }
      let best = named.min { $0.rank < $1.rank }
      rank = best?.rank
      guard let frame = best?.frame ?? frames.first else {
        fields = Self.noFields
        return
      }
      fields = Array(
        [
          CSVWriter.quoted(FrameLabel.name(of: frame)), CSVWriter.quoted(frame.file ?? ""),
          Array((frame.line.map { String($0) } ?? "").utf8), CSVWriter.quoted(frame.image ?? ""),
        ].joined(separator: ",".utf8))
    }
  }

  /// The address with the innermost frame of the program's own code, or the one nearest to that.
  private static func mostTelling(_ stack: ReportStack, _ ranks: [FrameRank?]) -> UInt32? {
    var best = stack.addresses.first
    for address in stack.addresses {
      guard let rank = ranks[Int(address)] else { continue }
      if let best, let known = ranks[Int(best)], known <= rank { continue }
      best = address
    }
    return best
  }
}
