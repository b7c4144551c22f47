// SPDX-License-Identifier: Apache-2.0
//
// The options that say how something is shown on a screen, the same for every command that has them.

import ArgumentParser

/// Color and pager.
struct ScreenOptions: ParsableArguments {
  @Option(help: "Colour: auto, always or never.")
  var color = Terminal.Color.auto

  @Flag(
    name: .customLong("no-pager"),
    help: "Do not show through a pager what is longer than the screen.")
  var avoidsPager = false

  /// Standard output, through a pager where it is a terminal.
  var output: OutputFile { .screen(pages: !avoidsPager) }
}
