// SPDX-License-Identifier: Apache-2.0
//
// The manual page, as those who read it see it.

import Foundation
import MemtraceTestSupport
import Testing

@testable import memtrace

@Suite struct ManualTests {
  private func page() throws -> (folder: ScratchFolder, file: String) {
    let result = try BuiltCommand.run("manual")
    try #require(result.status == 0, "\(result.errors)")
    let folder = try ScratchFolder()
    return (folder, try folder.file("memtrace.1", result.output))
  }

  /// The page as a screen shows it, without emphasis.
  private func shown() throws -> String {
    let (folder, file) = try page()
    let result = try Program.run("mandoc", ["-Tutf8", "-Owidth=78", file])
    #expect(result.status == 0, "\(folder.path)")
    return result.output.replacing(#/.\x08/#, with: "")
  }

  @Test func neitherMandocNorManComplainsAboutThePage() throws {
    let (folder, file) = try page()
    let lint = try Program.run("mandoc", ["-Tlint", "-Wwarning", file])
    #expect(lint.output + lint.errors == "", "\(folder.path)")
    #expect(lint.status == 0)
    let man = try Program.run("man", ["--warnings", "-E", "UTF-8", "-l", file])
    #expect(man.status == 0 && man.errors == "", "\(man.errors)")
  }

  @Test func everyCommandAndEveryOptionIsOnThePage() throws {
    let text = try shown()
    let words = Set(text.split(whereSeparator: { " \n,[]".contains($0) }).map(String.init))
    let commands = try CommandInformation.current().shownSubcommands
    #expect(commands.count >= 5)
    for command in commands {
      #expect(text.contains("memtrace \(command.commandName)\n"), "\(command.commandName)")
      #expect(!command.shownArguments.isEmpty)
      for argument in command.shownArguments {
        for name in argument.names ?? [] {
          let option = (name.kind == "long" ? "--" : "-") + name.name
          #expect(words.contains(option), "\(command.commandName) \(option)")
        }
      }
    }
    for section in [
      "NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "ENVIRONMENT", "FILES", "EXIT STATUS",
      "EXAMPLES",
    ] { #expect(text.contains("\n\(section)\n"), "\(section)") }
    // What is not to be seen is not there.
    #expect(!text.contains("memtrace manual"))
  }
}
