// SPDX-License-Identifier: Apache-2.0
//
// The suppressions of a check in the order in which they are tried, and what each of them silenced.

import Symbolication
import TraceFile

/// Finds the suppression of each site, and counts.
struct SuppressionSet {
  private(set) var uses: [SuppressionUse]
  private let builtinCount: Int

  init(_ options: CheckOptions) {
    let builtin = options.usesBuiltinSuppressions ? BuiltinSuppressions.all : []
    builtinCount = builtin.count
    uses = (builtin + options.suppressions.flatMap(\.suppressions)).map {
      SuppressionUse(suppression: $0)
    }
  }

  /// The sites that nothing silences; what silenced the others is counted.
  ///
  /// Not `withBuiltin` for what grows without end: no runtime does that on purpose.
  mutating func unsuppressed(_ sites: [CheckedSite], withBuiltin: Bool) -> [CheckedSite] {
    sites.filter { site in
      guard let index = index(of: site, from: withBuiltin ? 0 : builtinCount) else { return true }
      uses[index].siteCount += 1
      uses[index].blockCount &+= site.outstandingCount
      uses[index].byteCount &+= site.outstandingBytes
      return false
    }
  }

  private func index(of site: CheckedSite, from start: Int) -> Int? {
    uses[start...].firstIndex {
      $0.suppression.covers(
        site.frames, isTruncated: site.isTruncated, allocatedBy: site.functions)
    }
  }
}
