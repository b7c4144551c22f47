// SPDX-License-Identifier: Apache-2.0
//
// The diff for programs: a public interface, versioned and described in docs/diff-json.md.

/// Writes diffs as JSON, schema `memtrace-diff/1`.
package struct JSONDiff {
  package static let schema = "memtrace-diff/1"

  package init() {}

  package func render(_ diff: TraceDiff, to output: ReportOutput) {
    var stacks = JSONFrameCache(diff.frames)
    JSONDocument.write(schema: Self.schema, to: output) { json in
      json.member("isOneTrace", diff.isOneTrace)
      json.key("before")
      write(diff.before, &json)
      json.key("after")
      write(diff.after, &json)
      json.object("summary") { json in
        json.member("growthBytes", growth(\.outstanding.byteCount, diff))
        json.member("growthCount", growth(\.outstanding.count, diff))
        json.member("grownSiteCount", diff.grownSiteCount)
        json.member("shrunkSiteCount", diff.shrunkSiteCount)
        json.member("unchangedSiteCount", diff.unchangedSiteCount)
      }
      json.objects("sites", diff.sites) { site, json in
        json.member("growthBytes", site.growthBytes)
        json.member("growthCount", site.growthCount)
        json.member("beforeBytes", site.before.byteCount)
        json.member("beforeCount", site.before.count)
        json.member("afterBytes", site.after.byteCount)
        json.member("afterCount", site.after.count)
        stacks.write(site.stack, &json)
      }
      json.lines("warnings", diff.warnings) { $1.value($0.description) }
    }
  }

  private func growth(_ field: KeyPath<TraceDiff.Side, UInt64>, _ diff: TraceDiff) -> Int64 {
    Int64(clamping: diff.after[keyPath: field]) - Int64(clamping: diff.before[keyPath: field])
  }

  private func write(_ side: TraceDiff.Side, _ json: inout JSONWriter) {
    json.object(multiline: true) { json in
      json.member("timeNs", side.nanoseconds)
      json.member("outstandingBytes", side.outstanding.byteCount)
      json.member("outstandingCount", side.outstanding.count)
      json.member("mappedBytes", side.mappings.anonymousBytes &+ side.mappings.fileBytes)
      json.member("rssBytes", side.rssBytes)
      json.object("trace", multiline: true) { JSONRenderer().writeMembers(side.trace, &$0) }
    }
  }
}
