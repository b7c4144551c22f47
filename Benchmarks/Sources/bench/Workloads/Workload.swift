// SPDX-License-Identifier: Apache-2.0
//
// Fixed work that contestants are measured on.

/// A program to run, natively and under each contestant.
struct Workload: Equatable {
  /// What `--workload` selects and the JSON file says: `churn-20-1`.
  let name: String
  /// What the tables say.
  let title: String
  let kind: Kind
  let command: Command
  /// Less of the same work, for contestants that are slower by orders of magnitude.
  let shortCommand: Command
  /// How its time is taken.
  let timing: Timing

  enum Kind: Equatable {
    /// One process.
    case program
    /// The compiler's driver, which starts the programs that do the work.
    case compiler
    /// A server that answers a client until it is told to stop; the socket is in its directory.
    case server(client: [String], shortClient: [String], ready: [String], stop: [String])
  }

  enum Timing: Equatable {
    /// From the start of the program, or of the server's client, to its end; in milliseconds.
    case whole
    /// What the program prints: nanoseconds for one of its malloc/free pairs, by the wall clock
    /// and of the thread's processor time.
    case pair
    /// What the program prints: milliseconds, without those of its start and end.
    case inner

    /// The unit of what is timed.
    var unit: String { self == .pair ? "ns a pair" : "ms" }
  }
}
