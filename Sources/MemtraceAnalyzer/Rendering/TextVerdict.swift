// SPDX-License-Identifier: Apache-2.0
//
// The first lines of a text report: which program, how it ended, and what it still holds.
// The words are chosen with care: what is outstanding at an exit is often, not always, a leak.

/// Writes the answer before its reasons.
struct TextVerdict {
  let report: LeakReport
  /// Whether the answer is all that is wanted.
  var isBrief = false
  /// Whether bytes are given to the last one.
  var showsExactBytes = false

  func write(on page: TextPage) {
    Self.writeProgram(report.trace, on: page)
    page.blank()
    for paragraph in paragraphs { page.paragraph(paragraph.text, style: paragraph.style) }
  }

  /// What there is to say about memory, the sentence that answers first.
  var paragraphs: [TextPage.Piece] {
    sentences + peak
  }

  /// All of it but the figures.
  var sentences: [TextPage.Piece] { outstanding + (isBrief ? [] : caution) + mappings }

  private func bytes(_ number: UInt64) -> String {
    Quantity.bytes(number, exactly: showsExactBytes)
  }

  /// Which program, and how it ended.
  static func writeProgram(_ trace: TraceSummary, on page: TextPage) {
    let command = trace.command.isEmpty ? trace.executable : trace.command.joined(separator: " ")
    let name = command.isEmpty ? "a program that the trace does not name" : command
    let (state, style) = words(for: trace.state)
    let facts = "  pid \(trace.pid), \(Quantity.duration(trace.durationNanoseconds)), "
    // The state must not be cut off, whatever the length of the command line.
    let room = page.width - PrintableText.width(facts) - PrintableText.width(state)
    page.line(
      .init(PrintableText.cut(PrintableText.escaped(name), to: max(8, room)), .strong),
      .init(facts, .faint), .init(state, style))
  }

  /// How the recording ended, and what that is worth.
  static func words(for state: TraceSummary.State) -> (String, TextStyle) {
    switch state {
    case .running: ("still running", .warning)
    case .killed: ("killed or crashed", .warning)
    case .stopped: ("recording stopped early", .warning)
    case .exited: ("exited", .faint)
    case .executed: ("replaced by exec", .faint)
    }
  }

  private var outstanding: [TextPage.Piece] {
    let heap = report.heap
    if heap.allocationCount == 0 {
      return [.init("No allocation was recorded\(spanWords).", .strong)]
    }
    let allocated =
      "\(bytes(heap.allocatedBytes)) allocated in \(Quantity.count(heap.allocationCount, "block"))"
    if heap.outstandingCount == 0 {
      let sentence =
        "Nothing is outstanding: every block allocated\(spanWords) was freed (\(allocated))."
      return [.init(sentence, .good)]
    }
    let share = Quantity.share(heap.outstandingBytes, of: heap.allocatedBytes)
    let subject =
      "\(bytes(heap.outstandingBytes)) in \(Quantity.count(heap.outstandingCount, "block"))"
    return [
      .init("\(subject) \(predicate(heap.outstandingCount == 1)):", .alarming),
      .init("\(share) of \(allocated).\(whereWords)"),
    ] + own
  }

  /// How much of it the program's own code had a part in; the rest is its runtime's.
  private var own: [TextPage.Piece] {
    guard let own = report.selection.ownBytes, own < report.heap.outstandingBytes else { return [] }
    let share = Quantity.share(own, of: report.heap.outstandingBytes)
    let code = isNode ? "your JavaScript or add-ons" : "the program's own functions"
    let sentence =
      own == 0
      ? "None of it was allocated through \(code)."
      : "\(bytes(own)) (\(share)) of it was allocated through \(code)."
    return [.init(sentence)]
  }

  /// What can be said of blocks that are outstanding at the end of the time asked for.
  private func predicate(_ isOne: Bool) -> String {
    let were = isOne ? "was" : "were"
    let are = isOne ? "is" : "are"
    if report.isPartOfTrace {
      let to = Quantity.instant(report.aliveAtNanoseconds ?? report.interval.upperBound)
      return "\(were) allocated\(spanWords) and \(are) still outstanding at \(to)"
    }
    switch report.trace.state {
    case .running: return "\(are) outstanding now"
    case .killed: return "\(were) outstanding when the process was killed or crashed"
    case .stopped: return "\(were) outstanding when recording stopped"
    case .exited: return "\(were) never freed before the program exited"
    case .executed: return "\(were) outstanding when the process replaced itself by exec"
    }
  }

  private var spanWords: String {
    guard report.isPartOfTrace else { return "" }
    let from = Quantity.instant(report.interval.lowerBound)
    return " between \(from) and \(Quantity.instant(report.interval.upperBound))"
  }

  /// How few sites hold most of it.
  private var whereWords: String {
    guard report.selection.order == .outstanding, !report.selection.isFiltered,
      report.heap.outstandingBytes > 0, report.selection.outstandingSiteCount > 3
    else { return "" }
    let largestCount = 10
    var sum: UInt64 = 0
    for (index, site) in report.sites.prefix(largestCount).enumerated() {
      sum &+= site.totals.outstandingBytes
      guard Double(sum) >= Double(report.heap.outstandingBytes) * 0.8 else { continue }
      let share = Quantity.share(sum, of: report.heap.outstandingBytes)
      let sites = Quantity.count(report.selection.outstandingSiteCount)
      return " \(index + 1) of \(sites) stacks \(index == 0 ? "holds" : "hold") \(share)."
    }
    // A list that was asked to be shorter does not tell.
    guard report.sites.count >= min(largestCount, Int(report.selection.outstandingSiteCount))
    else { return "" }
    return " It is spread over \(Quantity.count(report.selection.outstandingSiteCount)) stacks."
  }

  /// Memory that the heap's totals do not show.
  private var mappings: [TextPage.Piece] {
    let totals = report.mappings.totals
    let byteCount = totals.anonymousBytes &+ totals.fileBytes
    guard byteCount > 0 else { return [] }
    let stacks = Quantity.count(report.mappings.siteCount, "stack")
    return [.init("Beside the heap \(bytes(byteCount)) stayed mapped (mmap) by \(stacks).")]
  }

  private var peak: [TextPage.Piece] {
    let heap = report.heap
    guard heap.allocationCount > 0 else { return [] }
    var facts = ["Peak \(bytes(heap.peakBytes)) at \(Quantity.instant(heap.peakNanoseconds))"]
    if let peak = heap.peakRSSBytes {
      let end = heap.endRSSBytes.map { ", end \(bytes($0))" } ?? ""
      facts.append("RSS peak \(bytes(peak))\(end)")
    }
    let temporary = Quantity.share(heap.temporaryCount, of: heap.allocationCount)
    facts.append("\(temporary) temporary")
    return [.init(facts.joined(separator: "; ") + ".", .faint)]
  }

  private var caution: [TextPage.Piece] {
    guard report.heap.outstandingCount > 0, !report.isPartOfTrace else { return [] }
    switch report.trace.state {
    case .exited, .executed:
      let sentence =
        isNode
        ? "Not all of it leaks: node exits without freeing what it still uses."
        : "Not all of it need be a leak: what is in use to the end counts, too."
      return [.init(sentence, .faint)]
    case .running, .killed, .stopped:
      let sentence =
        "What the program was using then is part of it; what keeps growing is a leak."
      return [.init(sentence, .faint)]
    }
  }

  private var isNode: Bool {
    let name = report.trace.executable.split(separator: "/").last
    return name == "node" || name == "nodejs"
  }
}
