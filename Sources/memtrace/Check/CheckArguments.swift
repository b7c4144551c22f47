// SPDX-License-Identifier: Apache-2.0
//
// The options of a gate, which `check` and `run --check` share.

import ArgumentParser
import MemtraceAnalyzer

/// What is checked, and where the result goes besides the screen.
struct CheckArguments: ParsableArguments {
  @Option(help: ArgumentHelp("Most bytes that may leak in all.", valueName: "size"))
  var maxLeakBytes: ByteSize?

  @Option(help: ArgumentHelp("Most blocks that may leak in all.", valueName: "n"))
  var maxLeakBlocks: UInt64?

  @Option(help: ArgumentHelp("Highest peak of the heap.", valueName: "size"))
  var maxPeakBytes: ByteSize?

  @Option(
    help: ArgumentHelp(
      "Most bytes that an iteration may add; needs --batch-marks.", valueName: "bytes/iteration"))
  var maxGrowth: GrowthRate?

  @Option(help: ArgumentHelp("The same, of each stack on its own.", valueName: "size"))
  var maxSiteLeakBytes: ByteSize?

  @Option(help: .hidden)
  var maxSiteLeakBlocks: UInt64?

  @Option(help: .hidden)
  var maxSitePeakBytes: ByteSize?

  @Option(help: .hidden)
  var maxSiteGrowth: GrowthRate?

  @OptionGroup var images: ImageFilter

  @Option(
    help: ArgumentHelp(
      "Judge what grows between the marks named so with 0, 1, 2, ... behind.", valueName: "prefix"))
  var batchMarks: String?

  @Option(
    help: ArgumentHelp("Iterations between two of these marks.", valueName: "n"))
  var iterations: UInt64?

  @Option(
    help: ArgumentHelp(
      "Stacks not to report, as LeakSanitizer or valgrind write them down. May be given several "
        + "times.", valueName: "file"), completion: .file())
  var suppressions: [String] = []

  @Flag(
    inversion: .prefixedNo,
    help: "Leave out what node, V8, OpenSSL, libc and libstdc++ hold on purpose.")
  var builtinSuppressions = true

  @Option(
    help: ArgumentHelp(
      "Let pass what this file has, if it has not grown.", valueName: "file"), completion: .file())
  var baseline: String?

  @Flag(help: "Write what was found to the file of --baseline.")
  var updateBaseline = false

  @Flag(help: "Let pass processes that were killed; what they held is not judged.")
  var allowKilled = false

  func validate() throws {
    if updateBaseline, baseline == nil {
      throw ValidationError("--update-baseline needs --baseline FILE")
    }
    if batchMarks == nil {
      if iterations != nil { throw ValidationError("--iterations needs --batch-marks PREFIX") }
      if maxGrowth != nil || maxSiteGrowth != nil {
        throw ValidationError("--max-growth needs --batch-marks PREFIX and --iterations N")
      }
    } else {
      guard let iterations, iterations > 0 else {
        throw ValidationError("--batch-marks needs --iterations N, from 1 on")
      }
    }
  }

  /// Whether anything was asked for that only a gate has.
  var isUsed: Bool {
    !limits.isEmpty || !images.onlyImage.isEmpty || batchMarks != nil || !suppressions.isEmpty
      || !builtinSuppressions || baseline != nil || allowKilled
  }

  private var limits: [CheckLimit] {
    var limits: [CheckLimit] = []
    func add(_ measure: CheckLimit.Measure, _ scope: CheckLimit.Scope, _ value: Double?) {
      if let value { limits.append(CheckLimit(measure, scope, value)) }
    }
    add(.leakBytes, .total, maxLeakBytes.map { Double($0.byteCount) })
    add(.leakBytes, .site, maxSiteLeakBytes.map { Double($0.byteCount) })
    add(.leakBlocks, .total, maxLeakBlocks.map { Double($0) })
    add(.leakBlocks, .site, maxSiteLeakBlocks.map { Double($0) })
    add(.peakBytes, .total, maxPeakBytes.map { Double($0.byteCount) })
    add(.peakBytes, .site, maxSitePeakBytes.map { Double($0.byteCount) })
    add(.growth, .total, maxGrowth?.byteCount)
    add(.growth, .site, maxSiteGrowth?.byteCount)
    return limits
  }

  /// What they ask for, with the files they name read.
  func options() throws -> CheckOptions {
    var options = CheckOptions()
    options.limits = limits
    options.onlyImages = images.onlyImage
    options.batches = batchMarks.flatMap { prefix in
      iterations.map { BatchMarks(prefix: prefix, iterationCount: $0) }
    }
    options.usesBuiltinSuppressions = builtinSuppressions
    options.allowsKilled = allowKilled
    for path in suppressions {
      options.suppressions.append(try SuppressionFile(TextFile.read(path), path: path))
    }
    if let baseline, !updateBaseline {
      options.baseline = try Baseline(TextFile.read(baseline), path: baseline)
    }
    return options
  }

  /// Writes the baseline, where that was asked for; returns whether it did.
  func update(with result: CheckResult) throws {
    guard updateBaseline, let path = baseline else { return }
    let isWhole = result.failures.allSatisfy { failure in
      switch failure.kind {
      case .died, .incomplete, .notRecorded: false
      case .leak, .limit, .growth, .baseline: true
      }
    }
    guard isWhole else {
      throw CommandFailure(
        "\(path) is left as it is: the run did not come to its end, so what it leaks is not known",
        .gateFailed)
    }
    let destination = try OutputFile(
      path: path, notOverwriting: result.processes.first?.trace.path ?? path + "/")
    try destination.write { Baseline(of: result.leaks).write(to: $0) }
  }
}

/// Bytes an iteration: `0`, `12.5`, `12.5/iteration`, `1K`.
struct GrowthRate: ExpressibleByArgument {
  let byteCount: Double

  init?(argument: String) {
    var text = argument[...]
    for suffix in ["/iteration", "/it"] where text.hasSuffix(suffix) {
      text.removeLast(suffix.count)
    }
    if let number = Double(text) {
      guard number >= 0, number.isFinite else { return nil }
      byteCount = number
    } else {
      guard let size = ByteSize(argument: String(text)) else { return nil }
      byteCount = Double(size.byteCount)
    }
  }
}
