// SPDX-License-Identifier: Apache-2.0
//
// All contestants, each with the options that make it exact: every allocation with its stack, as
// memtrace does it. What is not installed is absent, by name and with the reason.

import Foundation

/// The contestants that this machine has.
struct ContestantCatalog {
  static let native = "native"
  static let memtrace = "memtrace"
  static let heaptrack = "heaptrack"

  /// `build/lib/libmemtrace.so`.
  let library: String
  /// `build/bin/memtrace`.
  let command: String
  let probe: Probe

  /// Everything, in the order of the tables; native is the first.
  var all: [Candidate] {
    [
      .present(
        Contestant(name: Self.native, version: "", everyRounds: 1, wrap: { command, _ in command })),
      memtrace(), heaptrack(), valgrind(), leakSanitizer(), gperftools(), jemalloc(),
    ]
  }

  /// memtrace itself; `MEMTRACE_FOLD=0` writes out every event.
  func memtrace(folding: Bool = true) -> Candidate {
    guard FileManager.default.fileExists(atPath: library) else {
      return .absent(name: Self.memtrace, reason: "\(library) is not built")
    }
    let variables = ["MEMTRACE_OUTPUT": "trace.bin"].merging(
      folding ? [:] : ["MEMTRACE_FOLD": "0"]
    ) { $1 }
    return .present(
      Contestant(
        name: Self.memtrace, version: "", everyRounds: 1,
        wrap: { command, _ in command.preloading(library, variables) },
        recording: .init(
          includes: { $0.hasPrefix("trace.") && $0.hasSuffix(".bin") },
          report: { Command([command, "report", $0]) })))
  }

  private func heaptrack() -> Candidate {
    guard let path = Command.installed("heaptrack") else { return missing(Self.heaptrack) }
    // Its script opens the window of heaptrack_gui after the run, where there is one; newer
    // versions have an option not to.
    let recordsOnly = probe.output(of: [path, "--help"]).contains("--record-only")
    if !recordsOnly && Command.installed("heaptrack_gui") != nil {
      return .absent(
        name: Self.heaptrack, reason: "heaptrack_gui is installed and would open after every run")
    }
    let script = [path] + (recordsOnly ? ["--record-only"] : [])
    return .present(
      Contestant(
        name: Self.heaptrack, version: probe.firstLine(of: [path, "--version"]), everyRounds: 2,
        wrap: { command, workload in
          var wrapped = command
          // It does not follow the programs that a program starts; gcc can be told to start them
          // under it.
          wrapped.arguments =
            workload.kind == .compiler
            ? [command.arguments[0], "-wrapper", script.joined(separator: ",")]
              + command.arguments.dropFirst()
            : script + command.arguments
          return wrapped
        },
        recording: .init(
          includes: { $0.hasPrefix("heaptrack.") && ($0.hasSuffix(".zst") || $0.hasSuffix(".gz")) },
          report: { Command(["heaptrack_print", $0]) })))
  }

  private func valgrind() -> Candidate {
    guard let path = Command.installed("valgrind") else { return missing("valgrind") }
    return .present(
      Contestant(
        name: "valgrind", version: probe.firstLine(of: [path, "--version"]) + " memcheck",
        everyRounds: 8, isShort: true,
        wrap: { command, _ in
          var wrapped = command
          wrapped.arguments =
            [
              path, "--tool=memcheck", "--leak-check=full", "--num-callers=64",
              "--trace-children=yes", "--log-file=valgrind.%p",
            ] + command.arguments
          return wrapped
        }))
  }

  private func leakSanitizer() -> Candidate {
    guard let library = probe.library("liblsan.so.0") else {
      return missing("LeakSanitizer", "liblsan.so.0")
    }
    return .present(
      Contestant(
        name: "LeakSanitizer", version: "preloaded \(library.version)", everyRounds: 4,
        wrap: { command, _ in
          // What it finds is not to be the program's failure.
          command.preloading(library.path, ["LSAN_OPTIONS": "exitcode=0:log_path=lsan"])
        }))
  }

  private func gperftools() -> Candidate {
    guard let library = probe.library("libtcmalloc.so.4") else {
      return missing("gperftools", "libtcmalloc.so.4")
    }
    return .present(
      Contestant(
        name: "gperftools", version: "heap profiler, \(library.version)", everyRounds: 4,
        isShort: true,
        wrap: { command, _ in command.preloading(library.path, ["HEAPPROFILE": "gperftools"]) }))
  }

  private func jemalloc() -> Candidate {
    guard let library = probe.library("libjemalloc.so.2") else {
      return missing("jemalloc", "libjemalloc.so.2")
    }
    let profile = "prof:true,lg_prof_sample:0,prof_final:true,prof_prefix:jemalloc"
    let complaints = probe.output(
      of: ["true"], environment: ["LD_PRELOAD": library.path, "MALLOC_CONF": profile])
    guard !complaints.contains("Invalid conf pair") else {
      return .absent(name: "jemalloc", reason: "\(library.path) was built without its profiler")
    }
    return .present(
      Contestant(
        name: "jemalloc", version: "profiler, every block, \(library.version)", everyRounds: 4,
        isShort: true,
        wrap: { command, _ in command.preloading(library.path, ["MALLOC_CONF": profile]) }))
  }

  private func missing(_ name: String, _ what: String? = nil) -> Candidate {
    .absent(name: name, reason: "\(what ?? name) is not installed (make bench-peers)")
  }
}
