// SPDX-License-Identifier: Apache-2.0
//
// The result of a check in the Static Analysis Results Interchange Format 2.1.0, which code hosts show
// beside the source: the line of the add-on's own code, or else that of the JavaScript.

import Symbolication

/// Writes results as SARIF.
package struct CheckSARIF: CheckRenderer {
  private static let schema =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
  private static let rootName = "%SRCROOT%"
  private static let stackLimit = 100

  /// One for each kind of failure, in the order of their kinds.
  private static let rules: [(kind: CheckFailure.Kind, name: String, text: String)] = [
    (.leak, "Leak", "Memory was allocated and never given back."),
    (.limit, "LimitCrossed", "A limit that was set for memory is crossed."),
    (.growth, "GrowthPerIteration", "Every iteration leaves memory behind."),
    (.baseline, "NewLeak", "More leaks than the baseline allows."),
    (.died, "ProcessDied", "A process was killed or crashed."),
    (.incomplete, "IncompleteTrace", "A trace is not complete."),
    (.notRecorded, "NotRecorded", "A program was not recorded."),
  ]

  private let root: SourceRoot
  private let rootPath: String
  private let version: String

  /// - Parameters:
  ///   - root: the folder whose files are named from there on.
  ///   - version: of this program.
  package init(root: String, version: String) {
    self.root = SourceRoot(root)
    rootPath = root
    self.version = version
  }

  package func render(_ result: CheckResult, to output: ReportOutput) {
    var json = JSONWriter(output)
    let words = CheckWords(result: result)
    json.object(multiline: true) { json in
      json.member("$schema", Self.schema)
      json.member("version", "2.1.0")
      json.key("runs")
      json.array(multiline: true) { json in
        json.object(multiline: true) { json in
          writeTool(&json)
          writeInvocations(result, &json)
          json.key("originalUriBaseIds")
          json.object { json in
            json.key(Self.rootName)
            json.object { json in
              json.member("uri", "file://" + Self.uri(ofPath: rootPath) + "/")
            }
          }
          json.member("columnKind", "unicodeCodePoints")
          json.key("results")
          json.array(multiline: true) { json in
            for failure in result.failures { write(failure, words, &json) }
          }
        }
      }
    }
    output.write("\n")
  }

  private func writeTool(_ json: inout JSONWriter) {
    json.key("tool")
    json.object(multiline: true) { json in
      json.key("driver")
      json.object(multiline: true) { json in
        json.member("name", "memtrace")
        json.member("semanticVersion", version)
        json.key("rules")
        json.array(multiline: true) { json in
          for rule in Self.rules {
            json.object { json in
              json.member("id", Self.id(of: rule.kind))
              json.member("name", rule.name)
              json.key("shortDescription")
              json.object { json in json.member("text", rule.text) }
              json.key("defaultConfiguration")
              json.object { json in json.member("level", "error") }
            }
          }
        }
      }
    }
  }

  private static func id(of kind: CheckFailure.Kind) -> String { "memtrace/\(kind.rawValue)" }

  private func writeInvocations(_ result: CheckResult, _ json: inout JSONWriter) {
    json.key("invocations")
    json.array { json in
      json.object { json in
        // Whether the check could be made, not what came out of it.
        json.member(
          "executionSuccessful",
          result.failures.allSatisfy { $0.kind != .notRecorded && $0.kind != .incomplete })
      }
    }
  }

  private func write(_ failure: CheckFailure, _ words: CheckWords, _ json: inout JSONWriter) {
    let site = words.leadingSite(of: failure)
    let location = site.map { SiteLocation($0.frames) }
    json.object(multiline: true) { json in
      json.member("ruleId", Self.id(of: failure.kind))
      json.member("ruleIndex", Self.rules.firstIndex { $0.kind == failure.kind })
      json.member("level", "error")
      json.key("message")
      json.object { json in
        json.member("text", text(failure, location, words))
      }
      json.key("locations")
      json.array { json in
        if let frame = location?.source ?? location?.best { write(frame, &json) }
      }
      if let site {
        json.key("partialFingerprints")
        json.object { json in
          json.member("memtraceSite/v1", fingerprint(SiteName(site.frames)))
        }
        write(site, &json)
      }
    }
  }

  private func text(
    _ failure: CheckFailure, _ location: SiteLocation?, _ words: CheckWords
  ) -> String {
    var text = words.message(failure)
    if let frame = location?.best, let function = frame.function {
      text += " in \(PrintableText.escaped(function))"
    }
    if let script = location?.javaScript, location?.native != nil {
      text += ", called from \(PrintableText.escaped(CheckWords.call(script)))"
    }
    return text + "."
  }

  /// Equal for the same stack in another build.
  private func fingerprint(_ name: SiteName) -> String {
    // FNV-1a: known everywhere, and all that is asked of it is to differ.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in name.frames.joined(separator: "\n").utf8 {
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  private func write(_ site: CheckedSite, _ json: inout JSONWriter) {
    json.key("stacks")
    json.array(multiline: true) { json in
      json.object(multiline: true) { json in
        json.key("message")
        json.object { json in json.member("text", "Where the blocks were allocated") }
        json.key("frames")
        json.array(multiline: true) { json in
          for frame in site.frames.prefix(Self.stackLimit) {
            json.object { json in
              json.key("location")
              write(frame, &json)
              let module = frame.image.map { PrintableText.escaped($0) }
              if let module { json.member("module", module) }
            }
          }
        }
      }
    }
  }

  /// A location; without a file it has the function's name alone.
  private func write(_ frame: Frame, _ json: inout JSONWriter) {
    json.object { json in
      if let file = frame.file, !file.isEmpty, !file.hasPrefix("node:") {
        json.key("physicalLocation")
        json.object { json in
          json.key("artifactLocation")
          json.object { json in
            if let inside = root.relative(file) {
              json.member("uri", Self.uri(ofPath: inside))
              json.member("uriBaseId", Self.rootName)
            } else {
              json.member(
                "uri", file.hasPrefix("file:") ? file : "file://" + Self.uri(ofPath: file))
            }
          }
          if let line = frame.line, line > 0 {
            json.key("region")
            json.object { json in
              json.member("startLine", line)
              if let column = frame.column, column > 0 { json.member("startColumn", column) }
            }
          }
        }
      }
      json.key("logicalLocations")
      json.array { json in
        json.object { json in
          let name = frame.function ?? "0x" + String(frame.imageOffset ?? frame.address, radix: 16)
          json.member("fullyQualifiedName", PrintableText.escaped(name))
          json.member("kind", "function")
        }
      }
    }
  }

  /// A path with everything escaped that a URI cannot have in one.
  private static func uri(ofPath path: String) -> String {
    var result = ""
    for byte in path.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "/"), UInt8(ascii: "+"),
        UInt8(ascii: "@"), UInt8(ascii: ","), UInt8(ascii: "="):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        result += "%" + (digits.count < 2 ? "0" : "") + digits
      }
    }
    return result
  }
}
