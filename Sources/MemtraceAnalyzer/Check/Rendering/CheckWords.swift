// SPDX-License-Identifier: Apache-2.0
//
// What a gate says in words, once for every form it is said in: what failed, by how much, where.

import Glibc
import Symbolication

/// Sentences about a result.
struct CheckWords {
  let result: CheckResult

  /// What is wrong, in one sentence without its place.
  func message(_ failure: CheckFailure) -> String {
    switch failure {
    case .leak(_, let bytes, let blocks):
      return "\(Self.amount(bytes, blocks)) leaked"
    case .newLeak(_, let bytes, let blocks):
      return "\(Self.amount(bytes, blocks)) leaked, not in the baseline"
    case .grownLeak(_, let bytes, let blocks, let old):
      let before = Self.amount(old.byteCount, old.blockCount)
      return "\(Self.amount(bytes, blocks)) leaked, more than the baseline's \(before)"
    case .total(let limit, let measured):
      return "\(measure(limit, measured)) in all, more than \(limit.option) \(Self.value(limit))"
    case .site(let limit, let site, let measured) where limit.measure == .growth:
      return growth(limit, site, measured)
    case .site(let limit, _, let measured):
      return "\(measure(limit, measured)), more than \(limit.option) \(Self.value(limit))"
    case .died(let process):
      let end =
        result.processes.indices.contains(process)
        ? result.processes[process].signal.map(Self.ending) : nil
      return """
        \(name(process)) \(end ?? "was killed or crashed"): nothing can be said of what it would \
        have freed
        """
    case .incomplete(let process):
      return "the trace of \(name(process)) is not complete: the result cannot be relied on"
    case .notRecorded(let command):
      return "\(PrintableText.escaped(command)) was not recorded: nothing is known of it"
    }
  }

  /// What a signal did to a process.
  private static func ending(_ signal: Int32) -> String {
    let crashes: [Int32: String] = [
      SIGSEGV: "SIGSEGV", SIGBUS: "SIGBUS", SIGABRT: "SIGABRT", SIGILL: "SIGILL", SIGFPE: "SIGFPE",
      SIGTRAP: "SIGTRAP",
    ]
    if let name = crashes[signal] { return "crashed (\(name))" }
    let others: [Int32: String] = [
      SIGKILL: "SIGKILL", SIGTERM: "SIGTERM", SIGINT: "SIGINT", SIGHUP: "SIGHUP",
    ]
    return "was killed (\(others[signal] ?? "signal \(signal)"))"
  }

  private func growth(_ limit: CheckLimit, _ site: Int, _ measured: Double) -> String {
    guard let growth = result.growth, growth.sites.indices.contains(site) else {
      return measure(limit, measured)
    }
    let grown = growth.sites[site]
    let amount = Self.amount(grown.site.outstandingBytes, grown.site.outstandingCount)
    let rest =
      limit.value > 0
      ? ", more than \(limit.option) \(Self.value(limit))"
      : ", \(amount) in \(Quantity.count(UInt64(growth.batchCount), "batch", "batches"))"
    return "grows by \(Self.rate(grown.bytesPerIteration, grown.blocksPerIteration))\(rest)"
  }

  private func measure(_ limit: CheckLimit, _ measured: Double) -> String {
    let count = Self.whole(measured)
    switch limit.measure {
    case .leakBytes: return "\(Quantity.bytes(count, exactly: true)) leaked"
    case .leakBlocks: return "\(Quantity.count(count, "block")) leaked"
    case .peakBytes: return "a peak of \(Quantity.bytes(count, exactly: true))"
    case .growth: return "grows by \(Self.decimal(measured)) bytes per iteration"
    }
  }

  private static func value(_ limit: CheckLimit) -> String {
    limit.measure == .growth ? decimal(limit.value) : String(whole(limit.value))
  }

  /// As much as there can be, where it is more: the highest amounts are rounded up.
  private static func whole(_ number: Double) -> UInt64 {
    number < 0x1p64 ? UInt64(max(0, number)) : .max
  }

  static func amount(_ bytes: UInt64, _ blocks: UInt64) -> String {
    "\(Quantity.bytes(bytes)) in \(Quantity.count(blocks, "block"))"
  }

  /// Such as `24 bytes in 0.01 blocks per iteration`.
  static func rate(_ bytes: Double, _ blocks: Double) -> String {
    let inBlocks = blocks > 0 ? " in \(decimal(blocks)) \(blocks == 1 ? "block" : "blocks")" : ""
    return "\(decimal(bytes)) \(bytes == 1 ? "byte" : "bytes")\(inBlocks) per iteration"
  }

  /// Three digits behind the point at most, all that are needed of a small number.
  static func decimal(_ value: Double) -> String {
    guard value.isFinite else { return "\(value)" }
    if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
    var scale = 1000.0
    while abs(value) * scale < 100, scale < 1e9 { scale *= 10 }
    return "\((value * scale).rounded() / scale)"
  }

  /// A process by its command.
  func name(_ index: Int) -> String {
    guard result.processes.indices.contains(index) else { return "a process" }
    let trace = result.processes[index].trace
    let command = trace.command.isEmpty ? trace.executable : trace.command.joined(separator: " ")
    let short = PrintableText.cut(PrintableText.escaped(command), to: 80)
    return "process \(trace.pid) (\(short.isEmpty ? "?" : short))"
  }

  /// In one line: does it pass, and if not, how much is wrong.
  var summary: String {
    let suppressed = result.suppressions.reduce(0) { $0 &+ $1.blockCount }
    if result.passed {
      var words: [String] = []
      if let growth = result.growth {
        words.append(
          growth.sites.isEmpty
            ? "nothing grows over \(growth.batchCount) batches of \(growth.marks.iterationCount)"
            : """
            grows by \(Self.rate(growth.bytesPerIteration, growth.blocksPerIteration)), \
            within the limit
            """)
      }
      if result.options.judgesLeaks {
        words.append(
          result.leaks.isEmpty
            ? "nothing leaked"
            : "\(Self.amount(result.leakBytes, result.leakCount)) leaked, as allowed")
      }
      if words.isEmpty { words.append("within the limits") }
      if suppressed > 0 { words.append("\(Quantity.count(suppressed, "block")) suppressed") }
      return words.joined(separator: "; ")
    }
    return CheckFailure.Kind.allCases.compactMap(summary).joined(separator: "; ")
  }

  /// All failures of a kind in one.
  private func summary(_ kind: CheckFailure.Kind) -> String? {
    let failures = result.failures.filter { $0.kind == kind }
    guard let first = failures.first else { return nil }
    let count = UInt64(failures.count)
    let stacks = Quantity.count(count, "stack")
    switch kind {
    case .leak: return "\(Self.amount(result.leakBytes, result.leakCount)) leaked by \(stacks)"
    case .growth:
      let rate = (result.growth?.bytesPerIteration ?? 0, result.growth?.blocksPerIteration ?? 0)
      let sites = UInt64(result.growth?.sites.count ?? 0)
      return "grows by \(Self.rate(rate.0, rate.1)), by \(Quantity.count(sites, "stack"))"
    case .baseline: return "\(stacks) with more than the baseline has"
    case .limit: return count == 1 ? message(first) : "\(Quantity.count(count, "limit")) crossed"
    case .died: return "\(Quantity.count(count, "process", "processes")) killed or crashed"
    case .incomplete: return "\(Quantity.count(count, "trace")) not complete"
    case .notRecorded: return "not recorded"
    }
  }

  /// The site that a failure is about, or the first of those that make up a total.
  func leadingSite(of failure: CheckFailure) -> CheckedSite? {
    if let site = result.site(of: failure) { return site }
    guard let limit = failure.limit else { return nil }
    switch limit.measure {
    case .growth: return result.growth?.sites.first?.site
    case .leakBytes, .leakBlocks: return result.leaks.first
    case .peakBytes: return result.peaks.first
    }
  }

  /// A frame as one reads it in a stack trace of JavaScript: `f (file:line:column)`.
  static func call(_ frame: Frame) -> String {
    var place = frame.file ?? frame.image ?? ""
    if frame.file != nil, let line = frame.line {
      place += ":\(line)"
      if frame.kind == .javascript, let column = frame.column { place += ":\(column)" }
    }
    let name =
      frame.function.flatMap { $0.isEmpty ? nil : $0 }
      ?? frame.imageOffset.map { "+0x" + String($0, radix: 16) }
      ?? "0x" + String(frame.address, radix: 16)
    return place.isEmpty ? name : "\(name) (\(place))"
  }
}
