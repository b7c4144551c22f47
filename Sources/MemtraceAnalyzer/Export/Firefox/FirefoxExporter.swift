// SPDX-License-Identifier: Apache-2.0
//
// A processed profile for the Firefox Profiler (profiler.firefox.com), with native allocations:
// version 48 of the format, which every later one of the tool brings up to date as it loads it.

import Symbolication

/// Writes a processed profile.
struct FirefoxExporter: Exporter {
  static let version = 48
  /// Of the unprocessed format, which the tool wants to know, too.
  private static let geckoVersion = 29
  /// Indices into the categories.
  static let otherCategory = 0
  static let javaScriptCategory = 1
  static let nativeCategory = 2

  func export(_ source: ExportSource, to output: ReportOutput) {
    let tables = FirefoxTables(source)
    var json = JSONWriter(output)
    json.object(multiline: true) { json in
      json.key("meta")
      writeMeta(source, &json)
      json.key("libs")
      json.array(multiline: true) { json in
        for path in tables.libraries { Self.write(path, source, &json) }
      }
      json.key("counters")
      json.array { json in writeResident(source, &json) }
      json.key("threads")
      json.array { json in writeThread(source, tables, &json) }
    }
    output.write("\n")
  }

  private func writeMeta(_ source: ExportSource, _ json: inout JSONWriter) {
    let trace = source.report.trace
    json.object(multiline: true) { json in
      json.member("interval", 1)
      json.key("startTime")
      json.milliseconds(trace.startRealtimeNanoseconds)
      json.key("profilingStartTime")
      json.milliseconds(source.report.interval.lowerBound)
      json.key("profilingEndTime")
      json.milliseconds(source.report.interval.upperBound)
      json.member("processType", 0)
      json.member("product", source.commandLine)
      json.member("importedFrom", "memtrace")
      json.member("arguments", source.commandLine)
      json.member("stackwalk", 1)
      json.member("version", Self.geckoVersion)
      json.member("preprocessedProfileVersion", Self.version)
      json.member("symbolicated", true)
      json.member("sourceCodeIsNotOnSearchfox", true)
      json.member("platform", "X11")
      json.member("oscpu", "Linux x86_64")
      json.key("markerSchema")
      json.array { _ in }
      json.key("extensions")
      json.object { json in
        for column in ["id", "name", "baseURL"] {
          json.key(column)
          json.array { _ in }
        }
        json.member("length", 0)
      }
      json.key("categories")
      json.array { json in
        for (name, color) in [("Other", "grey"), ("JavaScript", "yellow"), ("Native", "blue")] {
          json.object { json in
            json.member("name", name)
            json.member("color", color)
            json.key("subcategories")
            json.array { $0.value("Other") }
          }
        }
      }
    }
  }

  private static func write(_ path: String, _ source: ExportSource, _ json: inout JSONWriter) {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let image = source.images.first { $0.path == path }
    let buildID = image.map { $0.buildID.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) } }
    json.object { json in
      json.member("arch", "x86_64")
      json.member("name", name)
      json.member("path", path)
      json.member("debugName", name)
      json.member("debugPath", path)
      json.member("breakpadId", "")
      json.member("codeId", buildID.flatMap { $0.isEmpty ? nil : $0.joined() })
    }
  }

  /// Resident memory as a track of its own; the tool wants changes, not amounts.
  private func writeResident(_ source: ExportSource, _ json: inout JSONWriter) {
    let samples = source.samples.compactMap { sample in
      sample[.rssBytes].map { (source.clock.nanoseconds(at: sample.ticks), $0) }
    }
    guard !samples.isEmpty else { return }
    json.object { json in
      json.member("name", "resident memory")
      json.member("category", "Memory")
      json.member("description", "Resident memory (RSS) of the process, as sampled")
      json.member("pid", String(source.report.trace.pid))
      json.member("mainThreadIndex", 0)
      json.key("samples")
      json.object { json in
        json.key("time")
        json.array { json in for (time, _) in samples { json.milliseconds(time) } }
        json.key("count")
        json.array { json in
          var last: UInt64 = 0
          for (_, byteCount) in samples {
            json.value(Int64(truncatingIfNeeded: byteCount &- last))
            last = byteCount
          }
        }
        json.member("length", samples.count)
      }
    }
  }

  private func writeThread(
    _ source: ExportSource, _ tables: FirefoxTables, _ json: inout JSONWriter
  ) {
    let trace = source.report.trace
    json.object(multiline: true) { json in
      json.member("processType", "default")
      json.member("processName", source.commandLine)
      json.member("processStartupTime", 0)
      json.member("processShutdownTime", nil as Int?)
      json.member("registerTime", 0)
      json.member("unregisterTime", nil as Int?)
      json.key("pausedRanges")
      json.array { _ in }
      json.member("name", source.order.title)
      json.member("isMainThread", true)
      json.member("pid", String(trace.pid))
      json.member("tid", trace.pid)
      json.key("samples")
      json.object { json in
        for column in ["eventDelay", "stack", "time"] {
          json.key(column)
          json.array { _ in }
        }
        json.member("weight", nil as Int?)
        json.member("weightType", "samples")
        json.member("length", 0)
      }
      tables.writeAllocations(&json)
      tables.writeMarks(&json)
      tables.writeStacks(&json)
      tables.writeFunctions(&json)
      tables.writeTexts(&json)
    }
  }
}

extension JSONWriter {
  /// An instant or a length of time in milliseconds, to the nanosecond.
  mutating func milliseconds(_ nanoseconds: UInt64) {
    let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000)
    let digits = String(rest)
    elements(
      rest == 0
        ? String(whole) : "\(whole).\(String(repeating: "0", count: 6 - digits.count))\(digits)")
  }

  /// A member that is an array of numbers.
  mutating func column(_ name: String, _ values: some Sequence<some BinaryInteger>) {
    key(name)
    array { json in for value in values { json.value(value) } }
  }

  /// A member that is an array of numbers, or of nothing where they are negative.
  mutating func optionalColumn(_ name: String, _ values: some Sequence<some SignedInteger>) {
    key(name)
    array { json in for value in values { if value < 0 { json.null() } else { json.value(value) } }
    }
  }
}
