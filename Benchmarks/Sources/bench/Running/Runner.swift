// SPDX-License-Identifier: Apache-2.0
//
// Runs workloads under contestants, once to time them or once to look at their memory, and the
// commands that make reports. Nothing is compared here.

import Foundation

/// Runs one program after the other, each in the directory of its contestant.
struct Runner {
  /// Holds one directory per contestant.
  let scratch: String
  /// After so many seconds a run has failed.
  let limitSeconds: Double

  /// The directory in which a contestant runs.
  func directory(of contestant: Contestant) -> RunDirectory {
    RunDirectory(path: "\(scratch)/\(contestant.name)")
  }

  /// Runs a workload and says what it took.
  func time(_ workload: Workload, under contestant: Contestant, isShort: Bool) throws -> RunTime {
    try run(workload, under: contestant, isShort: isShort, watchedEvery: nil).time
  }

  /// Runs a workload and says what it held at most.
  func memory(_ workload: Workload, under contestant: Contestant, isShort: Bool) throws
    -> PeakMemory
  {
    try run(workload, under: contestant, isShort: isShort, watchedEvery: .microseconds(500)).memory
  }

  /// Runs a command that reads files, such as a report: milliseconds, and its peak of resident
  /// memory.
  func read(_ command: Command, name: String) throws -> (milliseconds: Double, residentBytes: Int) {
    let directory = RunDirectory(path: "\(scratch)/\(name)")
    try directory.empty()
    return try inTree(directory) { tree in
      let start = ContinuousClock.now
      let pid = try tree.start(command, name: name)
      let status = try tree.wait(for: pid)
      let length = (ContinuousClock.now - start).milliseconds
      try check(status, of: name, in: directory)
      try tree.waitForAll()
      return (length, tree.largestResidentBytes)
    }
  }

  private func run(
    _ workload: Workload, under contestant: Contestant, isShort: Bool,
    watchedEvery interval: Duration?
  ) throws -> (time: RunTime, memory: PeakMemory) {
    let directory = directory(of: contestant)
    try directory.empty()
    let command = contestant.wrap(isShort ? workload.shortCommand : workload.command, workload)
    return try inTree(directory) { tree in
      var start = ContinuousClock.now
      let pid = try tree.start(command, name: "program")
      let memory = MemoryWatch(root: pid)
      let watch = interval.map { ProcessTree.Watch(interval: $0, look: memory.look) }
      var end: ContinuousClock.Instant?
      if case .server(let client, let shortClient, let ready, let stop) = workload.kind {
        try waitUntilReady(ready, of: pid, in: directory, tree)
        start = .now
        try askAs(isShort ? shortClient : client, "client", in: directory, tree, watch)
        end = .now
        try askAs(stop, "stop", in: directory, tree, nil)
      }
      let status = try tree.wait(for: pid, watch: watch)
      let length = ((end ?? .now) - start).milliseconds
      try check(status, of: "program", in: directory)
      try tree.waitForAll()
      let output = directory.text("program", "out")
      return (
        try workload.timing.runTime(
          wholeMilliseconds: length, processorTime: tree.processorTime, output: output),
        memory.largest
      )
    }
  }

  /// Runs a client of a server to its end.
  private func askAs(
    _ arguments: [String], _ name: String, in directory: RunDirectory, _ tree: ProcessTree,
    _ watch: ProcessTree.Watch?
  ) throws {
    let pid = try tree.start(Command(arguments), name: name, isCounted: false)
    try check(try tree.wait(for: pid, watch: watch), of: name, in: directory)
  }

  /// Asks a server that is starting until it answers; or until it is over, which is an error.
  private func waitUntilReady(
    _ question: [String], of server: pid_t, in directory: RunDirectory, _ tree: ProcessTree
  ) throws {
    while true {
      let pid = try tree.start(Command(question), name: "ready", isCounted: false)
      if try tree.wait(for: pid) == 0 { return }
      if let status = tree.status(of: server) {
        throw RunError.failed(
          "server", status: status, firstErrorLine: firstLine("program", in: directory))
      }
      usleep(2000)
    }
  }

  private func check(_ status: Int32, of name: String, in directory: RunDirectory) throws {
    guard status != 0 else { return }
    throw RunError.failed(name, status: status, firstErrorLine: firstLine(name, in: directory))
  }

  private func firstLine(_ name: String, in directory: RunDirectory) -> String {
    directory.text(name, "err").split(separator: "\n").first.map(String.init) ?? ""
  }

  private func inTree<Result>(
    _ directory: RunDirectory, _ body: (ProcessTree) throws -> Result
  ) throws -> Result {
    let tree = ProcessTree(in: directory.path, limitSeconds: limitSeconds)
    do {
      return try body(tree)
    } catch {
      tree.kill()
      throw error
    }
  }
}
