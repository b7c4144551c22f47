// SPDX-License-Identifier: Apache-2.0
//
// Real processes; one suite, in turns, because a tree takes in every child of this process.

import Foundation
import Testing

@testable import bench

@Suite(.serialized) struct ProcessTreeTests {
  /// About 100 ms of processor time, in a shell.
  private static let work = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done"

  private func inTree<Result>(_ body: (ProcessTree, RunDirectory) throws -> Result) throws -> Result
  {
    try ProcessTree.prepare()
    let path = NSTemporaryDirectory() + "/bench-tests-\(getpid())"
    let directory = RunDirectory(path: path)
    try directory.empty()
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(ProcessTree(in: path, limitSeconds: 60), directory)
  }

  private func processorMilliseconds(of script: String) throws -> Double {
    try inTree { tree, _ in
      let pid = try tree.start(Command(["sh", "-c", script]), name: "program")
      #expect(try tree.wait(for: pid) == 0)
      try tree.waitForAll()
      return tree.processorTime.milliseconds
    }
  }

  @Test func theTimeOfProcessesThatNobodyWaitsForIsCounted() throws {
    // The shell ends at once; what it left behind works on.
    let own = try processorMilliseconds(of: Self.work)
    let left = try processorMilliseconds(of: "(\(Self.work)) & exit 0")
    let nothing = try processorMilliseconds(of: "exit 0")
    #expect(own > 4 * nothing)
    #expect(left > own / 3)
  }

  @Test func theTimeOfAClientIsNotTheServers() throws {
    let time = try inTree { tree, _ in
      let pid = try tree.start(
        Command(["sh", "-c", Self.work]), name: "client", isCounted: false)
      #expect(try tree.wait(for: pid) == 0)
      try tree.waitForAll()
      return tree.processorTime
    }
    #expect(time == .zero)
  }

  @Test func outputGoesToFilesOfTheDirectory() throws {
    try inTree { tree, directory in
      let command = Command(
        ["sh", "-c", "pwd; echo $WORD >&2; read line; echo $line"], environment: ["WORD": "hello"],
        input: "/etc/hostname")
      _ = try tree.wait(for: try tree.start(command, name: "program"))
      try tree.waitForAll()
      let hostname = try String(contentsOfFile: "/etc/hostname", encoding: .utf8)
      #expect(directory.text("program", "out").hasSuffix("bench-tests-\(getpid())\n\(hostname)"))
      #expect(directory.text("program", "err") == "hello\n")
      #expect(try directory.files { $0.hasSuffix(".err") }.map(\.byteCount) == [6])
    }
  }

  @Test func whatIsNotInstalledIsSaidByName() throws {
    #expect(throws: RunError.notInstalled("no-such-program")) {
      try inTree { tree, _ in _ = try tree.start(Command(["no-such-program"]), name: "x") }
    }
  }

  @Test func aRunThatDoesNotEndIsAnError() throws {
    try ProcessTree.prepare()
    let tree = ProcessTree(in: NSTemporaryDirectory(), limitSeconds: 0)
    let pid = try tree.start(Command(["cat"], input: "/dev/zero"), name: "endless")
    #expect(throws: RunError.tookTooLong("the run", seconds: 0)) { try tree.wait(for: pid) }
    tree.kill()
    #expect(kill(pid, 0) == -1)
  }

  @Test func aCampaignPairsNativeAndTracedRuns() throws {
    try ProcessTree.prepare()
    let scratch = NSTemporaryDirectory() + "/bench-campaign-\(getpid())"
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    let command = Command(["sh", "-c", "echo $FACTOR ms wall"], environment: ["FACTOR": "2"])
    let workload = Workload(
      name: "w", title: "w", kind: .program, command: command, shortCommand: command,
      timing: .inner)
    func contestant(_ name: String, factor: String, every: Int) -> Contestant {
      Contestant(name: name, version: "", everyRounds: every) { command, _ in
        var slowed = command
        slowed.environment["FACTOR"] = factor
        return slowed
      }
    }
    let campaign = Campaign(
      runner: Runner(scratch: scratch, limitSeconds: 60),
      contestants: [
        contestant("slow", factor: "6", every: 1), contestant("slower", factor: "20", every: 2),
        contestant("broken", factor: "", every: 1),
      ],
      native: contestant("native", factor: "2", every: 1), command: "", rounds: 3, memoryRuns: 1
    ) { _ in }

    let result = try campaign.measure(workload)

    #expect(result["slow"]?.ratio?.values == [3, 3, 3])
    #expect(result["slower"]?.added?.values == [18, 18])
    #expect(result["slower"]?.pairings.map(\.round) == [0, 2])
    #expect(
      result["broken"]?.failure
        == RunError.unexpectedOutput("the workload", wanted: "its milliseconds").description)
    #expect(result.native.count == 5)
    #expect(result["slow"]?.memory.count == 1)
  }

  @Test func heaptrackIsStartedByTheCompilersDriver() throws {
    // Where it is installed; elsewhere the catalog has to say so.
    let catalog = ContestantCatalog(
      library: "/dev/null", command: "c", probe: Probe(directory: "/tmp"))
    let heaptrack = catalog.all.first { $0.name == ContestantCatalog.heaptrack }
    guard let contestant = heaptrack?.contestant else {
      #expect(heaptrack?.absence?.remark.contains("install") == true)
      return
    }
    let gcc = try #require(
      WorkloadCatalog(programs: "p", sources: "s", python: "python3").all
        .first { $0.kind == .compiler })
    let wrapped = contestant.wrap(gcc.command, gcc).arguments
    #expect(wrapped.prefix(2) == ["gcc", "-wrapper"])
    #expect(wrapped.suffix(4) == gcc.command.arguments.suffix(4))
  }
}
