// SPDX-License-Identifier: Apache-2.0
//
// Writes suppressions that would silence what a check found, in either form that a suppression file has.

import Symbolication

/// Makes suppressions of sites.
package enum SuppressionWriter {
  package enum Style: String, CaseIterable, Sendable {
    case valgrind
    case lsan
  }

  /// Lines of a stack that valgrind reads.
  private static let frameLimit = 24

  /// Writes one suppression for each stack, each once.
  package static func write(_ sites: [CheckedSite], as style: Style, to output: ReportOutput) {
    var known: Set<String> = []
    for site in sites {
      let text =
        switch style {
        case .valgrind: valgrind(site)
        case .lsan: leakSanitizer(site)
        }
      guard let text, known.insert(text.key).inserted else { continue }
      output.write("# \(CheckWords.amount(site.outstandingBytes, site.outstandingCount))\n")
      output.write(text.lines)
    }
  }

  private typealias Text = (key: String, lines: String)

  /// Its own function, or what there is.
  private static func leakSanitizer(_ site: CheckedSite) -> Text? {
    let location = SiteLocation(site.frames)
    guard let frame = location.best ?? site.frames.first,
      let name = frame.function ?? frame.image.map(FramePattern.lastComponent)
    else { return nil }
    let qualified = frame.kind == .native ? String(FunctionName.qualified(name)) : name
    let line = "leak:\(plain(qualified))\n"
    return (line, line)
  }

  /// The frames from the allocation out to the last of the program's own native code before JavaScript
  /// begins, or to the JavaScript where there is none.
  private static func valgrind(_ site: CheckedSite) -> Text? {
    let native = site.frames.prefix { !RuntimeImages.isGenerated($0) }
    let isOwn = native.map { FrameRank($0) == .own }
    var lines: [String]
    if let last = isOwn.lastIndex(of: true) {
      lines = native.prefix(min(last + 1, frameLimit)).map(line)
    } else if let script = site.frames.first(where: { FrameRank($0) == .own }) {
      lines = native.prefix(frameLimit - 2).map(line) + ["...", line(script)]
    } else {
      lines = native.prefix(frameLimit).map(line)
    }
    guard !lines.isEmpty else { return nil }
    let best = SiteLocation(site.frames).best?.function ?? "unnamed"
    let name = plain("leak in \(best)")
    let body = (["Memcheck:Leak"] + lines).map { "   \($0)\n" }.joined()
    return (body, "{\n   \(name)\n\(body)}\n")
  }

  private static func line(_ frame: Frame) -> String {
    if let function = frame.function, !function.isEmpty { return "fun:" + plain(function) }
    if let image = frame.image { return "obj:" + plain(image) }
    return "fun:*"
  }

  /// With a wildcard for what would end the line, be lost at its end, or steer a terminal.
  private static func plain(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      let isPlain = PrintableText.escaped(String(scalar)) == String(scalar)
      result.unicodeScalars.append(isPlain ? scalar : "*")
    }
    return result.hasSuffix(" ") ? String(result.dropLast()) + "*" : result
  }
}
