// SPDX-License-Identifier: Apache-2.0
//
// The result of a check for programs: a public interface, versioned and described in docs/check-json.md.

import Symbolication

/// Writes results as JSON, schema `memtrace-check/1`.
package struct CheckJSON: CheckRenderer {
  package static let schema = "memtrace-check/1"

  package init() {}

  package func render(_ result: CheckResult, to output: ReportOutput) {
    let words = CheckWords(result: result)
    JSONDocument.write(schema: Self.schema, to: output) { json in
      json.member("passed", result.passed)
      json.lines("failures", result.failures) { write($0, words, &$1) }
      json.optional("growth", result.growth) { write($0, &$1) }
      json.key("leaks")
      write(leaks: result, &json)
      json.member("peakBytes", result.peakBytes)
      json.objects("peaks", result.peaks) { writeMembers(of: $0, &$1) }
      json.optional("baseline", result.baseline) { write($0, &$1) }
      let uses = result.suppressions.filter { $0.siteCount > 0 || !$0.suppression.isBuiltin }
      json.lines("suppressions", uses) { write($0, &$1) }
      json.lines("processes", result.processes) { write($0, &$1) }
    }
  }

  private func write(_ failure: CheckFailure, _ words: CheckWords, _ json: inout JSONWriter) {
    json.object { json in
      json.member("kind", failure.kind.rawValue)
      json.member("message", words.message(failure))
      json.member("option", failure.limit?.option)
      json.optional("limit", failure.limit) { $1.value($0.value) }
      json.optional("measured", failure.measured) { $1.value($0) }
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
      json.objects("sites", growth.sites) { site, json in
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

  private func write(leaks result: CheckResult, _ json: inout JSONWriter) {
    json.object(multiline: true) { json in
      json.member("judged", result.options.judgesLeaks)
      json.member("bytes", result.leakBytes)
      json.member("count", result.leakCount)
      json.objects("sites", result.leaks) { writeMembers(of: $0, &$1) }
    }
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
    json.optional("nativeFrame", location.native) { JSONFrameCache.write($0, &$1) }
    json.optional("javascriptFrame", location.javaScript) { JSONFrameCache.write($0, &$1) }
    json.member("stackTruncated", site.isTruncated)
    json.key("stack")
    json.array { json in for frame in site.frames { JSONFrameCache.write(frame, &json) } }
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
      json.objects("gone", baseline.gone) { gone, json in
        json.member("bytes", gone.amount.byteCount)
        json.member("count", gone.amount.blockCount)
        json.key("names")
        json.array { json in for frame in gone.name.frames { json.value(frame) } }
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
