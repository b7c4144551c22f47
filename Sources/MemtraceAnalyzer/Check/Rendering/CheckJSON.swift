// SPDX-License-Identifier: Apache-2.0
//
// The result of a check for programs: a public interface, versioned and described in docs/check-json.md.

import Symbolication

/// Writes results as JSON, schema `memtrace-check/1`.
package struct CheckJSON: CheckRenderer {
  package static let schema = "memtrace-check/1"

  package init() {}

  package func render(_ result: CheckResult, to output: ReportOutput) {
    var json = JSONWriter(output)
    let words = CheckWords(result: result)
    json.object(multiline: true) { json in
      json.member("schema", Self.schema)
      json.member("passed", result.passed)
      json.key("failures")
      json.array(multiline: true) { json in
        for failure in result.failures { write(failure, words, &json) }
      }
      json.key("growth")
      if let growth = result.growth { write(growth, &json) } else { json.null() }
      json.key("leaks")
      write(leaks: result, &json)
      json.member("peakBytes", result.peakBytes)
      json.key("peaks")
      json.array(multiline: true) { json in
        for site in result.peaks { write(site, &json) }
      }
      json.key("baseline")
      if let baseline = result.baseline { write(baseline, &json) } else { json.null() }
      json.key("suppressions")
      json.array(multiline: true) { json in
        for use in result.suppressions where use.siteCount > 0 || !use.suppression.isBuiltin {
          write(use, &json)
        }
      }
      json.key("processes")
      json.array(multiline: true) { json in
        for process in result.processes { write(process, &json) }
      }
    }
    output.write("\n")
  }

  private func write(_ failure: CheckFailure, _ words: CheckWords, _ json: inout JSONWriter) {
    json.object { json in
      json.member("kind", failure.kind.rawValue)
      json.member("message", words.message(failure))
      json.member("option", failure.limit?.option)
      json.key("limit")
      if let limit = failure.limit { json.value(limit.value) } else { json.null() }
      json.key("measured")
      if let measured = failure.measured { json.value(measured) } else { json.null() }
      json.member("siteList", failure.siteList?.rawValue)
      json.member("siteIndex", failure.site)
      json.member("processIndex", failure.process)
    }
  }

  private func write(_ growth: Growth, _ json: inout JSONWriter) {
    json.object(multiline: true) { json in
      json.member("batchCount", growth.batchCount)
      json.member("iterationsPerBatch", growth.marks.iterationCount)
      json.member("bytesPerIteration", growth.bytesPerIteration)
      json.member("blocksPerIteration", growth.blocksPerIteration)
      json.member("settledSiteCount", growth.settledSiteCount)
      json.key("sites")
      json.array(multiline: true) { json in
        for site in growth.sites {
          json.object { json in
            json.member("bytesPerIteration", site.bytesPerIteration)
            json.member("blocksPerIteration", site.blocksPerIteration)
            json.key("batches")
            json.array { json in
              for batch in site.batches {
                json.object { json in
                  json.member("bytes", batch.byteCount)
                  json.member("count", batch.blockCount)
                }
              }
            }
            writeMembers(of: site.site, &json)
          }
        }
      }
    }
  }

  private func write(leaks result: CheckResult, _ json: inout JSONWriter) {
    json.object(multiline: true) { json in
      json.member("judged", result.options.judgesLeaks)
      json.member("bytes", result.leakBytes)
      json.member("count", result.leakCount)
      json.key("sites")
      json.array(multiline: true) { json in
        for site in result.leaks { write(site, &json) }
      }
    }
  }

  private func write(_ site: CheckedSite, _ json: inout JSONWriter) {
    json.object { json in writeMembers(of: site, &json) }
  }

  private func writeMembers(of site: CheckedSite, _ json: inout JSONWriter) {
    json.member("bytes", site.outstandingBytes)
    json.member("count", site.outstandingCount)
    json.member("peakBytes", site.peakBytes)
    json.key("processIndexes")
    json.array { json in for process in site.processes { json.value(process) } }
    json.key("allocationFunctions")
    json.array { json in for function in site.functions { json.value(function.name) } }
    let location = SiteLocation(site.frames)
    json.key("nativeFrame")
    write(location.native, &json)
    json.key("javascriptFrame")
    write(location.javaScript, &json)
    json.member("stackTruncated", site.isTruncated)
    json.key("stack")
    json.array { json in for frame in site.frames { JSONFrameCache.write(frame, &json) } }
  }

  private func write(_ frame: Frame?, _ json: inout JSONWriter) {
    if let frame { JSONFrameCache.write(frame, &json) } else { json.null() }
  }

  private func write(_ baseline: BaselineComparison, _ json: inout JSONWriter) {
    json.object(multiline: true) { json in
      for (name, sites) in [
        ("newSiteIndexes", baseline.new), ("grownSiteIndexes", baseline.grown.map(\.site)),
        ("knownSiteIndexes", baseline.known),
      ] {
        json.key(name)
        json.array { json in for site in sites { json.value(site) } }
      }
      json.key("gone")
      json.array(multiline: true) { json in
        for (name, amount) in baseline.gone {
          json.object { json in
            json.member("bytes", amount.byteCount)
            json.member("count", amount.blockCount)
            json.key("names")
            json.array { json in for frame in name.frames { json.value(frame) } }
          }
        }
      }
    }
  }

  private func write(_ use: SuppressionUse, _ json: inout JSONWriter) {
    json.object { json in
      json.member("name", use.suppression.name)
      switch use.suppression.origin {
      case .file(let path, let line):
        json.member("builtin", false)
        json.member("path", path)
        json.member("line", line)
      case .builtin(let reason):
        json.member("builtin", true)
        json.member("reason", reason)
      }
      json.member("siteCount", use.siteCount)
      json.member("bytes", use.byteCount)
      json.member("count", use.blockCount)
    }
  }

  private func write(_ process: CheckedProcess, _ json: inout JSONWriter) {
    json.object { json in
      json.member("tracePath", process.trace.path)
      json.member("pid", process.trace.pid)
      json.member("parentPid", process.trace.parentPID)
      json.key("command")
      json.array { json in for argument in process.trace.command { json.value(argument) } }
      json.member("state", JSONRenderer.name(of: process.trace.state))
      json.member("signal", process.signal)
      json.member("complete", process.trace.isComplete)
      json.member("peakBytes", process.peakBytes)
      json.member("outstandingBytes", process.outstandingBytes)
      json.member("outstandingCount", process.outstandingCount)
      json.key("warnings")
      json.array { json in for warning in process.warnings { json.value(warning.description) } }
    }
  }
}
