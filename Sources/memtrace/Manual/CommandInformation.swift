// SPDX-License-Identifier: Apache-2.0
//
// What swift-argument-parser says of a command in its --experimental-dump-help, as far as the manual
// page needs it.

import ArgumentParser
import FoundationEssentials

/// A command, with its arguments and its subcommands.
struct CommandInformation: Decodable {
  struct Argument: Decodable {
    struct Name: Decodable {
      var kind: String
      var name: String
    }

    var kind: String
    var abstract: String?
    var discussion: String?
    var defaultValue: String?
    var allValues: [String]?
    var isOptional: Bool
    var isRepeating: Bool
    var shouldDisplay: Bool
    var valueName: String?
    var names: [Name]?
  }

  var commandName: String
  var abstract: String?
  var discussion: String?
  var shouldDisplay: Bool?
  var arguments: [Argument]?
  var subcommands: [CommandInformation]?

  /// The root, as it is.
  static func current() throws -> CommandInformation {
    struct Tool: Decodable { var command: CommandInformation }
    return try JSONDecoder().decode(Tool.self, from: Data(Memtrace._dumpHelp().utf8)).command
  }

  /// Subcommands that a user is to see; help, which each has as an option, left out.
  var shownSubcommands: [CommandInformation] {
    (subcommands ?? []).filter { $0.shouldDisplay ?? true && $0.commandName != "help" }
  }

  /// Arguments that a user is to see.
  var shownArguments: [Argument] {
    (arguments ?? []).filter { argument in
      argument.shouldDisplay && !(argument.names ?? []).contains { $0.name == "help" }
    }
  }
}
