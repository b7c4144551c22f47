// SPDX-License-Identifier: Apache-2.0
//
// Recursion in a few lines.

import Symbolication
import Testing

@testable import MemtraceAnalyzer

@Suite struct CollapsedStackTests {
  private func frames(_ names: some Sequence<String>) -> [Frame] {
    names.map { Frame(function: $0, file: "a.c", line: 1, image: "/app/a", address: 1) }
  }

  private func lines(_ frames: [Frame], limit: Int? = nil, folds: Bool = false) -> [String] {
    DecisiveFrames(frames, limit: limit, folds: folds).lines.map { line in
      if case .frame(let frame) = line { frame.function ?? "?" } else { line.words ?? "?" }
    }
  }

  private func repeated(_ names: String..., times: Int) -> [String] {
    Array(repeatElement(names, count: times).joined())
  }

  @Test func aFunctionThatCallsItselfStandsThereOnce() {
    let stack = frames(["leak"] + repeated("walk", times: 510) + ["main"])
    #expect(lines(stack) == ["leak", "walk", "repeated 509 more times", "main"])
  }

  @Test func functionsThatCallEachOtherInACircleStandThereOnce() {
    let stack = frames(["leak"] + repeated("value", "list", "item", times: 100) + ["main"])
    #expect(
      lines(stack) == [
        "leak", "value", "list", "item", "these 3 frames repeated 99 more times", "main",
      ])
  }

  @Test func aCircleThatIsLeftInTheMiddleKeepsItsRest() {
    let stack = frames(repeated("a", "b", times: 3) + ["a", "main"])
    #expect(lines(stack) == ["a", "b", "these 2 frames repeated 2 more times", "a", "main"])
  }

  @Test func twoOrThreeCallsAreNoCircle() {
    #expect(lines(frames(repeated("f", times: 3))) == ["f", "f", "f"])
    #expect(lines(frames(["a", "b", "a", "b"])) == ["a", "b", "a", "b"])
  }

  @Test func differentLinesAreDifferentCalls() {
    var stack = frames(repeated("walk", times: 20))
    for index in stack.indices where index % 2 == 0 { stack[index].line = 2 }
    #expect(lines(stack) == ["walk", "walk", "these 2 frames repeated 9 more times"])
    for index in stack.indices { stack[index].line = index }
    #expect(lines(stack).count == 20)
  }

  @Test func whatIsLeftOutIsCountedWhole() {
    let stack = frames(["leak"] + repeated("walk", times: 510) + ["main"])
    #expect(lines(stack, limit: 1) == ["leak", "511 frames"])
    #expect(
      lines(stack, limit: 2, folds: true) == ["leak", "walk", "repeated 509 more times", "1 frame"])
  }

  @Test func plumbingInACircleIsFolded() {
    let stack =
      frames(["leak"])
      + Array(
        repeatElement(
          [
            Frame(
              function: "visit", file: "/a.js", line: 3, column: 9, address: 1, kind: .javascript),
            Frame(function: "Builtins_ArrayForEach", image: "/usr/bin/node", address: 2),
          ], count: 50
        ).joined()) + frames(["main"])
    #expect(
      lines(stack, folds: true) == [
        "leak", "visit", "1 frame of node", "these 2 frames repeated 49 more times", "main",
      ])
  }

  @Test func allFramesAreAccountedFor() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<200 {
      let stack = frames(
        (0..<Int.random(in: 0...60, using: &random)).map { _ in
          String(Int.random(in: 0..<3, using: &random))
        })
      let entries = CollapsedStack(stack).entries
      #expect(entries.reduce(0) { $0 + 1 + $1.hiddenCount } == stack.count)
    }
  }
}
