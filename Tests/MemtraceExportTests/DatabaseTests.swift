// SPDX-License-Identifier: Apache-2.0
//
// CSV and newline-delimited JSON, loaded into SQLite and asked there.

import Foundation
import MemtraceTestSupport
import Testing

@testable import MemtraceAnalyzer

@Suite struct DatabaseTests {
  private let fixture: ExportFixture
  private let folder: ScratchFolder

  init() throws {
    fixture = try ExportFixture()
    folder = try ScratchFolder()
  }

  private func sqlite(_ script: String) throws -> [String] {
    let result = try Program.run("sqlite3", ["-batch", "-bail", ":memory:"], input: script)
    #expect(result.status == 0 && result.errors == "", "\(result.errors)")
    return result.output.split(separator: "\n").map(String.init)
  }

  @Test func aTableOfSitesSumsUpToTheReport() throws {
    let report = try fixture.report()
    let file = try folder.file("sites.csv", fixture.export(.csv))
    let lines = try sqlite(
      """
      .import --csv \(file) sites
      SELECT count(*), sum(outstandingBytes), sum(outstandingCount) FROM sites;
      SELECT sum(outstandingBytes) FROM sites WHERE stack LIKE '%Upload%';
      SELECT function || ' ' || file || ':' || line FROM sites WHERE stack LIKE 'copy_bytes < make_buffer < Upload < handleRequest%';
      """)
    #expect(
      lines.first == "\(report.sites.count)|\(report.outstandingBytes)|\(report.outstandingCount)")
    let uploads = report.sites.filter { site in
      (site["stack"] as? [[String: Any]] ?? []).contains { $0["function"] as? String == "Upload" }
    }
    #expect(lines[1] == "\(uploads.reduce(0) { $0 + ($1["outstandingBytes"] as? Int ?? 0) })")
    #expect(lines[2] == "copy_bytes /srv/app/src/addon.cc:41")
  }

  @Test func allSitesAreThereWhereTheMetricAsksForThem() throws {
    var options = AnalysisOptions()
    options.order = .total
    let report = try fixture.report(options)
    let file = try folder.file("sites.csv", fixture.export(.csv, .total))
    let lines = try sqlite(
      """
      .import --csv \(file) sites
      SELECT count(*), sum(totalBytes), sum(totalCount), sum(temporaryCount) FROM sites;
      """)
    #expect(
      lines == [
        "\(report.sites.count)|\(report.totalBytes)|\(report.totalCount)|\(report.temporaryCount)"
      ])
  }

  @Test func linesOfJSONAreOneObjectEachWithAType() throws {
    let report = try fixture.report()
    let text = try fixture.exportText(.ndjson)
    let objects = try text.split(separator: "\n").map { line in
      try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
    }
    #expect(objects.allSatisfy { $0["type"] is String })
    #expect(objects.first?["schema"] as? String == "memtrace-export/1")
    // A site is what the report says, with its number.
    let sites = objects.filter { $0["type"] as? String == "site" }
    #expect(sites.count == report.sites.count)
    for (ours, theirs) in zip(sites, report.sites) {
      var ours = ours
      ours["type"] = nil
      ours["site"] = nil
      #expect(NSDictionary(dictionary: ours) == NSDictionary(dictionary: theirs))
    }
    let file = try folder.file("all.ndjson", text)
    let lines = try sqlite(
      """
      CREATE TABLE lines(line);
      .mode list
      .separator "\\b" "\\n"
      .import \(file) lines
      .mode list
      SELECT sum(line ->> '$.outstandingBytes') FROM lines WHERE line ->> '$.type' = 'site';
      SELECT line ->> '$.outstandingBytes' FROM lines WHERE line ->> '$.type' = 'summary';
      SELECT count(*) FROM lines WHERE line ->> '$.type' = 'sample';
      SELECT sum(line ->> '$.allocatedBytes') FROM lines WHERE line ->> '$.type' = 'series';
      """)
    #expect(
      lines == [
        "\(report.outstandingBytes)", "\(report.outstandingBytes)", "8", "\(report.totalBytes)",
      ])
  }
}
