// SPDX-License-Identifier: Apache-2.0
//
// Options about the images of a program: which of them are meant, and where their names come from. The
// same for every command that has them.

import ArgumentParser

/// Stacks of some images alone.
struct ImageFilter: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Only stacks through an image whose file name matches, or whose path where the pattern has "
        + "a slash: '*.node'. May be given several times.", valueName: "glob"))
  var onlyImage: [String] = []

  func validate() throws {
    if onlyImage.contains("") { throw ValidationError("--only-image takes a pattern: '*.node'") }
  }
}

/// How names are looked up.
struct NameOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("A folder that stands for / when names are looked up.", valueName: "dir"),
    completion: .directory)
  var sysroot: String?

  @Flag(name: .customLong("no-cache"), help: "Look every name up anew, and keep none.")
  var ignoresCache = false

  var usesCache: Bool { !ignoresCache }
}
