// SPDX-License-Identifier: Apache-2.0
//
// One JSON object a line, each with its "type", for jq and for databases: the members are those of
// the JSON report (docs/report-json.md).

import TraceFile

/// Writes newline-delimited JSON.
struct NDJSONExporter: Exporter {
  static let schema = "memtrace-export/1"

  func export(_ source: ExportSource, to output: ReportOutput) {
    let report = source.report
    var stacks = JSONFrameCache(report.frames)
    let members = JSONRenderer()
    func line(_ type: String, _ body: (inout JSONWriter) -> Void) {
      var json = JSONWriter(output, isOneLine: true)
      json.object { json in
        json.member("type", type)
        body(&json)
      }
      output.write("\n")
    }
    line("trace") { json in
      json.member("schema", Self.schema)
      members.writeMembers(report.trace, &json)
    }
    line("summary") { members.writeMembers(report.heap, report, &$0) }
    var number = 0
    source.forEachSite { site in
      number += 1
      line("site") { json in
        json.member("site", number)
        members.writeMembers(site, &stacks, &json)
      }
    }
    for large in report.largeAllocations {
      line("largeAllocation") { members.writeMembers(large, &stacks, &$0) }
    }
    for mapping in report.mappings.sites {
      line("mapping") { json in
        members.writeMembers(mapping.totals, &json)
        stacks.write(mapping.stack, &json)
      }
    }
    for mark in report.marks { line("mark") { members.writeMembers(mark, &$0) } }
    for row in source.history?.rows(source) ?? [] {
      line("series") { json in
        for (name, value) in zip(SeriesRow.columns, row.values) { json.member(name, value) }
      }
    }
    for sample in source.samples {
      line("sample") { json in
        json.member("timeNs", source.clock.nanoseconds(at: sample.ticks))
        for field in Sample.Field.allCases {
          if let value = sample[field] { json.member("\(field)", value) }
        }
      }
    }
    for warning in report.warnings { line("warning") { $0.member("text", warning.description) } }
  }
}
