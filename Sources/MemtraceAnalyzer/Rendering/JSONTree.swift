// SPDX-License-Identifier: Apache-2.0
//
// The call tree as JSON: the member `tree`, described in docs/report-json.md. Flat, because readers of
// JSON give up on what is nested as deep as a stack may be; and every function written once, because a
// large trace has a million nodes of a few thousand functions.

/// Writes the call tree of a report.
enum JSONTree {
  static func write(_ tree: CallTree?, _ json: inout JSONWriter) {
    json.optional("tree", tree) { tree, json in write(tree, &json) }
  }

  private static func write(_ tree: CallTree, _ json: inout JSONWriter) {
    json.object(multiline: true) { json in
      json.member("direction", tree.direction.rawValue)
      json.objects("functions", tree.functions) { JSONFunction.write($0, &$1) }
      json.objects("nodes", tree.nodes) { node, json in
        json.member("parent", node.parent)
        json.member("functionIndex", node.function)
        json.member("outstandingBytes", node.sums.outstandingBytes)
        json.member("outstandingCount", node.sums.outstandingCount)
        json.member("totalBytes", node.sums.allocatedBytes)
        json.member("totalCount", node.sums.allocationCount)
        json.member("siteCount", node.sums.siteCount)
      }
    }
  }
}
