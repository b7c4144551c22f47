// SPDX-License-Identifier: Apache-2.0
//
// The books that a fixture kept about itself (Fixtures/books.h), and what it takes for a report to
// agree with them.

import Foundation
import Testing

/// What a fixture wrote down: sums by path of its own functions, and totals.
struct Books {
  struct Totals: Decodable {
    let allocationCount, allocatedBytes, freeCount, peakBytes, temporaryCount: Int
  }

  private struct Line: Decodable {
    let path: [String]
    let outstandingBytes, outstandingCount, totalBytes, totalCount: Int
  }

  /// Outermost function first.
  let paths: [[String]: Sums]
  let totals: Totals
  let functions: Set<String>

  init(parsing output: String) throws {
    let all = output.split(separator: "\n")
    let last = try #require(all.last, "the fixture wrote no books")
    let lines = all.dropLast()
    totals = try JSONDecoder().decode(Totals.self, from: Data(last.utf8))
    var paths: [[String]: Sums] = [:]
    for line in lines {
      let line = try JSONDecoder().decode(Line.self, from: Data(line.utf8))
      paths[line.path] = Sums(
        outstandingCount: line.outstandingCount, outstandingBytes: line.outstandingBytes,
        totalCount: line.totalCount, totalBytes: line.totalBytes)
    }
    self.paths = paths
    functions = Set(paths.keys.joined())
  }

  /// Demands that the report has, for every path, exactly what was booked, and no path more.
  ///
  /// Sites with no function of the fixture's are the runtime's own business. A report on
  /// outstanding sites alone knows nothing of the totals.
  func expectEqual(_ report: Report, withTotals: Bool = true) {
    var reported = report.sumsByPath(of: functions)
    reported[[]] = nil
    var differences: [String] = []
    for path in Set(paths.keys).union(reported.keys) {
      var booked = paths[path] ?? Sums()
      var found = reported[path] ?? Sums()
      if !withTotals {
        (booked.totalCount, booked.totalBytes) = (0, 0)
        (found.totalCount, found.totalBytes) = (0, 0)
      }
      if booked != found {
        differences.append("\(path.joined(separator: " > ")): booked \(booked), reported \(found)")
      }
    }
    let some = differences.sorted().prefix(8).joined(separator: "\n")
    #expect(
      differences.isEmpty, "\(differences.count) of \(paths.count) paths differ:\n\(some)")
  }
}
