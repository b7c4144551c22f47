// SPDX-License-Identifier: Apache-2.0
//
// The option that names node's own log of collections, the same for every command that has it.

import ArgumentParser
import MemtraceAnalyzer
import TraceFile

/// What node printed of its collections.
struct GCLogOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Take collections from what node printed with --trace-gc.", valueName: "file"),
    completion: .file())
  var gcLog: String?

  /// The collections of the log, at the trace's times; nil where none was named.
  func collections(of trace: TraceFile) throws -> [GarbageCollection]? {
    guard let gcLog else { return nil }
    let collections = try GCLog.collections(TextFile.read(gcLog, byteLimit: .max), of: trace)
    guard !collections.isEmpty else {
      throw CommandFailure(
        "\(gcLog) has no collections in it; write it with node --trace-gc", .unusableTrace)
    }
    return collections
  }
}
