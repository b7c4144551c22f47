// SPDX-License-Identifier: Apache-2.0
//
// Commands that end in another program's command line: `memtrace run [options] -- CMD…`.

import ArgumentParser

extension ParsableCommand {
  /// Everything from the program on is the program's; what looks like an option before it is none
  /// that this command has, for those were taken already.
  ///
  /// - Throws: the request for help, or what to write instead.
  func validatePassthrough(_ words: [String]) throws {
    guard let first = words.first, first != "--", first.hasPrefix("-") else { return }
    if first == "--help" || first == "-h" { throw CleanExit.helpRequest(self) }
    let name = Self.configuration.commandName ?? ""
    throw ValidationError("'\(name)' has no option '\(first)'; write -- before the program")
  }
}
