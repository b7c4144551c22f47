// SPDX-License-Identifier: Apache-2.0
//
// All workloads, one row each: which program, how much of it, and how much for the slow.

import Foundation

/// The workloads of this repository.
struct WorkloadCatalog {
  /// Where `make -C Benchmarks` puts the programs.
  let programs: String
  /// The folder `Benchmarks/workloads`.
  let sources: String
  /// The interpreter itself, not a script that looks for it (pyenv has one of that name).
  let python: String

  /// The bundle that Debian's ca-certificates installs.
  static let certificates = "/etc/ssl/certs/ca-certificates.crt"

  /// Everything, in the order of the tables.
  var all: [Workload] { churns + lists + nodes + programsOfOthers }

  /// Two million pairs in all; the threads share them.
  private var churns: [Workload] {
    [5, 20, 60].flatMap { depth in
      [1, 2, 8].map { threads in
        churn(depth: depth, threads: threads, pairs: 2_000_000 / threads, ways: 64)
      }
    } + [churn(depth: 20, threads: 1, pairs: 2_000_000, ways: 1)]
  }

  private func churn(depth: Int, threads: Int, pairs: Int, ways: Int) -> Workload {
    func command(_ pairs: Int) -> Command {
      Command(["\(programs)/churn", "\(depth)", "\(threads)", "\(pairs)", "\(ways)"])
    }
    return Workload(
      name: "churn-\(depth)-\(threads)" + (ways == 1 ? "-still" : ""),
      title: "churn, depth \(depth), \(threads) thread\(threads == 1 ? "" : "s")"
        + (ways == 1 ? ", one stack" : ""),
      kind: .program, command: command(pairs), shortCommand: command(pairs / 20), timing: .pair)
  }

  /// Four million nodes in all.
  private var lists: [Workload] {
    [1, 2, 16].map { threads in
      func command(_ nodes: Int) -> Command {
        Command(["\(programs)/list", "\(threads)", "\(nodes)"])
      }
      return Workload(
        name: "list-\(threads)", title: "std::list, \(threads) thread\(threads == 1 ? "" : "s")",
        kind: .program, command: command(4_000_000 / threads),
        shortCommand: command(400_000 / threads), timing: .inner)
    }
  }

  private var nodes: [Workload] {
    let mixed = "\(sources)/mixed.js"
    let certificates = ["NODE_EXTRA_CA_CERTS": Self.certificates]
    return [
      program("node-mixed", "node, mixed", ["node", mixed], short: ["node", mixed, "150"]),
      program(
        "node-mixed-certs", "node, mixed, with CA certificates", ["node", mixed],
        short: ["node", mixed, "150"], environment: certificates),
      program("node-start", "node -e 0", ["node", "-e", "0"]),
    ]
  }

  private var programsOfOthers: [Workload] {
    let script = "\(sources)/objects.py"
    let compile = ["gcc", "-O2", "-c", "\(sources)/compile.c", "-o", "compile.o"]
    return [
      program("python3", "python3", [python, script], short: [python, script, "1"]),
      Workload(
        name: "gcc", title: "gcc -O2 -c", kind: .compiler, command: Command(compile),
        shortCommand: Command(compile + ["-DSHORT"]), timing: .whole),
      Workload(
        name: "sqlite3", title: "sqlite3", kind: .program,
        command: Command(["sqlite3", ":memory:"], input: "\(sources)/ledger.sql"),
        shortCommand: Command(["sqlite3", ":memory:"], input: "\(sources)/ledger.sql"),
        timing: .whole),
      redis,
    ]
  }

  private var redis: Workload {
    let server = Command(
      ["redis-server", "--port", "0", "--unixsocket", "socket", "--save", "", "--appendonly", "no"])
    func client(_ requests: Int) -> [String] {
      ["redis-benchmark", "-s", "socket", "-q", "-n", "\(requests)", "-t", "set,get,lpush,hset"]
    }
    let console = ["redis-cli", "-s", "socket"]
    return Workload(
      name: "redis", title: "redis-server, redis-benchmark",
      kind: .server(
        client: client(20_000), shortClient: client(2000), ready: console + ["ping"],
        stop: console + ["shutdown", "nosave"]),
      command: server, shortCommand: server, timing: .whole)
  }

  private func program(
    _ name: String, _ title: String, _ arguments: [String], short: [String]? = nil,
    environment: [String: String] = [:]
  ) -> Workload {
    Workload(
      name: name, title: title, kind: .program,
      command: Command(arguments, environment: environment),
      shortCommand: Command(short ?? arguments, environment: environment), timing: .whole)
  }
}
