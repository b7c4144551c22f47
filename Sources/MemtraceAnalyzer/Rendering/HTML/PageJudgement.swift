// SPDX-License-Identifier: Apache-2.0
//
// What a timeline thinks of memory that moved, as a page carries it: the words of the text timeline,
// and the sites that go on growing by the function that answers for each.

/// The judgement of one page.
struct PageJudgement {
  let timeline: Timeline

  func write(_ json: inout JSONWriter) {
    let verdict = timeline.verdict
    let rate = verdict.bytesPerHour > 0 ? " of \(TimelineWords.rate(verdict.bytesPerHour))" : ""
    json.key("judgement")
    json.object(multiline: true) { json in
      json.member("kind", verdict.kind.rawValue)
      json.member(
        "headline",
        "Over time: \(verdict.kind.rawValue)\(rate) (confidence "
          + "\(TimelineWords.percent(verdict.confidence)))")
      json.key("evidence")
      json.array { json in for text in verdict.evidence { json.value(PageStrings.fit(text)) } }
      json.key("nextSteps")
      json.array { json in for text in verdict.nextSteps { json.value(PageStrings.fit(text)) } }
      json.key("patterns")
      json.array { json in
        for (name, pattern) in patterns {
          json.object { json in
            json.member("name", name)
            json.member("words", TimelineWords.name(pattern))
          }
        }
      }
      writeGrowingSites(&json)
    }
  }

  private var patterns: [(String, GrowthPattern)] {
    [
      ("malloc", timeline.malloc), ("mmap", timeline.mmap), ("RSS", timeline.rss),
      ("JavaScript heap", timeline.javaScriptHeap),
    ].compactMap { name, pattern in pattern.map { (name, $0) } }
  }

  private func writeGrowingSites(_ json: inout JSONWriter) {
    var responsible = ResponsibleFrames(timeline.frames, passesOverPlumbing: true)
    json.key("growing")
    json.array(multiline: true) { json in
      for site in timeline.growingSites {
        let frame = responsible.frame(of: site.stack) { _ in true }
        json.object { json in
          json.member("rate", TimelineWords.rate(site.pattern.bytesPerHour))
          json.member("growth", site.growthBytes)
          json.member("words", TimelineWords.name(site.pattern))
          json.member("function", PageStrings.fit(frame?.function ?? ""))
          json.member("file", PageStrings.fit(frame?.file ?? frame?.image ?? ""))
          json.member("line", frame?.line)
        }
      }
    }
  }
}
