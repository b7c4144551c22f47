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

  @OptionGroup var images: ImageFilter
  @OptionGroup var names: NameOptions

  /// Options of an analysis, with these set.
  var analysisOptions: AnalysisOptions {
    var options = AnalysisOptions()
    options.from = from?.bound
    options.to = to?.bound
    options.aliveAt = aliveAt?.bound
    options.filter = filter
    options.onlyImages = images.onlyImage
    options.sysroot = names.sysroot
    options.usesNameCache = names.usesCache
    return options
  }
}
