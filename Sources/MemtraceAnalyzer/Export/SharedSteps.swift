// SPDX-License-Identifier: Apache-2.0
//
// The common steps of stacks from the outside inwards. Steps know their caller alone, and stacks may
// be as deep as a program cares to make them, so there are lists of what each calls, and no recursion.

import TraceFile

/// Steps, with those that they call.
struct SharedSteps {
  private let steps: [StackPaths.Step]
  /// By step, where those that it calls begin in `called`; one more, where the last ones end.
  private var starts: [UInt32]
  private var called: [UInt32]

  /// Those of `steps` that `isMet` says are wanted; with each, its caller must be.
  init(_ steps: [StackPaths.Step], _ isMet: [Bool]) {
    self.steps = steps
    let wanted = steps.indices.lazy.dropFirst(2).filter { isMet[$0] }
    starts = [UInt32](repeating: 0, count: steps.count + 1)
    for index in wanted { starts[Int(steps[index].caller) + 1] += 1 }
    for index in steps.indices { starts[index + 1] += starts[index] }
    var next = starts
    called = [UInt32](repeating: 0, count: Int(starts[steps.count]))
    for index in wanted {
      let caller = Int(steps[index].caller)
      called[Int(next[caller])] = UInt32(truncatingIfNeeded: index)
      next[caller] += 1
    }
  }

  /// Goes into each step inside of `root`, and out of it when it was in all that it calls.
  func walk(
    from root: UInt32, enter: (_ step: Int, _ meaning: UInt32) -> Void,
    leave: (_ meaning: UInt32) -> Void
  ) {
    // A step, and which of those that it calls comes next.
    var open = [(step: Int(root), next: starts[Int(root)])]
    while let (step, next) = open.last {
      if next < starts[step + 1] {
        open[open.count - 1].next += 1
        let inner = Int(called[Int(next)])
        enter(inner, steps[inner].meaning)
        open.append((inner, starts[inner]))
      } else {
        open.removeLast()
        if !open.isEmpty { leave(steps[step].meaning) }
      }
    }
  }
}
