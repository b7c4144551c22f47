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

  @OptionGroup var destination: OutputOption

  @OptionGroup var pager: PagerOption

  func run() throws {
    let file = try destination.file(notOverwriting: input.trace)
    let timeline = try input.timeline(siteLimit: 5)
    try (file ?? pager.output).write { MarkdownInvestigation().render(timeline, to: $0) }
  }
}
