// SPDX-License-Identifier: Apache-2.0
//
// A trace with everything an export may meet: inlined, JavaScript, nameless and recursive frames,
// stacks that were cut or not recorded, blocks freed at once, later, and never.

import Foundation
import MemtraceTestSupport
import Symbolication
import TraceFile

@testable import MemtraceAnalyzer

/// A trace, and names for it.
struct ExportFixture {
  static let program = "/srv/app/bin/program"
  static let addon = "/srv/app/build/addon.node"
  static let buildID: [UInt8] = [0xde, 0xad, 0xbe, 0xef, 0x01, 0x02]

  let file: TemporaryTrace
  let trace: TraceFile
  private let symbolicator: FakeSymbolicator

  /// `names`: functions of the add-on beside the usual ones, each with a block of its own.
  init(seed: UInt64 = 1, hostileNames names: [String] = []) throws {
    let builder = TraceBuilder()
    builder.process(
      executable: Self.program, command: [Self.program, "--port", "80"] + names,
      directory: "/srv/app")
    builder.image(Self.program, start: 0x10000, end: 0x20000, buildID: Self.buildID)
    builder.image(Self.addon, start: 0x20000, end: 0x40000, buildID: [0xab, 0xcd])
    builder.codeNames("90000 1000 JS:~handleRequest /srv/app/server.js:17:9\n", at: 1)
    builder.codeNames("91000 1000 JS:~ /srv/app/server.js:3:1\n", at: 1)
    for (index, name) in names.enumerated() {
      let oneLine = name.split(whereSeparator: { $0.isNewline }).joined(separator: "?")
      let start = String(0xa0000 + index * 0x1000, radix: 16)
      builder.codeNames("\(start) 1000 JS:~\(oneLine.prefix(1000)) /srv/x.js:1:1\n", at: 1)
    }
    symbolicator = Self.symbolicator(names)

    let roots: [UInt64] = [0x11000, 0x12000, 0x10100]
    let stacks: [[UInt64]] = [
      [0x20010, 0x20020, 0x90010] + roots, [0x20010, 0x20030, 0x91010] + roots,
      [0x20050, 0x20020, 0x90010] + roots, [0x13000, 0x12000, 0x10100],
      [0x13000, 0x13010, 0x13010, 0x13020, 0x13010, 0x10100], [0x20060, 0x10100], [0x77777],
    ]
    var ids = stacks.map { builder.stack($0) }
    ids.append(builder.stack([0x20020, 0x90010], isTruncated: true))
    ids.append(StackID(0))
    let window = builder.window(thread: 1, name: "main")
    var random = SplitMix64(seed: seed)
    var live: [UInt64] = []
    var tick: UInt64 = 1000
    for number in 1...800 as ClosedRange<UInt64> {
      tick += UInt64.random(in: 1...2_000_000, using: &random)
      let address = 0x100_0000 + number * 64
      let byteCount = UInt64.random(in: 1...5000, using: &random)
      window.malloc(
        address, byteCount, stack: ids.randomElement(using: &random) ?? ids[0], at: tick)
      if UInt64.random(in: 0..<4, using: &random) == 0 {
        window.free(address, at: tick + 1)
      } else {
        live.append(address)
      }
      if live.count > 60, let index = live.indices.randomElement(using: &random) {
        window.free(live.remove(at: index), at: tick + 1)
      }
      if number % 100 == 0 {
        builder.sample(at: tick, [.rssBytes: 1 << 20 + number * 4096])
        window.seal()
      }
    }
    for index in names.indices {
      let stack = builder.stack([
        0x30000 + UInt64(index) * 16, 0xa0010 + UInt64(index) * 0x1000, 0x10100,
      ])
      window.malloc(
        0x900_0000 + UInt64(index) * 64, UInt64(Self.amount(ofName: index)), stack: stack,
        at: tick + 2)
    }
    builder.mark("half, \"way\"", at: tick / 2)
    builder.end(at: tick + 1000)
    file = try TemporaryTrace(builder)
    trace = try file.open()
  }

  /// What the block of a hostile name holds.
  static func amount(ofName index: Int) -> Int { 100_003 + index }

  private static func symbolicator(_ names: [String]) -> FakeSymbolicator {
    var symbolicator = FakeSymbolicator()
    symbolicator.name(0x10100, "main", "/srv/app/src/main.cc", line: 12, image: program)
    symbolicator.name(0x11000, "serve(int)", "/srv/app/src/serve.cc", line: 40, image: program)
    symbolicator.name(0x12000, "loop()", "/srv/app/src/main.cc", line: 30, image: program)
    symbolicator.name(0x13000, "std::vector<int>::push_back(int const&)", image: program)
    symbolicator.name(0x13010, "walk(Node*)", "/srv/app/src/tree.cc", line: 7, image: program)
    symbolicator.name(0x13020, "visit(Node*)", "/srv/app/src/tree.cc", line: 19, image: program)
    func frame(_ function: String, _ address: UInt64, line: Int, isInlined: Bool = false) -> Frame {
      Frame(
        function: function, file: "/srv/app/src/addon.cc", line: line, image: addon,
        imageOffset: address - 0x20000, address: address, isInlined: isInlined)
    }
    symbolicator.name(
      0x20010, frame("copy_bytes", 0x20010, line: 41, isInlined: true),
      frame("make_buffer", 0x20010, line: 57))
    symbolicator.name(
      0x20050, frame("copy_bytes", 0x20050, line: 43, isInlined: true),
      frame("other_buffer", 0x20050, line: 70))
    symbolicator.name(0x20020, frame("Upload", 0x20020, line: 80))
    symbolicator.name(0x20030, frame("Download", 0x20030, line: 90))
    symbolicator.name(0x20060, Frame(image: addon, imageOffset: 0x60, address: 0x20060))
    for (index, name) in names.enumerated() {
      let address = 0x30000 + UInt64(index) * 16
      symbolicator.name(
        address,
        Frame(
          function: name, file: "/srv/\(name.prefix(200)).c", line: 1,
          image: "/lib/\(name.prefix(200)).so",
          imageOffset: address - 0x30000, address: address))
    }
    return symbolicator
  }

  /// The JSON report on the same.
  func report(_ options: AnalysisOptions = AnalysisOptions()) throws -> ReportJSON {
    var symbolicator = symbolicator
    let report = try Analyzer.report(on: trace, options: options, using: &symbolicator)
    return try ReportJSON(JSONRenderer().string(report))
  }

  /// The report in Markdown.
  func markdown(_ options: AnalysisOptions, showsExactBytes: Bool = false) throws -> String {
    var symbolicator = symbolicator
    let report = try Analyzer.report(on: trace, options: options, using: &symbolicator)
    return MarkdownRenderer(showsExactBytes: showsExactBytes).string(report)
  }

  /// What an export is made of.
  func source(
    _ format: ExportFormat, _ metric: SiteOrder = .outstanding,
    options: AnalysisOptions = AnalysisOptions(), table: CSVTable = .sites
  ) throws -> ExportSource {
    var symbolicator = symbolicator
    var options = options
    options.order = format.order(for: metric)
    return try Analyzer.exportSource(
      of: trace, options: options, instantCount: format.instantCount(table), using: &symbolicator)
  }

  /// The bytes of an export.
  func export(
    _ format: ExportFormat, _ metric: SiteOrder = .outstanding,
    options: AnalysisOptions = AnalysisOptions(), table: CSVTable = .sites
  ) throws -> [UInt8] {
    let source = try source(format, metric, options: options, table: table)
    var bytes: [UInt8] = []
    let output = ReportOutput { bytes += $0 }
    try format.exporter(metric, table: table).export(source, to: output)
    try output.finish()
    return bytes
  }

  func exportText(
    _ format: ExportFormat, _ metric: SiteOrder = .outstanding,
    options: AnalysisOptions = AnalysisOptions()
  ) throws -> String {
    String(decoding: try export(format, metric, options: options), as: UTF8.self)
  }
}

/// The sums of a JSON report, and its sites.
struct ReportJSON {
  let outstandingBytes: Int
  let outstandingCount: Int
  let totalBytes: Int
  let totalCount: Int
  let temporaryCount: Int
  let peakBytes: Int
  let sites: [[String: Any]]

  init(_ text: String) throws {
    let json = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
    let summary = json["summary"] as? [String: Any] ?? [:]
    outstandingBytes = summary["outstandingBytes"] as? Int ?? -1
    outstandingCount = summary["outstandingCount"] as? Int ?? -1
    totalBytes = summary["allocatedBytes"] as? Int ?? -1
    totalCount = summary["allocationCount"] as? Int ?? -1
    temporaryCount = summary["temporaryCount"] as? Int ?? -1
    peakBytes = summary["peakBytes"] as? Int ?? -1
    sites = json["sites"] as? [[String: Any]] ?? []
  }

  /// The sum of a member of all sites listed.
  func sum(_ member: String) -> Int { sites.reduce(0) { $0 + ($1[member] as? Int ?? 0) } }
}
