// SPDX-License-Identifier: Apache-2.0
//
// A baseline as it stands in a repository: sorted by name and one line a function, so that a change of it
// reads as a change of the program.

extension Baseline {
  package static let schema = "memtrace-baseline/1"

  /// Reads the text of the file at `path`.
  package init(_ text: String, path: String) throws(CheckFileError) {
    func fail(_ line: Int, _ reason: String) -> CheckFileError {
      .malformed(path: path, line: line, reason: reason)
    }
    let file: JSONValue
    do {
      file = try JSONReader.value(of: text)
    } catch {
      throw fail(error.line, error.reason)
    }
    guard let schema = file["schema"]?.text else {
      throw fail(file.line, "no baseline: it has no schema; make one with --update-baseline")
    }
    guard schema == Self.schema else {
      throw fail(
        file["schema"]?.line ?? file.line,
        "schema '\(schema)' is not \(Self.schema); make it anew with --update-baseline")
    }
    guard let sites = file["sites"]?.array else { throw fail(file.line, "it has no list of sites") }
    self.init()
    for site in sites {
      guard let byteCount = site["bytes"]?.unsigned, let blockCount = site["blocks"]?.unsigned
      else {
        throw fail(site.line, "a site needs its bytes and blocks, whole numbers from 0 on")
      }
      guard let stack = site["stack"]?.array else {
        throw fail(site.line, "a site needs its stack")
      }
      var frames: [String] = []
      for frame in stack {
        guard let name = frame.text else {
          throw fail(frame.line, "a frame is written as text: \"function (file)\"")
        }
        frames.append(name)
      }
      let amount = Amount(byteCount: byteCount, blockCount: blockCount)
      let name = SiteName(frames: frames)
      amounts[name] = amounts[name].map { $0.adding(amount) } ?? amount
    }
  }

  /// Writes it down.
  package func write(to output: ReportOutput) {
    JSONDocument.write(schema: Self.schema, to: output) { json in
      json.lines("sites", amounts.sorted { $0.key < $1.key }) { site, json in
        json.object(multiline: true) { json in
          json.member("bytes", site.value.byteCount)
          json.member("blocks", site.value.blockCount)
          json.lines("stack", site.key.frames) { $1.value($0) }
        }
      }
    }
  }
}
