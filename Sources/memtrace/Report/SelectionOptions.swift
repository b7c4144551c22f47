// SPDX-License-Identifier: Apache-2.0
//
// The options that say which part of a trace is meant, the same for every command that has them.

import ArgumentParser
import MemtraceAnalyzer

/// Which time, which stacks, and where names come from.
struct SelectionOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Count what is allocated from here on.", valueName: "time|mark"))
  var from: TimeBoundArgument?

  @Option(help: ArgumentHelp("Count what is outstanding then.", valueName: "time|mark"))
  var to: TimeBoundArgument?

  @Option(
    help: ArgumentHelp(
      "Of what was allocated between --from and --to, count what is still outstanding then: three "
        + "snapshots in one.", valueName: "time|mark"))
  var aliveAt: TimeBoundArgument?

  @Option(
    help: ArgumentHelp(
      "Only stacks with a function, file or image that matches.", valueName: "regex"))
  var filter: String?

  @Option(
    help: ArgumentHelp(
      "Only stacks through an image whose file name matches, or whose path where the pattern has "
        + "a slash: '*.node'. May be given several times.", valueName: "glob"))
  var onlyImage: [String] = []

  @Option(
    help: ArgumentHelp("A folder that stands for / when names are looked up.", valueName: "dir"),
    completion: .directory)
  var sysroot: String?

  @Flag(name: .customLong("no-cache"), help: "Look every name up anew, and keep none.")
  var ignoresCache = false

  func validate() throws {
    if onlyImage.contains("") { throw ValidationError("--only-image takes a pattern: '*.node'") }
  }

  /// Options of an analysis, with these set.
  var analysisOptions: AnalysisOptions {
    var options = AnalysisOptions()
    options.from = from?.bound
    options.to = to?.bound
    options.aliveAt = aliveAt?.bound
    options.filter = filter
    options.onlyImages = onlyImage
    options.sysroot = sysroot
    options.usesNameCache = !ignoresCache
    return options
  }
}
