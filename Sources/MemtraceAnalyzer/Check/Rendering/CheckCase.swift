// SPDX-License-Identifier: Apache-2.0
//
// A result as a list of test cases, for forms that have nothing else: one that passed, or one for each
// reason for which it did not.

/// One test case.
struct CheckCase {
  /// What was tested: a function and its image, a limit, a process.
  var name: String
  /// What it is filed under: the image or the program.
  var className: String
  /// The file and the line that answer for it.
  var file: String?
  var line: Int?
  /// nil if it passed.
  var failure: (kind: CheckFailure.Kind, message: String, details: String)?

  /// The cases of a result, the ones that failed in their order.
  static func list(_ result: CheckResult) -> [CheckCase] {
    let words = CheckWords(result: result)
    guard !result.passed else {
      return [
        CheckCase(name: words.summary, className: program(of: result), file: nil, line: nil)
      ]
    }
    return result.failures.map { failure in
      let site = words.leadingSite(of: failure)
      let location = site.map { SiteLocation($0.frames) }
      let source = location?.source
      return CheckCase(
        name: name(of: failure, location, words), className: program(of: result),
        file: source?.file, line: source?.line,
        failure: (failure.kind, words.message(failure), details(site, location)))
    }
  }

  private static func name(
    of failure: CheckFailure, _ location: SiteLocation?, _ words: CheckWords
  ) -> String {
    if failure.site == nil, let limit = failure.limit { return limit.option }
    if let process = failure.process { return words.name(process) }
    if case .notRecorded(let command) = failure { return command }
    guard let frame = location?.best else { return "\(failure.kind.rawValue) of unknown code" }
    let home = (frame.kind == .javascript ? frame.file : frame.image) ?? ""
    let function = frame.function ?? "code without a name"
    return "\(failure.kind.rawValue) in \(function) (\(FramePattern.lastComponent(of: home)))"
  }

  private static func program(of result: CheckResult) -> String {
    guard let trace = result.processes.first?.trace else { return "memtrace" }
    let command = trace.command.isEmpty ? trace.executable : trace.command.joined(separator: " ")
    return command.isEmpty ? "memtrace" : command
  }

  /// Frames of a stack that are worth their lines.
  private static let frameLimit = 30

  /// The JavaScript line, then the stack.
  private static func details(_ site: CheckedSite?, _ location: SiteLocation?) -> String {
    guard let site else { return "" }
    var lines: [String] = []
    if let script = location?.javaScript { lines.append("at " + CheckWords.call(script)) }
    lines += DecisiveFrames(site.frames, limit: frameLimit).lines.compactMap { line in
      if case .frame(let frame) = line { return "    " + CheckWords.call(frame) }
      return line.words.map { "    ... \($0)" }
    }
    if site.isTruncated { lines.append("    outer frames not recorded") }
    return lines.map(PrintableText.escaped).joined(separator: "\n")
  }
}
