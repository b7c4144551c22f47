// SPDX-License-Identifier: Apache-2.0
//
// Where the command begins, and the only place that turns errors into a line and an exit status.

import ArgumentParser
import Glibc

@main
enum EntryPoint {
  static func main() {
    do {
      try demandProcesses()
      var command = try Memtrace.parseAsRoot()
      try command.run()
    } catch let status as ExitCode {
      exit(status.rawValue)
    } catch {
      finish(with: error)
    }
  }

  /// Swift takes even the command line from there, and would find none.
  private static func demandProcesses() throws {
    guard access("/proc/self/cmdline", R_OK) != 0 else { return }
    throw CommandFailure(
      "/proc is not mounted: neither this command nor a recording can do without; "
        + "mount -t proc proc /proc", .unavailable)
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
