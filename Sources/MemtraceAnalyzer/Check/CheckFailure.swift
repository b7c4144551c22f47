// SPDX-License-Identifier: Apache-2.0
//
// Why a gate does not let a program pass. Facts here, worded once, below.

/// One reason for which a check fails.
package enum CheckFailure: Hashable, Sendable {
  /// Something is outstanding, and nothing may be: of the result's leaks the one at `site`.
  case leak(site: Int, byteCount: UInt64, blockCount: UInt64)
  /// A limit of the whole was crossed.
  case total(CheckLimit, measured: Double)
  /// A limit of a site was crossed; of leaks, or of what grows, or of what had a peak.
  case site(CheckLimit, site: Int, measured: Double)
  /// What is not in the baseline.
  case newLeak(site: Int, byteCount: UInt64, blockCount: UInt64)
  /// What is more than the baseline has.
  case grownLeak(site: Int, byteCount: UInt64, blockCount: UInt64, from: Baseline.Amount)
  /// A process was killed or crashed; by which signal, where that is known.
  case died(process: Int)
  /// The end of a process is not in its trace, or not all of it.
  case incomplete(process: Int)
  /// The program that was to be checked left no trace.
  case notRecorded(command: String)

  package enum Kind: String, CaseIterable, Sendable {
    case leak
    case limit
    case growth
    case baseline
    case died
    case incomplete
    case notRecorded
  }

  package var kind: Kind {
    switch self {
    case .leak: .leak
    case .total(let limit, _), .site(let limit, _, _): limit.measure == .growth ? .growth : .limit
    case .newLeak, .grownLeak: .baseline
    case .died: .died
    case .incomplete: .incomplete
    case .notRecorded: .notRecorded
    }
  }

  /// The limit that was crossed.
  package var limit: CheckLimit? {
    switch self {
    case .total(let limit, _), .site(let limit, _, _): limit
    default: nil
    }
  }

  /// What was measured, where there is a limit.
  package var measured: Double? {
    switch self {
    case .total(_, let measured), .site(_, _, let measured): measured
    default: nil
    }
  }

  /// The process that it is about.
  package var process: Int? {
    switch self {
    case .died(let process), .incomplete(let process): process
    default: nil
    }
  }

  /// The list of the result in which the site stands that it is about.
  package enum SiteList: String, Sendable {
    case leaks
    case growth
    case peaks
  }

  package var siteList: SiteList? {
    guard site != nil else { return nil }
    switch limit?.measure {
    case .growth: return .growth
    case .peakBytes: return .peaks
    case .leakBytes, .leakBlocks, nil: return .leaks
    }
  }

  /// Which site of that list it is about.
  package var site: Int? {
    switch self {
    case .leak(let site, _, _), .site(_, let site, _), .newLeak(let site, _, _),
      .grownLeak(let site, _, _, _):
      site
    case .total, .died, .incomplete, .notRecorded: nil
    }
  }
}
