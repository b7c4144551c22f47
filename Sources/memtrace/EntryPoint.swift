// SPDX-License-Identifier: Apache-2.0
//
// Where the command begins, and the only place that turns errors into a line and an exit status.

import ArgumentParser
import Glibc

@main
enum EntryPoint {
  static func main() {
    do {
      var command = try Memtrace.parseAsRoot()
      try command.run()
    } catch let status as ExitCode {
      exit(status.rawValue)
    } catch {
      finish(with: error)
    }
  }

  private static func finish(with error: any Error) -> Never {
    if let failure = CommandFailure(error) {
      StandardError.say(failure.message)
      exit(failure.status.rawValue)
    }
    // What ArgumentParser throws: help and version, which are no errors, and wrong usage.
    guard Memtrace.exitCode(for: error) != .success else {
      print(Memtrace.fullMessage(for: error))
      exit(EXIT_SUCCESS)
    }
    let message = Memtrace.message(for: error).split(separator: "\n").joined(separator: " ")
    let isSentence = message.hasSuffix(".") || message.hasSuffix("?")
    StandardError.say("\(message)\(isSentence ? "" : ".") See 'memtrace --help'.")
    exit(ExitStatus.wrongUsage.rawValue)
  }
}
