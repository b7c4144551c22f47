// SPDX-License-Identifier: Apache-2.0
//
// From what was found to what does not pass.

extension CheckResult {
  /// Fills in `failures`.
  mutating func judge(notRecorded: String?) {
    failures = []
    if let notRecorded { failures.append(.notRecorded(command: notRecorded)) }
    judgeProcesses()
    if options.batches != nil { judgeGrowth() }
    if options.judgesLeaks { judgeLeaks() }
    judgePeaks()
  }

  /// A result is one of whole processes only.
  private mutating func judgeProcesses() {
    for (index, process) in processes.enumerated() {
      switch process.trace.state {
      case .killed where !options.allowsKilled: failures.append(.died(process: index))
      case .stopped: failures.append(.incomplete(process: index))
      case .killed, .running, .exited, .executed:
        if process.trace.lostEventCount > 0 || process.trace.isDamaged {
          failures.append(.incomplete(process: index))
        }
      }
    }
  }

  private mutating func judgeGrowth() {
    guard let growth else { return }
    if let limit = options.limit(.growth, .total), growth.bytesPerIteration > limit.value {
      failures.append(.total(limit, measured: growth.bytesPerIteration))
    }
    let isLimited = options.limits.contains { $0.measure == .growth }
    let own = options.limit(.growth, .site)
    for (index, site) in growth.sites.enumerated() {
      // Without a limit nothing may grow, not even by blocks without a size.
      if !isLimited {
        failures.append(
          .site(CheckLimit(.growth, .site, 0), site: index, measured: site.bytesPerIteration))
      } else if let own, site.bytesPerIteration > own.value {
        failures.append(.site(own, site: index, measured: site.bytesPerIteration))
      }
    }
  }

  private mutating func judgeLeaks() {
    if let baseline {
      for entry in baseline.new {
        let site = leaks[entry]
        failures.append(
          .newLeak(
            site: entry, byteCount: site.outstandingBytes, blockCount: site.outstandingCount))
      }
      for (entry, old) in baseline.grown {
        let site = leaks[entry]
        failures.append(
          .grownLeak(
            site: entry, byteCount: site.outstandingBytes, blockCount: site.outstandingCount,
            from: old))
      }
    } else if !options.limits.contains(where: \.isOfLeaks) {
      failures += leaks.enumerated().map {
        .leak(
          site: $0.offset, byteCount: $0.element.outstandingBytes,
          blockCount: $0.element.outstandingCount)
      }
    }
    judge(.leakBytes, total: leakBytes, \.outstandingBytes)
    judge(.leakBlocks, total: leakCount, \.outstandingCount)
  }

  private mutating func judge(
    _ measure: CheckLimit.Measure, total: UInt64, _ amount: KeyPath<CheckedSite, UInt64>
  ) {
    if let limit = options.limit(measure, .total), Double(total) > limit.value {
      failures.append(.total(limit, measured: Double(total)))
    }
    guard let limit = options.limit(measure, .site) else { return }
    for (index, site) in leaks.enumerated() where Double(site[keyPath: amount]) > limit.value {
      failures.append(.site(limit, site: index, measured: Double(site[keyPath: amount])))
    }
  }

  private mutating func judgePeaks() {
    if let limit = options.limit(.peakBytes, .total), Double(peakBytes) > limit.value {
      failures.append(.total(limit, measured: Double(peakBytes)))
    }
    guard let limit = options.limit(.peakBytes, .site) else { return }
    for (index, site) in peaks.enumerated() {
      failures.append(.site(limit, site: index, measured: Double(site.peakBytes)))
    }
  }
}
