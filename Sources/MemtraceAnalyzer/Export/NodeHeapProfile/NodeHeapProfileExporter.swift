// SPDX-License-Identifier: Apache-2.0
//
// The format of node's --heap-prof, which the Memory panel of Chrome's developer tools opens: a tree
// of calls from the outermost inwards, with native functions beside those of JavaScript.

import Symbolication

/// Writes a `.heapprofile`.
struct NodeHeapProfileExporter: Exporter {
  func export(_ source: ExportSource, to output: ReportOutput) {
    let order = source.order
    let tree = CallTreeBuilder(.topDown, frames: source.report.frames, order: order)
      .tree(of: source.sites, limit: nil)
    let nodes = NodeAmounts(tree, order)
    var json = JSONWriter(output)
    json.object { json in
      json.key("head")
      write(tree, nodes, source, &json)
      json.key("samples")
      json.array { json in
        var ordinal = 0
        for (index, own) in nodes.own.enumerated() where own > 0 {
          ordinal += 1
          json.object { json in
            json.member("size", own)
            json.member("nodeId", Self.id(ofNode: index))
            json.member("ordinal", ordinal)
          }
        }
      }
    }
    output.write("\n")
  }

  /// The root is 1.
  private static func id(ofNode index: Int) -> Int { index + 2 }

  /// Not recursion: a stack of functions may be as deep as a program cares to make it.
  private func write(
    _ tree: CallTree, _ nodes: NodeAmounts, _ source: ExportSource, _ json: inout JSONWriter
  ) {
    var scripts = ScriptIDs()
    json.beginObject()
    Self.writeCallFrame("(root)", scriptID: 0, &json)
    json.member("selfSize", 0)
    json.member("id", 1)
    json.key("children")
    json.beginArray()
    var open: [Int] = []
    for (index, node) in tree.nodes.enumerated() {
      while let last = open.last, last != node.parent {
        json.endArray()
        json.endObject()
        open.removeLast()
      }
      json.beginObject()
      if let function = node.function {
        write(tree.functions[function], &scripts, &json)
      } else {
        Self.writeCallFrame(FrameLabel.noStack, scriptID: 0, &json)
      }
      json.member("selfSize", nodes.own[index])
      json.member("id", Self.id(ofNode: index))
      json.key("children")
      json.beginArray()
      open.append(index)
    }
    for _ in 0...open.count {
      json.endArray()
      json.endObject()
    }
  }

  private func write(_ frame: Frame, _ scripts: inout ScriptIDs, _ json: inout JSONWriter) {
    // DevTools knows no images: a native function's place is its source, or its image.
    let url = FrameLabel.file(of: frame) ?? ""
    // There lines and columns begin at 0.
    Self.writeCallFrame(
      FrameLabel.name(of: frame), scriptID: scripts.id(of: url), url: url,
      line: frame.line.map { $0 - 1 } ?? -1, column: frame.column.map { $0 - 1 } ?? -1, &json)
  }

  private static func writeCallFrame(
    _ name: String, scriptID: Int, url: String = "", line: Int = -1, column: Int = -1,
    _ json: inout JSONWriter
  ) {
    json.key("callFrame")
    json.object { json in
      json.member("functionName", name)
      json.member("scriptId", String(scriptID))
      json.member("url", url)
      json.member("lineNumber", line)
      json.member("columnNumber", column)
    }
  }

  /// A number for every file.
  private struct ScriptIDs {
    private var known: [String: Int] = ["": 0]

    mutating func id(of url: String) -> Int {
      let id = known[url] ?? known.count
      known[url] = id
      return id
    }
  }
}
