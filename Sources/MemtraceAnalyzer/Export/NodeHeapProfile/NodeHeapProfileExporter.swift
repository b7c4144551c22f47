// SPDX-License-Identifier: Apache-2.0
//
// The format of node's --heap-prof, which the Memory panel of Chrome's developer tools opens: a tree
// of calls from the outermost inwards, with native functions beside those of JavaScript.

import Symbolication

/// Writes a `.heapprofile`.
struct NodeHeapProfileExporter: Exporter {
  func export(_ source: ExportSource, to output: ReportOutput) {
    let tree = StackTree(source.sites, source.report.frames, source.order)
    var samples: [(id: Int, byteCount: UInt64)] = []
    var json = JSONWriter(output)
    json.object { json in
      json.key("head")
      write(tree, &samples, &json)
      json.key("samples")
      json.array { json in
        for (index, sample) in samples.enumerated() {
          json.object { json in
            json.member("size", sample.byteCount)
            json.member("nodeId", sample.id)
            json.member("ordinal", index + 1)
          }
        }
      }
    }
    output.write("\n")
  }

  private func write(
    _ tree: StackTree, _ samples: inout [(id: Int, byteCount: UInt64)], _ json: inout JSONWriter
  ) {
    var callFrames = CallFrames(tree.functions)
    json.beginObject()
    json.key("callFrame")
    json.elements(utf8: CallFrames.text("(root)", scriptID: 0))
    json.member("selfSize", 0)
    json.member("id", 1)
    json.key("children")
    json.beginArray()
    var id = 1
    var open = 0
    tree.walk { node, depth in
      id += 1
      while open > depth {
        json.endArray()
        json.endObject()
        open -= 1
      }
      json.beginObject()
      json.key("callFrame")
      json.elements(utf8: callFrames[node.function])
      json.member("selfSize", node.own)
      json.member("id", id)
      json.key("children")
      json.beginArray()
      open += 1
      if node.own > 0 { samples.append((id, node.own)) }
    }
    for _ in 0...open {
      json.endArray()
      json.endObject()
    }
  }

  /// What is said of each function, made once.
  private struct CallFrames {
    private let functions: FunctionFrames
    private var texts: [Int32: [UInt8]] = [:]
    private var scripts = ScriptIDs()

    init(_ functions: FunctionFrames) {
      self.functions = functions
    }

    subscript(function: Int32) -> [UInt8] {
      mutating get {
        if let known = texts[function] { return known }
        let text =
          function == StackTree.noFunction
          ? Self.text(FrameLabel.noStack, scriptID: 0)
          : functions[function].map { self.text(of: $0) } ?? []
        texts[function] = text
        return text
      }
    }

    private mutating func text(of frame: Frame) -> [UInt8] {
      // DevTools knows no images: a native function's place is its source, or its image.
      let url = FrameLabel.file(of: frame) ?? ""
      // There lines and columns begin at 0.
      return Self.text(
        FrameLabel.name(of: frame), scriptID: scripts.id(of: url), url: url,
        line: frame.line.map { $0 - 1 } ?? -1, column: frame.column.map { $0 - 1 } ?? -1)
    }

    static func text(
      _ name: String, scriptID: Int, url: String = "", line: Int = -1, column: Int = -1
    ) -> [UInt8] {
      JSONWriter.object { json in
        json.member("functionName", name)
        json.member("scriptId", String(scriptID))
        json.member("url", url)
        json.member("lineNumber", line)
        json.member("columnNumber", column)
      }
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
