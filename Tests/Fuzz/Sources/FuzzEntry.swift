// SPDX-License-Identifier: Apache-2.0
//
// What libFuzzer calls for each input (Tests/Fuzz/run). Built with MEMTRACE_FUZZ=1 alone, as its
// main function is libFuzzer's own. Which parser is meant says MEMTRACE_FUZZ_TARGET.

import Glibc
import SystemPackage

/// A parser under the fuzzer: it must come to an end with whatever it makes of the bytes.
typealias FuzzTarget = @Sendable ([UInt8]) -> Void

private let targets: [String: FuzzTarget] = [
  "trace": TraceTarget.report,
  "trace-page": TraceTarget.page,
  "trace-gate": TraceTarget.gate,
  "trace-exports": TraceTarget.exports,
  "perf-map": TextTargets.perfMap,
  "elf": ElfTarget.file,
  "program": ElfTarget.program,
  "dwp-4": ElfTarget.package,
  "dwp-5": ElfTarget.package,
  "suppressions": TextTargets.suppressions,
  "baseline": TextTargets.baseline,
  "names": TextTargets.names,
  "name-table": TextTargets.nameTable,
  "gc-log": TextTargets.gcLog,
]

private let target: FuzzTarget = {
  if let folder = getenv("MEMTRACE_FUZZ_SEEDS") {
    Seeds.write(to: String(cString: folder))
    // libFuzzer takes an orderly exit for a find.
    _exit(0)
  }
  let name = getenv("MEMTRACE_FUZZ_TARGET").map { String(cString: $0) } ?? ""
  guard let target = targets[name] else {
    let sentence = "MEMTRACE_FUZZ_TARGET is one of \(targets.keys.sorted())\n"
    _ = try? FileDescriptor.standardError.writeAll(Array(sentence.utf8))
    exit(64)
  }
  return target
}()

/// What libFuzzer calls.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  target(Array(UnsafeBufferPointer(start: bytes, count: count)))
  return 0
}
