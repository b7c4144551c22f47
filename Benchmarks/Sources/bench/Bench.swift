// SPDX-License-Identifier: Apache-2.0
//
// The command that `make bench` runs: measures memtrace beside its peers, and beside what was
// promised. Tables go to stdout, everything measured to a JSON file, progress to stderr.

import ArgumentParser
import Foundation

@main
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measures memtrace beside native runs and beside other tracers.")

  @Option(help: "The folder of the repository, where everything is built.")
  var root = "."

  @Option(
    name: [.customLong("workload"), .short],
    help: "Only workloads whose names start so; may be given several times.")
  var workloadPrefixes: [String] = []

  @Option(
    name: [.customLong("contestant"), .short],
    help: "Only this contestant, and native; may be given several times.")
  var contestantNames: [String] = []

  @Option(help: "Rounds of native and traced runs.")
  var rounds: Int?

  @Flag(help: "A look in a few minutes: three rounds, memtrace and heaptrack, no large recordings.")
  var quick = false

  @Flag(
    inversion: .prefixedNo,
    help: "Make the recordings of 100 million events. (default: unless workloads are named)")
  var large: Bool?

  @Option(help: "The JSON file. (default: ROOT/build/benchmarks/bench.json)")
  var output: String?

  @Option(help: "Where programs run and record. (default: ROOT/build/benchmarks/run)")
  var scratch: String?

  @Option(help: "A Markdown file whose figures are to be replaced by those of this run.")
  var readme: String?

  @Flag(help: "List workloads and contestants, and measure nothing.")
  var list = false

  func validate() throws {
    guard let readme else { return }
    let text = try String(contentsOfFile: readme, encoding: .utf8)
    guard text.contains(ReadmeSection.start) && text.contains(ReadmeSection.end) else {
      throw ValidationError("\(readme) has no line \(ReadmeSection.start)")
    }
  }

  mutating func run() throws {
    try ProcessTree.prepare()
    let folder = URL(fileURLWithPath: root).standardizedFileURL.path
    let scratch = self.scratch ?? "\(folder)/build/benchmarks/run"
    try RunDirectory(path: "\(scratch)/probe").empty()
    let probe = Probe(directory: "\(scratch)/probe")
    let catalog = ContestantCatalog(
      library: "\(folder)/build/lib/libmemtrace.so", command: "\(folder)/build/bin/memtrace",
      probe: probe)
    let workloads = selectedWorkloads(in: folder, probe)
    let candidates = selectedCandidates(of: catalog)
    if list {
      for workload in workloads { print(workload.name, "(\(workload.title))") }
      for candidate in candidates { print(candidate.line) }
      return
    }
    let campaign = try campaign(among: candidates, catalog, scratch: scratch)
    let file = URL(fileURLWithPath: output ?? "\(folder)/build/benchmarks/bench.json")
    var report = BenchReport(
      date: Date.now.ISO8601Format(), machine: .current(probe), rounds: campaign.rounds,
      isQuick: quick,
      contestants: ([campaign.native] + campaign.contestants).map {
        .init(name: $0.name, remark: $0.version)
      },
      absent: candidates.compactMap(\.absence))
    try measure(workloads, campaign, into: &report, savedAt: file)
    if !quick && large ?? workloadPrefixes.isEmpty {
      try measureLarge(campaign, catalog, programs: "\(folder)/build/benchmarks", into: &report)
    }
    report.bars = BarTable(workloads: report.workloads, large: report.large).bars
    if !workloadPrefixes.isEmpty { report.bars.removeAll { $0.verdict == .unmeasured } }
    report.machine.loadAfter = Machine.load()
    try publish(report, in: file)
  }

  private func publish(_ report: BenchReport, in file: URL) throws {
    try report.json().write(to: file)
    if let readme {
      try ReadmeSection.text(try String(contentsOfFile: readme, encoding: .utf8), with: report)?
        .write(toFile: readme, atomically: true, encoding: .utf8)
    }
    print(report.text, terminator: "")
  }

  private func campaign(
    among candidates: [Candidate], _ catalog: ContestantCatalog, scratch: String
  ) throws -> Campaign {
    let present = candidates.compactMap(\.contestant)
    guard let native = present.first else { throw CleanExit.message("nobody takes part") }
    return Campaign(
      runner: Runner(scratch: scratch, limitSeconds: 900), contestants: Array(present.dropFirst()),
      native: native, command: catalog.command, rounds: rounds ?? (quick ? 3 : 9),
      memoryRuns: quick ? 1 : 3, progress: Self.say)
  }

  /// Measures one workload after the other; what was measured so far is on disk after each.
  private func measure(
    _ workloads: [Workload], _ campaign: Campaign, into report: inout BenchReport,
    savedAt file: URL
  ) throws {
    for workload in workloads {
      do {
        report.workloads.append(try campaign.measure(workload))
      } catch let error as RunError {
        report.absent.append(.init(name: workload.title, remark: error.description))
      }
      try report.json().write(to: file)
    }
  }

  private func measureLarge(
    _ campaign: Campaign, _ catalog: ContestantCatalog, programs: String,
    into report: inout BenchReport
  ) throws {
    guard let folding = catalog.memtrace().contestant,
      let unfolding = catalog.memtrace(folding: false).contestant
    else { return }
    do {
      report.large = try LargeCampaign(
        campaign: campaign, folding: folding, unfolding: unfolding, programs: programs
      ).measure()
    } catch let error as RunError {
      report.absent.append(.init(name: "large recordings", remark: error.description))
    }
  }

  private func selectedWorkloads(in folder: String, _ probe: Probe) -> [Workload] {
    let python = probe.firstLine(of: ["python3", "-c", "import sys; print(sys.executable)"])
    let all = WorkloadCatalog(
      programs: "\(folder)/build/benchmarks", sources: "\(folder)/Benchmarks/workloads",
      python: python.isEmpty ? "python3" : python
    ).all
    guard !workloadPrefixes.isEmpty else { return all }
    return all.filter { workload in workloadPrefixes.contains { workload.name.hasPrefix($0) } }
  }

  private func selectedCandidates(of catalog: ContestantCatalog) -> [Candidate] {
    var names = contestantNames
    if names.isEmpty && quick { names = [ContestantCatalog.memtrace, ContestantCatalog.heaptrack] }
    guard !names.isEmpty else { return catalog.all }
    return catalog.all.filter { $0.name == ContestantCatalog.native || names.contains($0.name) }
  }

  private static func say(_ line: String) {
    FileHandle.standardError.write(Data("\(line)\n".utf8))
  }
}
