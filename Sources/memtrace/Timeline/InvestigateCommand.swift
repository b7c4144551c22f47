// SPDX-License-Identifier: Apache-2.0
//
// `memtrace investigate`: one page of Markdown to paste into a ticket.

import ArgumentParser
import MemtraceAnalyzer

struct InvestigateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "investigate",
    abstract: "Writes one page of Markdown on what a trace says, to paste into a ticket.",
    discussion: "The page is made of what 'timeline' finds; its options mean the same.")

  @OptionGroup var input: TimelineInput

  @Option(name: [.short, .long], help: ArgumentHelp("Write to a file.", valueName: "file"))
  var output: String?

  func run() throws {
    let destination = try output.map { try OutputFile(path: $0, notOverwriting: input.trace) }
    let timeline = try input.timeline(siteLimit: 5)
    try (destination ?? .standardOutput).write { MarkdownInvestigation().render(timeline, to: $0) }
  }
}
