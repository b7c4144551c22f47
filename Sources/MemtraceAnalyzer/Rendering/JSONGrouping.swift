// SPDX-License-Identifier: Apache-2.0
//
// Groups of sites as JSON: the member `grouping`, described in docs/report-json.md.

import Symbolication

/// Writes the groups of a report.
enum JSONGrouping {
  static func write(_ grouping: SiteGrouping?, _ json: inout JSONWriter) {
    json.optional("grouping", grouping) { grouping, json in write(grouping, &json) }
  }

  private static func write(_ grouping: SiteGrouping, _ json: inout JSONWriter) {
    json.object(multiline: true) { json in
      json.member("by", grouping.key.rawValue)
      json.member("groupCount", grouping.groupCount)
      json.objects("groups", grouping.groups, writeMembers)
    }
  }

  private static func writeMembers(_ group: SiteGroup, _ json: inout JSONWriter) {
    switch group.subject {
    case .function(let frame): JSONFunction.write(frame, &json)
    case .image(let path): JSONFunction.write(nil, image: path, &json)
    case .none: JSONFunction.write(nil, &json)
    }
    json.member("outstandingBytes", group.totals.outstandingBytes)
    json.member("outstandingCount", group.totals.outstandingCount)
    json.member("totalBytes", group.totals.allocatedBytes)
    json.member("totalCount", group.totals.allocationCount)
    json.member("temporaryCount", group.totals.temporaryCount)
    json.member("firstTimeNs", group.firstNanoseconds)
    json.member("lastTimeNs", group.lastNanoseconds)
    json.key("allocationFunctions")
    json.array { json in for function in group.totals.functions { json.value(function.name) } }
    json.member("siteCount", group.siteCount)
  }
}
