// SPDX-License-Identifier: Apache-2.0
//
// The JSON report, as a user's own program would read it: only what is documented.

import Foundation
import Testing

/// Blocks and bytes.
struct Sums: Equatable, CustomStringConvertible {
  var outstandingCount = 0
  var outstandingBytes = 0
  var totalCount = 0
  var totalBytes = 0

  var description: String {
    "\(outstandingCount) blocks of \(outstandingBytes) bytes outstanding, "
      + "of \(totalCount) of \(totalBytes)"
  }

  static func + (left: Self, right: Self) -> Self {
    Sums(
      outstandingCount: left.outstandingCount + right.outstandingCount,
      outstandingBytes: left.outstandingBytes + right.outstandingBytes,
      totalCount: left.totalCount + right.totalCount,
      totalBytes: left.totalBytes + right.totalBytes)
  }
}

/// A report on one trace.
struct Report {
  let contents: Contents
  /// What `memtrace report` wrote to stderr.
  let errors: String
  /// The file name of the program that was traced.
  private let image: String

  /// Reports on all sites that ever allocated, unless `options` say otherwise.
  init(
    onTrace path: String, of program: String, _ options: [String] = ["--sort", "total"]
  ) throws {
    let directory = try TemporaryDirectory()
    let json = directory.file("report.json")
    let result = try runCommand(
      ["report", "--format", "json", "--top", "0", "--sort", "total", "-o", json] + options + [path]
    )
    errors = result.errors
    guard result.ending == .exited(0) else {
      throw ReportFailure(path: path, result: result)
    }
    let bytes = try Data(contentsOf: URL(fileURLWithPath: json))
    contents = try JSONDecoder().decode(Contents.self, from: bytes)
    image = URL(fileURLWithPath: program).lastPathComponent
  }

  var summary: Contents.Summary { contents.summary }
  var trace: Contents.Trace { contents.trace }
  var sites: [Contents.Site] { contents.sites }
  var warnings: [String] { contents.warnings }

  /// The sum over all sites whose innermost frames are these functions.
  func sums(at functions: String...) -> Sums {
    sum(sites.filter { $0.functions.starts(with: functions) })
  }

  /// The sum over all sites in whose stack this function is, anywhere.
  func sums(under function: String) -> Sums {
    sum(sites.filter { $0.functions.contains(function) })
  }

  /// The sum over all sites with both functions in their stack, the first one innermost.
  func sums(under function: String, and outer: String) -> Sums {
    sum(
      sites.filter { site in
        guard let inner = site.functions.firstIndex(of: function) else { return false }
        return site.functions[inner...].contains(outer)
      })
  }

  /// Bytes still mapped by stacks with this function in them.
  func mappedBytes(under function: String) -> Int {
    contents.mappings.sites.filter { $0.stack.contains { $0.name == function } }
      .map(\.outstandingBytes).reduce(0, +)
  }

  /// The sums by path of the program's own functions, of those in `names`, outermost first.
  ///
  /// What the C and C++ runtimes allocate on their own account (`Site.isRuntimesOwn`) is left out.
  func sumsByPath(of names: Set<String>) -> [[String]: Sums] {
    var sums: [[String]: Sums] = [:]
    for site in sites where !site.isRuntimesOwn {
      let path = site.stack.reversed().filter { $0.isIn(image) && !$0.inlined }.map(\.name)
        .filter(names.contains)
      sums[path, default: Sums()] = sums[path, default: Sums()] + site.sums
    }
    return sums
  }

  private func sum(_ sites: [Contents.Site]) -> Sums { sites.map(\.sums).reduce(Sums(), +) }
}

/// A report that could not be made.
struct ReportFailure: Error, CustomStringConvertible {
  let path: String
  let result: ProgramResult

  var description: String { "report on \(path): \(result.ending), \(result.errors)" }
}

extension Report {
  /// `memtrace-report/1`.
  struct Contents: Decodable {
    struct Trace: Decodable {
      let path: String
      let pid: Int
      let command: [String]
      let state: String
      let durationNs: UInt64
      let complete: Bool
      let lostEvents: Int
      let truncatedStacks: Int
      let unmatchedFrees: Int
    }

    struct Summary: Decodable {
      let allocationCount, allocatedBytes, freeCount, outstandingCount, outstandingBytes: Int
      let peakBytes: Int
      let peakTimeNs: UInt64
      let temporaryCount, eventCount: Int
      let peakRssBytes: Int?
    }

    struct Frame: Decodable {
      let function: String?
      let file: String?
      let line: Int?
      let image: String?
      let inlined: Bool
      let kind: String
      let address: String

      /// The function without its arguments and without the suffix of a compiler's clone.
      var name: String {
        String((function ?? "?").prefix { $0 != "(" && $0 != "." })
      }

      func isIn(_ fileName: String) -> Bool {
        image.map { $0 == fileName || $0.hasSuffix("/" + fileName) } ?? false
      }
    }

    struct Site: Decodable {
      let outstandingBytes, outstandingCount, totalBytes, totalCount: Int
      let stack: [Frame]

      var sums: Sums {
        Sums(
          outstandingCount: outstandingCount, outstandingBytes: outstandingBytes,
          totalCount: totalCount, totalBytes: totalBytes)
      }

      /// The names of its functions, innermost first.
      var functions: [String] { stack.map(\.name) }

      /// Whether the blocks are those of a thread's start or end, or of a thrown exception: no
      /// function of the program asked for them.
      var isRuntimesOwn: Bool {
        let runtime = ["__cxa_allocate_exception", "__cxa_thread_atexit_impl"]
        return functions.contains { runtime.contains($0) || $0.hasPrefix("pthread_create") }
          || stack.contains { $0.image?.contains("/ld-linux") ?? false }
      }
    }

    struct Mark: Decodable {
      let name: String
      let timeNs: UInt64
    }

    /// What is mapped, beside the heap.
    struct Mappings: Decodable {
      struct Site: Decodable {
        let outstandingBytes: Int
        let stack: [Frame]
      }

      let sites: [Site]
    }

    struct LargeAllocation: Decodable {
      let timeNs: UInt64
      let bytes, count: Int
      let kind: String
      let stack: [Frame]
    }

    let schema: String
    let trace: Trace
    let summary: Summary
    let sites: [Site]
    let largeAllocations: [LargeAllocation]
    let mappings: Mappings
    let marks: [Mark]
    let warnings: [String]
  }
}
