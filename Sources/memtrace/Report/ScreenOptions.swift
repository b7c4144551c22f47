// SPDX-License-Identifier: Apache-2.0
//
// The options that say how something is shown on a screen, and where else it goes, the same for every
// command that has them.

import ArgumentParser
import MemtraceAnalyzer

/// Whether what is longer than the screen is shown through a pager.
struct PagerOption: ParsableArguments {
  @Flag(
    name: .customLong("no-pager"),
    help: "Do not show through a pager what is longer than the screen.")
  var avoidsPager = false

  /// Standard output, through a pager where it is a terminal.
  var output: OutputFile { .screen(pages: !avoidsPager) }
}

/// Color and pager.
struct ScreenOptions: ParsableArguments {
  @Option(help: "Whether to use colors.")
  var color = Terminal.Color.auto

  @OptionGroup var pager: PagerOption

  /// How text is made for the screen, or for a file, which has no width.
  func text(isOnScreen: Bool) -> TextOptions {
    var text = TextOptions()
    text.width = isOnScreen ? Terminal.output.width : nil
    text.usesColor = isOnScreen ? Terminal.output.usesColor(color) : color == .always
    text.isASCII = isOnScreen && Terminal.output.isASCII
    return text
  }
}

/// A file instead of the screen.
struct OutputOption: ParsableArguments {
  @Option(
    name: [.short, .long], help: ArgumentHelp("Write to a file.", valueName: "file"),
    completion: .file())
  var output: String?

  var isScreen: Bool { output == nil }

  /// The file that is named, which must not be the trace that is read; nil: the screen.
  func file(notOverwriting trace: String) throws -> OutputFile? {
    try output.map { try OutputFile(path: $0, notOverwriting: trace) }
  }
}
