// SPDX-License-Identifier: Apache-2.0
//
// The formats of other tools that a trace can be exported to, and what each can hold.

/// A format of an export.
package enum ExportFormat: String, CaseIterable, Sendable {
  case pprof
  case heapprofile
  case speedscope
  case collapsed
  case massif
  case callgrind
  case firefox
  case csv
  case ndjson
  case dot

  /// Whether one file holds several measures of every site; else it holds the one asked for.
  package var holdsAllMeasures: Bool {
    switch self {
    case .pprof, .speedscope, .callgrind, .massif: true
    case .heapprofile, .collapsed, .firefox, .csv, .ndjson, .dot: false
    }
  }

  /// The order to analyze by, so that all sites are there that have something of `metric`.
  package func order(for metric: SiteOrder) -> SiteOrder {
    holdsAllMeasures && !metric.listsFreedSites ? .total : metric
  }

  /// Why it cannot hold `metric`; nil: it can.
  package func refusal(of metric: SiteOrder) -> String? {
    switch self {
    case .pprof:
      metric == .peak || metric == .temporary
        ? "pprof knows outstanding, count, total and allocations; not --metric \(metric.rawValue)"
        : nil
    case .firefox, .heapprofile:
      metric.countsBlocks
        ? "\(rawValue) knows bytes alone: --metric outstanding, total or peak" : nil
    case .massif:
      metric == .outstanding
        ? nil : "massif shows what is outstanding over time; leave out --metric"
    case .speedscope, .collapsed, .callgrind, .csv, .ndjson, .dot: nil
    }
  }

  /// At how many instants it shows what there was.
  package func instantCount(_ table: CSVTable) -> Int {
    switch self {
    case .massif: 100
    case .ndjson: 200
    case .csv: table == .series ? 200 : 0
    default: 0
    }
  }

  /// Whether it can be nothing but bytes.
  package var isBinary: Bool { self == .pprof }

  /// What writes it; `metric` is what it holds, or shows first, `table` the one table that fits
  /// into a file of CSV.
  package func exporter(_ metric: SiteOrder, table: CSVTable = .sites) -> any Exporter {
    switch self {
    case .pprof: PprofExporter(metric: metric)
    case .heapprofile: NodeHeapProfileExporter()
    case .speedscope: SpeedscopeExporter(metric: metric)
    case .collapsed: CollapsedExporter()
    case .massif: MassifExporter()
    case .callgrind: CallgrindExporter(metric: metric)
    case .firefox: FirefoxExporter()
    case .csv: CSVExporter(table: table)
    case .ndjson: NDJSONExporter()
    case .dot: DotExporter()
    }
  }
}

/// Writes one format.
package protocol Exporter {
  /// Writes `source` to `output`, which the caller finishes.
  func export(_ source: ExportSource, to output: ReportOutput) throws
}
