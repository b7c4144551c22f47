// SPDX-License-Identifier: Apache-2.0
//
// `memtrace manual`: prints the manual page, for `make install`. The page is made of the commands
// themselves, so it cannot say anything else than they do.

import ArgumentParser

struct ManualCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manual", abstract: "Prints the manual page, memtrace(1).", shouldDisplay: false)

  func run() throws {
    let page = ManualPage(try CommandInformation.current())
    try OutputFile.standardOutput.write { $0.write(page.text) }
  }
}
