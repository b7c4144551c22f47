// SPDX-License-Identifier: Apache-2.0
//
// The manual page in mdoc, the language of manual pages. Everything about commands and options is
// theirs; what else a page has stands in ManualPage+Sections.swift.

import MemtraceAnalyzer

/// A page under construction.
struct ManualPage {
  private(set) var text = ""

  init(_ root: CommandInformation) {
    text = """
      .\\" Made by 'memtrace manual' of the commands themselves.
      .Dd \(Self.date)
      .Dt MEMTRACE 1
      .Os
      .Sh NAME
      .Nm memtrace
      .Nd finds native memory leaks in unmodified Linux programs
      .Sh SYNOPSIS

      """
    for command in root.shownSubcommands { writeSynopsis(command) }
    line(".Sh DESCRIPTION")
    for paragraph in Self.description { self.paragraph(paragraph) }
    line(".Sh COMMANDS")
    for command in root.shownSubcommands { write(command) }
    line(".Sh ENVIRONMENT")
    list(Self.environment.map { (".It Ev \(Self.word($0.name))", $0.text) })
    line(".Sh FILES")
    list(Self.files.map { (".It Pa \(Self.word($0.name))", $0.text) })
    line(".Sh EXIT STATUS")
    list(Self.statuses.map { (".It \(Self.word($0.name))", $0.text) })
    line(".Sh EXAMPLES")
    for example in Self.examples {
      prose(example.text)
      line(".Bd -literal -offset indent")
      for command in example.commands { line(Self.literal(command)) }
      line(".Ed")
      line(".Pp")
    }
    text.removeLast(".Pp\n".count)
    line(".Sh SEE ALSO")
    line(".Xr valgrind 1 ,\n.Xr malloc 3 ,\n.Xr ld.so 8")
  }

  // MARK: Commands

  private mutating func writeSynopsis(_ command: CommandInformation) {
    line(".Nm\n.Cm \(Self.word(command.commandName))")
    let options = command.shownArguments.contains { $0.kind != "positional" }
    if options { line(".Op Ar option ...") }
    for argument in command.shownArguments where argument.kind == "positional" {
      let name = Self.word(argument.valueName ?? "")
      let dots = argument.isRepeating ? " ..." : ""
      line(argument.isOptional ? ".Op Ar \(name)\(dots)" : ".Ar \(name)\(dots)")
    }
  }

  private mutating func write(_ command: CommandInformation) {
    line(".Ss memtrace \(Self.word(command.commandName))")
    if let abstract = command.abstract { prose(abstract) }
    if let discussion = command.discussion, !discussion.isEmpty {
      line(".Pp")
      prose(discussion)
    }
    let rows = command.shownArguments.map { argument in
      (Self.item(argument), Self.words(argument))
    }
    if !rows.isEmpty { list(rows) }
  }

  /// The tag of an option: `-o file, --output file`.
  private static func item(_ argument: CommandInformation.Argument) -> String {
    let value = argument.valueName.map { word($0) } ?? ""
    guard argument.kind != "positional" else { return ".It Ar \(value)" }
    let takesValue = argument.kind == "option"
    let names = (argument.names ?? []).map { name in
      "Fl \(name.kind == "long" ? "-" : "")\(word(name.name))\(takesValue ? " Ar \(value)" : "")"
    }
    return ".It \(names.joined(separator: " , "))"
  }

  private static func words(_ argument: CommandInformation.Argument) -> String {
    var words = argument.abstract ?? ""
    if let discussion = argument.discussion { words += " " + discussion }
    if let values = argument.allValues, argument.kind == "option" {
      words += " One of " + values.joined(separator: ", ") + "."
    }
    if let value = argument.defaultValue, !value.isEmpty { words += " Default: \(value)." }
    return words
  }

  // MARK: Language

  private mutating func line(_ text: String) { self.text += text + "\n" }

  private mutating func paragraph(_ text: String) {
    if !self.text.hasSuffix(".Sh DESCRIPTION\n") { line(".Pp") }
    prose(text)
  }

  private mutating func list(_ rows: [(tag: String, text: String)]) {
    line(".Bl -tag -width Ds")
    for row in rows {
      line(row.tag)
      prose(row.text)
    }
    line(".El")
  }

  /// Text, a sentence to begin with on a line of its own, as the language wants it.
  private mutating func prose(_ text: String) {
    for sentence in Self.sentences(text) {
      for part in PrintableText.wrapped(sentence, to: 78) { line(Self.literal(part)) }
    }
  }

  private static func sentences(_ text: String) -> [String] {
    var sentences: [String] = []
    var sentence: [Substring] = []
    for word in text.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
      sentence.append(word)
      guard word.hasSuffix(".") || word.hasSuffix(":"), !word.hasSuffix("...") else { continue }
      sentences.append(sentence.joined(separator: " "))
      sentence = []
    }
    return sentence.isEmpty ? sentences : sentences + [sentence.joined(separator: " ")]
  }

  /// A line that is text, whatever it begins with.
  private static func literal(_ text: String) -> String {
    let escaped = escaped(text)
    return escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" + escaped : escaped
  }

  /// An argument of a macro, which must not be taken for another one.
  private static func word(_ text: String) -> String {
    let escaped = escaped(text)
    let isMacro = (1...3).contains(text.count) && text.first?.isUppercase == true
    let isSign = text.allSatisfy { ".,:;()[]?!|".contains($0) }
    let word = isMacro || isSign ? "\\&" + escaped : escaped
    return word.contains(" ") ? "\"\(word)\"" : word
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "\\": result += "\\e"
      case "-": result += "\\-"
      case "\"": result += "\\(dq"
      case "…": result += "\\&..."
      default: result.append(character)
      }
    }
    return result
  }
}
