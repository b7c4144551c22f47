// SPDX-License-Identifier: Apache-2.0
//
// What a page shows, as the JSON that its script reads: texts once, stacks as paths of a trie,
// numbers in columns. An agreement between this file and the page's model.mjs, not an interface for
// others: the page and its script are one file. Programs read `--format json`.

import Symbolication
import TraceFile

/// The data of one page.
struct PageData {
  private let report: LeakReport
  private let options: HTMLOptions
  private var strings = PageStrings()
  private let frames: PageFrames
  private var trie = PageTrie()
  /// By site of the report: where its stack ends.
  private var siteNodes: [UInt32] = []
  private var largeNodes: [UInt32] = []
  private var mappingNodes: [UInt32] = []

  init(_ report: LeakReport, _ options: HTMLOptions) {
    self.report = report
    self.options = options
    frames = PageFrames(report.frames)
    siteNodes = report.sites.map { trie.node(of: $0.stack, frames) }
    largeNodes = report.largeAllocations.map { trie.node(of: $0.stack, frames) }
    mappingNodes = report.mappings.sites.map { trie.node(of: $0.stack, frames) }
  }

  /// What the page is called.
  static func title(of report: LeakReport) -> String {
    let trace = report.trace
    let command = trace.command.isEmpty ? trace.executable : trace.command.joined(separator: " ")
    return command.isEmpty ? "a program that the trace does not name" : command
  }

  consuming func write(to output: ReportOutput) {
    var json = JSONWriter(output, isInMarkup: true)
    json.object(multiline: true) { json in
      writeTrace(&json)
      writeVerdict(&json)
      if let timeline = report.timeline { PageJudgement(timeline: timeline).write(&json) }
      writeSummary(&json)
      writeFrames(&json)
      writeNodes(&json)
      writeSites(&json)
      writeLarge(&json)
      writeMappings(&json)
      json.key("marks")
      json.array { json in
        for mark in report.marks {
          json.object { json in
            json.member("name", PageStrings.fit(mark.name))
            json.member("kind", mark.kind.rawValue)
            json.member("time", mark.nanoseconds)
          }
        }
      }
      if let memory = report.memory { PageHistory(memory).write(&json) }
      PageSources(frames.frames, options.sourceDirectory, &strings).write(&json)
      // Last: the others number their texts.
      json.key("strings")
      json.array(multiline: true) { json in for text in strings.texts { json.value(text) } }
    }
  }

  private func writeTrace(_ json: inout JSONWriter) {
    let trace = report.trace
    json.key("trace")
    json.object { json in
      json.member("title", PageStrings.fit(Self.title(of: report)))
      json.member("path", PageStrings.fit(trace.path))
      json.member("pid", trace.pid)
      json.member("directory", PageStrings.fit(trace.directory))
      json.member("start", UTCTime(nanoseconds: trace.startRealtimeNanoseconds).description)
      json.member("duration", trace.durationNanoseconds)
      json.member("state", TextVerdict.words(for: trace.state).0)
      json.member("threads", trace.threadCount)
      json.member("from", report.interval.lowerBound)
      json.member("to", report.interval.upperBound)
      json.member("isPart", report.isPartOfTrace)
    }
  }

  private func writeVerdict(_ json: inout JSONWriter) {
    json.key("verdict")
    json.array(multiline: true) { json in
      // What follows the sentence; the page has the figures of its own.
      for paragraph in TextVerdict(report: report).sentences {
        json.object { json in
          json.member("text", PageStrings.fit(paragraph.text))
          json.member("style", "\(paragraph.style)")
        }
      }
    }
    json.key("warnings")
    json.array(multiline: true) { json in
      for warning in report.warnings {
        json.object { json in
          json.member("text", PageStrings.fit(warning.description))
          json.member("isGrave", warning.isGrave)
        }
      }
    }
  }

  private func writeSummary(_ json: inout JSONWriter) {
    let heap = report.heap
    json.key("summary")
    json.object { json in
      json.member("outstandingBytes", heap.outstandingBytes)
      json.member("outstandingCount", heap.outstandingCount)
      json.member("allocatedBytes", heap.allocatedBytes)
      json.member("allocationCount", heap.allocationCount)
      json.member("temporaryCount", heap.temporaryCount)
      json.member("peakBytes", heap.peakBytes)
      json.member("peakTime", heap.peakNanoseconds)
      json.member("peakRss", heap.peakRSSBytes)
      json.member("endRss", heap.endRSSBytes)
      json.member("largeThreshold", report.largeThreshold)
      json.member("largeCount", report.largeAllocationCount)
      json.member("burstCount", report.burstCount)
    }
  }

  private mutating func writeFrames(_ json: inout JSONWriter) {
    var functions = ColumnBytes()
    var files = ColumnBytes()
    var lines = ColumnBytes()
    var columns = ColumnBytes()
    var images = ColumnBytes()
    var kinds = ColumnBytes()
    for frame in frames.frames {
      functions.append(strings.number(of: Self.name(of: frame)))
      files.append(strings.number(of: frame.file))
      lines.append(frame.line ?? 0)
      columns.append(frame.column ?? 0)
      images.append(strings.number(of: frame.image))
      let flags = (frame.kind == .javascript ? 1 : 0) | (frame.isInlined ? 2 : 0)
      kinds.append(PageFrames.part(of: frame) << 2 | flags)
    }
    json.key("frames")
    json.object { json in
      json.member("count", frames.frames.count)
      json.member("function", functions.base64)
      json.member("file", files.base64)
      json.member("line", lines.base64)
      json.member("column", columns.base64)
      json.member("image", images.base64)
      json.member("kind", kinds.base64)
    }
    json.key("parts")
    json.array { json in
      for part in PlumbingPart.allCases { json.value(part.rawValue) }
    }
  }

  private static func name(of frame: Frame) -> String {
    if let function = frame.function, !function.isEmpty { return function }
    return "0x" + String(frame.imageOffset ?? frame.address, radix: 16)
  }

  private func writeNodes(_ json: inout JSONWriter) {
    var parents = ColumnBytes()
    for node in 1..<max(1, trie.count) { parents.append(node - Int(trie.parents[node])) }
    json.key("nodes")
    json.object { json in
      json.member("count", trie.count)
      json.member("up", parents.base64)
      json.member("frame", ColumnBytes(trie.frames.dropFirst().lazy.map(UInt64.init)).base64)
    }
  }

  private func writeSites(_ json: inout JSONWriter) {
    func column(_ value: (Site) -> UInt64) -> String { ColumnBytes(report.sites.map(value)).base64 }
    json.key("sites")
    json.object { json in
      json.member("count", report.sites.count)
      json.member("total", report.selection.matching.siteCount)
      json.member("node", ColumnBytes(siteNodes.lazy.map(UInt64.init)).base64)
      json.member("outstandingBytes", column(\.totals.outstandingBytes))
      json.member("outstandingCount", column(\.totals.outstandingCount))
      json.member("allocatedBytes", column(\.totals.allocatedBytes))
      json.member("allocationCount", column(\.totals.allocationCount))
      json.member("peakBytes", column(\.totals.peakBytes))
      json.member("temporaryCount", column(\.totals.temporaryCount))
      json.member("first", column { $0.firstNanoseconds / 1000 })
      json.member("last", column { $0.lastNanoseconds / 1000 })
      json.member("functions", column { UInt64($0.totals.functionBits) })
    }
    writeRest(&json)
    json.key("functionNames")
    json.array { json in
      for bit in UInt8(0)..<16 { json.value(AllocationFunction(rawValue: bit).name) }
    }
  }

  /// What the sites hold that are not listed.
  private func writeRest(_ json: inout JSONWriter) {
    let all = report.selection.matching
    let listed = SiteSums(of: report.sites.lazy.map(\.totals))
    json.key("rest")
    json.object { json in
      json.member("siteCount", all.siteCount &- listed.siteCount)
      json.member("outstandingBytes", all.outstandingBytes &- listed.outstandingBytes)
      json.member("outstandingCount", all.outstandingCount &- listed.outstandingCount)
      json.member("allocatedBytes", all.allocatedBytes &- listed.allocatedBytes)
      json.member("allocationCount", all.allocationCount &- listed.allocationCount)
      json.member("peakBytes", all.peakBytes &- listed.peakBytes)
      json.member("temporaryCount", all.temporaryCount &- listed.temporaryCount)
    }
  }

  private func writeLarge(_ json: inout JSONWriter) {
    json.key("large")
    json.array(multiline: true) { json in
      for (large, node) in zip(report.largeAllocations, largeNodes) {
        json.object { json in
          json.member("kind", large.kind.rawValue)
          json.member("time", large.nanoseconds)
          json.member("duration", large.durationNanoseconds)
          json.member("bytes", large.byteCount)
          json.member("count", large.blockCount)
          json.member("freed", large.freedNanoseconds)
          json.member("node", node)
        }
      }
    }
  }

  private func writeMappings(_ json: inout JSONWriter) {
    let mappings = report.mappings
    json.key("mappings")
    json.object(multiline: true) { json in
      json.member("bytes", mappings.totals.anonymousBytes &+ mappings.totals.fileBytes)
      json.member("reserved", mappings.totals.reservedBytes)
      json.member("siteCount", mappings.siteCount)
      json.key("sites")
      json.array(multiline: true) { json in
        for (site, node) in zip(mappings.sites, mappingNodes) {
          json.object { json in
            json.member("anonymous", site.totals.anonymousBytes)
            json.member("file", site.totals.fileBytes)
            json.member("reserved", site.totals.reservedBytes)
            json.member("count", site.totals.outstandingCount)
            json.member("node", node)
          }
        }
      }
    }
  }
}
