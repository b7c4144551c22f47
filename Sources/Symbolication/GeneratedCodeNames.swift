// SPDX-License-Identifier: Apache-2.0
//
// Names of code made at run time, as its maker wrote them down for perf (/tmp/perf-PID.map).

/// Finds the name of generated code at an address.
package struct GeneratedCodeNames: Sendable {
  private let ranges: LayeredRanges
  private let names: [String]

  /// Entries are given in the order they were written: a later one replaces earlier ones for the
  /// addresses it covers.
  ///
  /// - Complexity: O(n log n)
  package init(entries: [(start: UInt64, byteCount: UInt64, name: String)]) {
    ranges = LayeredRanges(
      entries.map { entry in
        let (end, overflow) = entry.start.addingReportingOverflow(entry.byteCount)
        return entry.start..<(overflow ? UInt64.max : end)
      })
    names = entries.map(\.name)
  }

  /// The function whose code holds `address`; nil when no entry covers it.
  ///
  /// - Complexity: O(log n)
  package func frame(at address: UInt64) -> Frame? {
    guard let index = ranges.top(at: address) else { return nil }
    return GeneratedCodeName(names[index]).frame(at: address)
  }

  /// The function at an address of a stack: a return address is looked up inside its call.
  package func frame(at address: CodeAddress) -> Frame? {
    guard var frame = frame(at: address.lookupAddress) else { return nil }
    frame.address = address.address
    return frame
  }
}
