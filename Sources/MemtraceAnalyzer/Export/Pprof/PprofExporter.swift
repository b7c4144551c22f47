// SPDX-License-Identifier: Apache-2.0
//
// pprof's profile.proto, gzip'ed, with the sample types of Go's heap profiles. What is repeated in
// a protobuf message may come in pieces, so samples are written as they are made.

import PprofMessages
import Symbolication
import TraceFile

/// Writes pprof's format.
struct PprofExporter: Exporter {
  /// Samples are encoded so many at a time.
  private static let batchCount = 4096
  private static let types: [(name: String, unit: String, measure: SiteOrder)] = [
    ("alloc_objects", "count", .allocations), ("alloc_space", "bytes", .total),
    ("inuse_objects", "count", .count), ("inuse_space", "bytes", .outstanding),
  ]

  /// The sample type that is shown if no other is asked for.
  let metric: SiteOrder

  func export(_ source: ExportSource, to output: ReportOutput) throws {
    let file = try GzipFile(output)
    var tables = PprofTables(source)
    var failure: (any Error)?
    var batch = PprofProfile()
    source.forEachSite { site in
      batch.sample.append(tables.sample(of: site, Self.types.map(\.measure)))
      guard batch.sample.count >= Self.batchCount, failure == nil else { return }
      do { try file.write(batch.serializedBytes()) } catch { failure = error }
      batch = PprofProfile()
    }
    if let failure { throw failure }
    try file.write(batch.serializedBytes())
    var rest = describe(source, &tables)
    tables.finish(&rest)
    try file.write(rest.serializedBytes())
    try file.finish()
  }

  private func describe(_ source: ExportSource, _ tables: inout PprofTables) -> PprofProfile {
    var profile = PprofProfile()
    profile.sampleType = Self.types.map { tables.valueType($0.name, $0.unit) }
    // Every block was recorded.
    profile.periodType = tables.valueType("space", "bytes")
    profile.period = 1
    let trace = source.report.trace
    profile.timeNanos = Int64(clamping: trace.startRealtimeNanoseconds)
    profile.durationNanos = Int64(clamping: trace.durationNanoseconds)
    let shown = Self.types.first { $0.measure == metric }?.name ?? "inuse_space"
    profile.defaultSampleType = tables.text(shown)
    profile.comment = ([source.commandLine] + source.report.warnings.map(\.description)).map {
      tables.text(PrintableText.escaped($0))
    }
    return profile
  }
}
