// SPDX-License-Identifier: Apache-2.0
//
// A file of suppressions, LeakSanitizer's or valgrind's: which of both is seen from its first line.

/// Suppressions as they stand in a file.
package struct SuppressionFile: Sendable {
  package var suppressions: [Suppression]

  /// Reads the text of the file at `path`.
  package init(_ text: String, path: String) throws(CheckFileError) {
    var lines = SuppressionLines(text, path: path)
    suppressions = []
    // A carriage return and a newline are one Character; lines are split by bytes.
    guard let first = lines.peek() else { return }
    if first == "{" {
      while let suppression = try Self.valgrind(&lines) { suppressions += suppression }
    } else {
      while let line = lines.next() {
        suppressions.append(try Self.leakSanitizer(line, lines))
      }
    }
  }

  // MARK: LeakSanitizer

  /// One line of the form `leak:pattern`.
  private static func leakSanitizer(
    _ line: String, _ lines: SuppressionLines
  ) throws(CheckFileError) -> Suppression {
    guard line.hasPrefix("leak:") else {
      throw lines.error("expected 'leak:' and a pattern, found '\(line)'")
    }
    let pattern = line.dropFirst("leak:".count)
    guard pattern.contains(where: { $0 != "*" && $0 != "^" && $0 != "$" }) else {
      throw lines.error("'\(line)' would silence everything; write a name behind 'leak:'")
    }
    return Suppression(
      name: String(pattern), origin: .file(path: lines.path, line: lines.number),
      rule: .anyFrame(LeakPattern(String(pattern))))
  }

  // MARK: valgrind

  /// The next suppression in braces: none of it where it is not about leaks, nil at the end.
  private static func valgrind(
    _ lines: inout SuppressionLines
  ) throws(CheckFileError) -> [Suppression]? {
    guard let opening = lines.next() else { return nil }
    guard opening == "{" else { throw lines.error("expected '{', found '\(opening)'") }
    guard let name = lines.next(), name != "}" else {
      throw lines.error("expected the name of the suppression")
    }
    let origin = Suppression.Origin.file(path: lines.path, line: lines.number)
    guard let kind = lines.next() else { throw lines.error("expected a kind: Memcheck:Leak") }
    guard let colon = kind.firstIndex(of: ":") else {
      throw lines.error("expected a kind such as Memcheck:Leak, found '\(kind)'")
    }
    let tools = kind[..<colon].split(separator: ",")
    guard tools.contains("Memcheck"), kind[kind.index(after: colon)...] == "Leak" else {
      // Of another tool, or about what memtrace does not look for.
      while let line = lines.next() { if line == "}" { return [] } }
      throw lines.error("expected '}' before the end of the file")
    }
    let patterns = try frames(&lines)
    return [Suppression(name: name, origin: origin, rule: .frames(patterns))]
  }

  /// The lines up to the closing brace.
  private static func frames(
    _ lines: inout SuppressionLines
  ) throws(CheckFileError) -> [FramePattern] {
    var patterns: [FramePattern] = []
    while let line = lines.next() {
      if line == "}" {
        guard patterns.contains(where: { $0 != .anything }) else {
          throw lines.error("a suppression needs a line with fun:, obj: or src:")
        }
        return patterns
      }
      if patterns.isEmpty, line.hasPrefix("match-leak-kinds:") {
        try checkKinds(line.dropFirst("match-leak-kinds:".count), lines)
        continue
      }
      patterns.append(try frame(line, lines))
    }
    throw lines.error("expected '}' before the end of the file")
  }

  /// memtrace does not tell kinds of leaks apart, so a suppression of some is one of all.
  private static func checkKinds(
    _ kinds: Substring, _ lines: SuppressionLines
  ) throws(CheckFileError) {
    let known: Set<Substring> = ["definite", "indirect", "possible", "reachable", "all", "none"]
    for kind in kinds.split(whereSeparator: { $0 == "," || $0 == " " }) where !known.contains(kind)
    {
      throw lines.error("'\(kind)' is no kind of leak")
    }
  }

  private static func frame(
    _ line: String, _ lines: SuppressionLines
  ) throws(CheckFileError) -> FramePattern {
    if line == "..." { return .anything }
    let value = String(line.dropFirst(4))
    switch line.prefix(4) {
    case "fun:": return .function(FunctionPattern(value))
    case "obj:": return .image(WildcardPattern(value))
    case "src:":
      let parts = value.split(separator: ":", maxSplits: 1)
      guard let name = parts.first else { break }
      guard parts.count == 2 else { return .source(WildcardPattern(String(name)), line: nil) }
      guard let number = Int(parts[1]), number > 0 else { break }
      return .source(WildcardPattern(String(name)), line: number)
    default: break
    }
    throw lines.error("expected fun:, obj:, src: or ..., found '\(line)'")
  }
}

/// The lines of a file that say something: trimmed, numbered, without comments.
struct SuppressionLines {
  let path: String
  /// Of the line that was taken last.
  private(set) var number = 0
  private var lines: [Substring.UTF8View]

  init(_ text: String, path: String) {
    self.path = path
    lines = text[...].utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
  }

  mutating func next() -> String? {
    while number < lines.count {
      number += 1
      if let line = Self.content(of: lines[number - 1]) { return line }
    }
    return nil
  }

  /// What `next` will return.
  func peek() -> String? {
    var copy = self
    return copy.next()
  }

  func error(_ reason: String) -> CheckFileError {
    .malformed(path: path, line: max(number, 1), reason: reason)
  }

  private static func content(of line: Substring.UTF8View) -> String? {
    let trimmed = line.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
    let text = String(decoding: Array(trimmed), as: UTF8.self)
    return text.isEmpty || text.hasPrefix("#") ? nil : text
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || 0x09...0x0d ~= byte
  }
}
