// SPDX-License-Identifier: Apache-2.0
//
// Who calls whom, summed up over all stacks: functions, their own share, and their calls. A stack in
// which a function comes again counts once for the function and once for each of its calls.

import Symbolication
import TraceFile

/// The functions of all sites as a graph.
struct CallGraph {
  /// A line of a function; 0 where it is not known.
  struct Place: Hashable {
    var function: Int
    var line: Int
  }

  struct Call: Hashable {
    var caller: Place
    var callee: Int
  }

  /// A frame of each; two may stand for what was not recorded.
  private(set) var functions: [Frame] = []
  /// What was allocated right there.
  private(set) var own: [Place: SiteSums] = [:]
  /// What was allocated by this call, and below it.
  private(set) var calls: [Call: SiteSums] = [:]
  /// By function: what was allocated by it, and below it.
  private(set) var inclusive: [SiteSums] = []
  /// Of all sites.
  private(set) var all = SiteSums()

  private var numbers: [FunctionIdentity: Int] = [:]
  /// By address, innermost first; empty for those not met yet.
  private var places: [[Place]]

  /// - Complexity: O(n) for n steps of all stacks, on average.
  init(_ source: ExportSource) {
    let frames = source.report.frames
    places = [[Place]](repeating: [], count: frames.indices.count)
    let steps = source.sites.steps
    var isMet = [Bool](repeating: false, count: steps.count)
    // By step: of all stacks through it.
    var sums = [SiteSums](repeating: SiteSums(), count: steps.count)
    for site in source.sites.totals {
      all.add(site)
      let end = source.sites.end(of: site)
      let isEmpty = end <= StackPaths.missing
      var step = end
      while step > StackPaths.missing, !isMet[Int(step)] {
        isMet[Int(step)] = true
        meet(steps[Int(step)].meaning, frames)
        step = steps[Int(step)].caller
      }
      let innermost =
        isEmpty ? place(of: FrameLabel.noStack) : places[Int(steps[Int(end)].meaning)][0]
      own[innermost, default: SiteSums()].add(site)
      sums[Int(end)].add(site)
      if step == StackPaths.missing { _ = place(of: FrameLabel.noOuterFrames) }
    }
    let empty = Array(sums[...Int(StackPaths.missing)])
    for index in steps.indices.dropFirst(2).reversed() where isMet[index] {
      sums[Int(steps[index].caller)].add(sums[index])
    }
    addStacks(SharedSteps(steps, isMet), sums, empty)
    numbers = [:]
    places = []
  }

  /// Adds what goes through functions and calls; `empty`: what is without any frame, and without any
  /// but those that were not recorded.
  private mutating func addStacks(_ steps: SharedSteps, _ sums: [SiteSums], _ empty: [SiteSums]) {
    var walk = CallWalk(functionCount: functions.count)
    let noStack = empty.map { $0.siteCount > 0 ? place(of: FrameLabel.noStack) : nil }
    let missing = Int(StackPaths.missing)
    let noOuterFrames = sums[missing].siteCount > 0 ? place(of: FrameLabel.noOuterFrames) : nil
    for (root, outer) in [(StackPaths.outside, nil), (StackPaths.missing, noOuterFrames)] {
      if let outer { walk.enter(outer, sums[missing]) }
      if let place = noStack[Int(root)] {
        walk.enter(place, empty[Int(root)])
        walk.leave()
      }
      steps.walk(
        from: root,
        enter: { index, address in
          for place in places[Int(address)].reversed() { walk.enter(place, sums[index]) }
        },
        leave: { address in
          for _ in places[Int(address)] { walk.leave() }
        })
      if outer != nil { walk.leave() }
    }
    inclusive = walk.inclusive
    calls = walk.calls
  }

  private mutating func meet(_ address: UInt32, _ frames: FrameTable) {
    guard places[Int(address)].isEmpty else { return }
    places[Int(address)] = frames[address].map { frame in
      Place(function: number(of: frame), line: frame.line ?? 0)
    }
  }

  /// What stands for frames that were not recorded.
  private mutating func place(of remark: String) -> Place {
    Place(function: number(of: Frame(function: remark, address: 0)), line: 0)
  }

  private mutating func number(of frame: Frame) -> Int {
    let identity = FunctionIdentity(frame)
    if let known = numbers[identity] { return known }
    numbers[identity] = functions.count
    functions.append(frame)
    return functions.count - 1
  }
}

/// Goes in and out of functions, and counts what is in each, and in each of its calls, once for a
/// stack: where it was not in it already.
private struct CallWalk {
  private(set) var inclusive: [SiteSums]
  private var depthOfFunction: [Int]
  private var numbers: [CallGraph.Call: Int] = [:]
  private var sumsOfCall: [SiteSums] = []
  private var depthOfCall: [Int] = []
  /// Where it is, outermost first, and by which call it came there.
  private var path: [(place: CallGraph.Place, call: Int?)] = []

  init(functionCount: Int) {
    inclusive = [SiteSums](repeating: SiteSums(), count: functionCount)
    depthOfFunction = [Int](repeating: 0, count: functionCount)
  }

  var calls: [CallGraph.Call: SiteSums] { numbers.mapValues { sumsOfCall[$0] } }

  mutating func enter(_ place: CallGraph.Place, _ sums: SiteSums) {
    if depthOfFunction[place.function] == 0 { inclusive[place.function].add(sums) }
    depthOfFunction[place.function] += 1
    let call = path.last.map { number(of: .init(caller: $0.place, callee: place.function)) }
    if let call {
      if depthOfCall[call] == 0 { sumsOfCall[call].add(sums) }
      depthOfCall[call] += 1
    }
    path.append((place, call))
  }

  mutating func leave() {
    let (place, call) = path.removeLast()
    depthOfFunction[place.function] -= 1
    if let call { depthOfCall[call] -= 1 }
  }

  private mutating func number(of call: CallGraph.Call) -> Int {
    if let known = numbers[call] { return known }
    numbers[call] = sumsOfCall.count
    sumsOfCall.append(SiteSums())
    depthOfCall.append(0)
    return sumsOfCall.count - 1
  }
}
