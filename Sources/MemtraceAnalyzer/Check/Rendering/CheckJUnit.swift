// SPDX-License-Identifier: Apache-2.0
//
// The result of a check as JUnit's XML, which every CI shows: one test suite, a test case for each
// reason for which it fails. There are two schemas, Jenkins' and Ant's; what is written is valid in both,
// so there is no attribute on the outermost element, and no element is left out that is empty.

/// Writes results as JUnit XML.
package struct CheckJUnit: CheckRenderer {
  package init() {}

  package func render(_ result: CheckResult, to output: ReportOutput) {
    let cases = CheckCase.list(result)
    let failures = cases.count { $0.failure != nil && !$0.isError }
    let errors = cases.count { $0.isError }
    let counts = #"tests="\#(cases.count)" failures="\#(failures)" errors="\#(errors)""#
    let start = result.processes.map(\.trace.startRealtimeNanoseconds).filter { $0 > 0 }.min() ?? 0
    let end =
      result.processes.map { $0.trace.startRealtimeNanoseconds &+ $0.trace.durationNanoseconds }
      .max() ?? start
    let seconds = Self.seconds(end &- start)
    // The schema has no fraction of a second here.
    let time = UTCTime(nanoseconds: start).description.prefix(19)
    output.write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
    output.write("<testsuites>\n")
    output.write(
      """
        <testsuite package="memtrace" id="0" name="memtrace check" \(counts) skipped="0" \
      time="\(seconds)" timestamp="\(time)" hostname="localhost">
          <properties/>\n
      """)
    for test in cases { write(test, to: output) }
    let summary = XMLText.escaped(CheckWords(result: result).summary)
    output.write("    <system-out>\(summary)</system-out>\n    <system-err/>\n")
    output.write("  </testsuite>\n</testsuites>\n")
  }

  private func write(_ test: CheckCase, to output: ReportOutput) {
    output.write("    <testcase name=\"\(XMLText.escaped(test.name))\"")
    output.write(" classname=\"\(XMLText.escaped(test.className))\" time=\"0\"")
    guard let failure = test.failure else { return output.write("/>\n") }
    let element = test.isError ? "error" : "failure"
    output.write(">\n      <\(element) message=\"\(XMLText.escaped(failure.message))\"")
    output.write(" type=\"\(failure.kind.rawValue)\">")
    var text = failure.message
    if let file = test.file, let line = test.line { text += "\n\(file):\(line)" }
    if !failure.details.isEmpty { text += "\n" + failure.details }
    output.write(XMLText.escaped(text))
    output.write("</\(element)>\n    </testcase>\n")
  }

  private static func seconds(_ nanoseconds: UInt64) -> String {
    let milliseconds = String(nanoseconds / 1_000_000 % 1000)
    let zeros = String(repeating: "0", count: 3 - milliseconds.count)
    return "\(nanoseconds / 1_000_000_000).\(zeros)\(milliseconds)"
  }
}

extension CheckCase {
  /// Whether there is no result, rather than a bad one.
  fileprivate var isError: Bool {
    switch failure?.kind {
    case .died, .incomplete, .notRecorded: true
    case .leak, .limit, .growth, .baseline, nil: false
    }
  }
}
