// SPDX-License-Identifier: Apache-2.0
//
// A file for speedscope.app: every measure is a profile of its own to choose from. The format is
// speedscope's src/lib/file-format-spec.ts.

import Symbolication

/// Writes speedscope's format.
struct SpeedscopeExporter: Exporter {
  private static let measures: [SiteOrder] = [
    .outstanding, .count, .total, .allocations, .temporary,
  ]

  /// What is shown first.
  let metric: SiteOrder

  private var measures: [SiteOrder] {
    Self.measures.contains(metric) ? Self.measures : Self.measures + [metric]
  }

  func export(_ source: ExportSource, to output: ReportOutput) {
    var json = JSONWriter(output)
    var table = Table(source)
    var texts = FrameTexts(source.report.frames, separator: ", ")
    json.object(multiline: true) { json in
      json.member("$schema", "https://www.speedscope.app/file-format-schema.json")
      json.member("exporter", "memtrace")
      json.member("name", source.commandLine)
      json.member("activeProfileIndex", measures.firstIndex(of: metric) ?? 0)
      json.key("profiles")
      json.array(multiline: true) { json in
        for measure in measures { write(measure, source, &table, &texts, &json) }
      }
      json.key("shared")
      json.object { json in
        json.key("frames")
        json.array(multiline: true) { json in
          for frame in table.frames { Self.write(frame, &json) }
        }
      }
    }
    output.write("\n")
  }

  private func write(
    _ measure: SiteOrder, _ source: ExportSource, _ table: inout Table,
    _ texts: inout FrameTexts, _ json: inout JSONWriter
  ) {
    var sum: UInt64 = 0
    json.object(multiline: true) { json in
      json.member("type", "sampled")
      json.member("name", measure.title)
      json.member("unit", measure.countsBlocks ? "none" : "bytes")
      json.key("samples")
      json.array(multiline: true) { json in
        source.sites.forEachStack { site, stack in
          let amount = measure.amount(of: site)
          guard amount > 0 else { return }
          sum &+= amount
          json.beginArray()
          if stack.addresses.isEmpty {
            json.elements(table.noStack())
          } else {
            json.elements(
              utf8: texts.joined(stack.addresses.reversed()) { table.indices(of: $0) })
          }
          json.endArray()
        }
      }
      json.key("weights")
      json.array { json in
        for site in source.sites.totals {
          let amount = measure.amount(of: site)
          if amount > 0 { json.value(amount) }
        }
      }
      json.member("startValue", 0)
      json.member("endValue", sum)
    }
  }

  private static func write(_ frame: Frame, _ json: inout JSONWriter) {
    json.object { json in
      json.member("name", FrameLabel.name(of: frame))
      if let file = FrameLabel.file(of: frame) { json.member("file", file) }
      if let line = frame.line { json.member("line", line) }
      if frame.kind == .javascript, let column = frame.column { json.member("col", column) }
    }
  }

  /// Frames by number, those that read the same once.
  private struct Table {
    private let addresses: FrameTable
    private(set) var frames: [Frame] = []
    private var numbers: [FrameLook: Int] = [:]

    init(_ source: ExportSource) {
      addresses = source.report.frames
    }

    /// The numbers of the frames of an address as elements of an array, outermost first.
    mutating func indices(of address: UInt32) -> String {
      addresses[address].reversed().map { String(number(of: $0)) }.joined(separator: ", ")
    }

    /// The number of what stands for a stack that was not recorded.
    mutating func noStack() -> String {
      String(number(of: Frame(function: FrameLabel.noStack, address: 0)))
    }

    private mutating func number(of frame: Frame) -> Int {
      let look = FrameLook(frame)
      if let number = numbers[look] { return number }
      numbers[look] = frames.count
      frames.append(frame)
      return frames.count - 1
    }
  }
}
