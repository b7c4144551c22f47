// SPDX-License-Identifier: Apache-2.0
//
// The report for programs: a public interface, versioned and described in docs/report-json.md.
// Members stand in a fixed order; counts are exact integers.

/// Writes reports as JSON, schema `memtrace-report/1`.
package struct JSONRenderer: ReportRenderer {
  package static let schema = "memtrace-report/1"

  package init() {}

  package func render(_ report: LeakReport, to output: ReportOutput) {
    var stacks = JSONFrameCache(report.frames)
    JSONDocument.write(schema: Self.schema, to: output) { json in
      json.object("trace", multiline: true) { writeMembers(report.trace, &$0) }
      json.object("interval") { json in
        json.member("fromNs", report.interval.lowerBound)
        json.member("toNs", report.interval.upperBound)
        json.member("isPartOfTrace", report.isPartOfTrace)
        json.member("aliveAtNs", report.aliveAtNanoseconds)
      }
      json.object("summary", multiline: true) { writeMembers(report.heap, report, &$0) }
      json.key("selection")
      write(report.selection, listed: report.sites.count, &json)
      json.objects("sites", report.sites) { writeMembers($0, &stacks, &$1) }
      JSONGrouping.write(report.grouping, &json)
      JSONTree.write(report.tree, &json)
      json.objects("largeAllocations", report.largeAllocations) {
        writeMembers($0, &stacks, &$1)
      }
      json.key("mappings")
      write(report.mappings, &stacks, &json)
      json.objects("marks", report.marks, writeMembers)
      json.lines("warnings", report.warnings) { $1.value($0.description) }
    }
  }

  func writeMembers(_ trace: TraceSummary, _ json: inout JSONWriter) {
    json.member("path", trace.path)
    json.member("fileBytes", trace.fileByteCount)
    json.member("pid", trace.pid)
    json.member("parentPid", trace.parentPID)
    json.member("executable", trace.executable)
    json.key("command")
    json.array { json in for argument in trace.command { json.value(argument) } }
    json.member("directory", trace.directory)
    json.member("startTime", UTCTime(nanoseconds: trace.startRealtimeNanoseconds).description)
    json.member("startRealtimeNs", trace.startRealtimeNanoseconds)
    json.member("durationNs", trace.durationNanoseconds)
    json.member("state", Self.name(of: trace.state))
    json.member("stopErrno", Self.stopErrno(of: trace.state))
    json.member("complete", trace.isComplete)
    json.member("threads", trace.threadCount)
    json.member("parentTrace", trace.parentTracePath)
    json.member("lostEvents", trace.lostEventCount)
    json.member("truncatedStacks", trace.truncatedStackCount)
    json.member("unmatchedFrees", trace.unmatchedFreeCount)
    json.member("inheritedFrees", trace.inheritedFreeCount)
    json.member("unrecordedFrees", trace.unrecordedFreeCount)
    json.member("reusedAddresses", trace.reusedAddressCount)
  }

  func writeMembers(_ heap: HeapSummary, _ report: LeakReport, _ json: inout JSONWriter) {
    json.member("allocationCount", heap.allocationCount)
    json.member("allocatedBytes", heap.allocatedBytes)
    json.member("freeCount", heap.freeCount)
    json.member("outstandingCount", heap.outstandingCount)
    json.member("outstandingBytes", heap.outstandingBytes)
    json.member("peakBytes", heap.peakBytes)
    json.member("peakTimeNs", heap.peakNanoseconds)
    json.member("temporaryCount", heap.temporaryCount)
    json.member("peakRssBytes", heap.peakRSSBytes)
    json.member("endRssBytes", heap.endRSSBytes)
    json.member("eventCount", heap.eventCount)
    json.member("largeThresholdBytes", report.largeThreshold)
    json.member("largeAllocationCount", report.largeAllocationCount)
    json.member("burstThresholdBytes", report.burstThreshold)
    json.member("burstWindowNs", report.burstWindowNanoseconds)
    json.member("burstCount", report.burstCount)
  }

  private func write(_ selection: SiteSelection, listed: Int, _ json: inout JSONWriter) {
    json.object { json in
      json.member("sort", selection.order.rawValue)
      json.member("filter", selection.filter)
      json.key("onlyImages")
      json.array { json in for pattern in selection.onlyImages { json.value(pattern) } }
      json.member("siteCount", selection.siteCount)
      json.member("outstandingSiteCount", selection.outstandingSiteCount)
      json.member("matchingSiteCount", selection.matching.siteCount)
      json.member("matchingBytes", selection.matching.outstandingBytes)
      json.member("matchingCount", selection.matching.outstandingCount)
      json.member("matchingTotalBytes", selection.matching.allocatedBytes)
      json.member("matchingTotalCount", selection.matching.allocationCount)
      json.member("listedSiteCount", listed)
    }
  }

  func writeMembers(_ site: Site, _ stacks: inout JSONFrameCache, _ json: inout JSONWriter) {
    json.member("outstandingBytes", site.totals.outstandingBytes)
    json.member("outstandingCount", site.totals.outstandingCount)
    json.member("totalBytes", site.totals.allocatedBytes)
    json.member("totalCount", site.totals.allocationCount)
    json.member("peakBytes", site.totals.peakBytes)
    json.member("temporaryCount", site.totals.temporaryCount)
    json.member("firstTimeNs", site.firstNanoseconds)
    json.member("lastTimeNs", site.lastNanoseconds)
    json.key("allocationFunctions")
    json.array { json in for function in site.functions { json.value(function.name) } }
    stacks.write(site.stack, &json)
  }

  func writeMembers(
    _ large: LargeAllocation, _ stacks: inout JSONFrameCache, _ json: inout JSONWriter
  ) {
    json.member("timeNs", large.nanoseconds)
    json.member("durationNs", large.durationNanoseconds)
    json.member("bytes", large.byteCount)
    json.member("count", large.blockCount)
    json.member("kind", large.kind.rawValue)
    json.member("freedTimeNs", large.freedNanoseconds)
    stacks.write(large.stack, &json)
  }

  private func write(
    _ mappings: MappingSummary, _ stacks: inout JSONFrameCache, _ json: inout JSONWriter
  ) {
    json.object(multiline: true) { json in
      writeMembers(mappings.totals, &json)
      json.member("siteCount", mappings.siteCount)
      json.objects("sites", mappings.sites) { site, json in
        writeMembers(site.totals, &json)
        stacks.write(site.stack, &json)
      }
    }
  }

  func writeMembers(_ mark: MarkSummary, _ json: inout JSONWriter) {
    json.member("name", mark.name)
    json.member("kind", mark.kind.rawValue)
    json.member("timeNs", mark.nanoseconds)
  }

  func writeMembers(_ totals: MappingTotals, _ json: inout JSONWriter) {
    json.member("outstandingBytes", totals.outstandingBytes)
    json.member("outstandingCount", totals.outstandingCount)
    json.member("anonymousBytes", totals.anonymousBytes)
    json.member("fileBytes", totals.fileBytes)
    json.member("reservedBytes", totals.reservedBytes)
    json.member("totalBytes", totals.mappedBytes)
    json.member("totalCount", totals.mappedCount)
  }

  static func name(of state: TraceSummary.State) -> String {
    switch state {
    case .running: "running"
    case .killed: "killed"
    case .stopped: "stopped"
    case .exited: "exited"
    case .executed: "executed"
    }
  }

  private static func stopErrno(of state: TraceSummary.State) -> Int32? {
    if case .stopped(let errno) = state { errno } else { nil }
  }
}
