// SPDX-License-Identifier: Apache-2.0
//
// The tree of a detailed snapshot of massif: functions that allocated, callers below each, and what
// is too little to be listed in one line a branch. Stacks are divided by function from the inside
// outwards, as far as is listed: most of a million stacks are in a branch too small after a few frames.

import Symbolication
import TraceFile

/// Writes the heap tree of one snapshot.
struct MassifTree {
  // As massif does by default.
  private static let depthLimit = 30
  private static let leastShare = 0.01
  /// What stacks without any frame begin with.
  private static let noFunction: Int32 = -1

  /// A stack, and how far outwards it was followed.
  private struct Way {
    /// The step that comes next; nothing above `StackPaths.missing`: there is none.
    var step: UInt32
    /// Which of its functions.
    var inlined: Int32 = 0
    let amount: SiteAmount
  }

  /// What goes through one function called in one way.
  private struct Branch {
    let function: Int32
    var sum = SiteAmount()
    /// Where it is large enough to be listed: the stacks, from its caller on.
    var ways: [Way] = []
  }

  private enum Line {
    case branch(Branch)
    /// So many branches, and what they hold.
    case rest(Int, UInt64)
  }

  private let steps: [StackPaths.Step]
  private let numbers: FunctionNumbers
  private var frames: FunctionFrames
  private var least: UInt64 = 1
  /// By function, the one behind the last for none: the place of its branch while one is divided.
  private var places: [Int32]

  init(_ steps: [StackPaths.Step], _ numbers: FunctionNumbers, _ frames: FrameTable) {
    self.steps = steps
    self.numbers = numbers
    self.frames = FunctionFrames(numbers, frames)
    places = [Int32](repeating: -1, count: numbers.count + 1)
  }

  /// - Complexity: O(n · depth listed) for n stacks.
  consuming func write(_ stacks: [HeldStack], to output: ReportOutput) {
    meetFunctions(of: stacks)
    let all = stacks.reduce(0) { $0 &+ $1.amount.byteCount }
    least = max(1, UInt64(Double(all) * Self.leastShare))
    let first = lines(stacks.map { Way(step: $0.end, amount: $0.amount) }, depth: 0)
    output.write("n\(first.count): \(all) ")
    output.write("(heap allocation functions) malloc/new/new[], --alloc-fns, etc.\n")
    var open = first.reversed().map { (line: $0, depth: 1) }
    while let (line, depth) = open.popLast() {
      output.write(String(repeating: " ", count: depth))
      switch line {
      case .branch(let branch):
        let below = lines(branch.ways, depth: depth)
        output.write("n\(below.count): \(branch.sum.byteCount) \(name(of: branch.function))\n")
        open += below.reversed().map { ($0, depth + 1) }
      case .rest(let count, let bytes):
        let places = count == 1 ? "1 place," : "\(count) places, all"
        output.write("n0: \(bytes) in \(places) below massif's threshold (1.00%)\n")
      }
    }
  }

  /// Looks at every step once.
  private mutating func meetFunctions(of stacks: [HeldStack]) {
    var isMet = [Bool](repeating: false, count: steps.count)
    for stack in stacks {
      var step = stack.end
      while step > StackPaths.missing, !isMet[Int(step)] {
        isMet[Int(step)] = true
        frames.meet(steps[Int(step)].meaning)
        step = steps[Int(step)].caller
      }
    }
  }

  /// The lines below a node that some stacks go through.
  private mutating func lines(_ ways: [Way], depth: Int) -> [Line] {
    guard depth < Self.depthLimit else { return [] }
    var branches: [Branch] = []
    for way in ways {
      guard let function = function(of: way, isFirst: depth == 0) else { continue }
      let place = place(function, &branches)
      branches[place].sum += way.amount
    }
    let isLarge = branches.map { $0.sum.byteCount >= least }
    for way in ways {
      guard let function = function(of: way, isFirst: depth == 0) else { continue }
      let place = place(function, &branches)
      if isLarge[place] { branches[place].ways.append(outwards(way)) }
    }
    for branch in branches { places[slot(branch.function)] = -1 }
    let rest = zip(branches, isLarge).filter { !$1 }
    let lines = zip(branches, isLarge).filter { $1 }.map(\.0).enumerated()
      .sorted {
        // The one met first comes first among equals.
        let (left, right) = ($0.element.sum, $1.element.sum)
        if left.byteCount != right.byteCount { return left.byteCount > right.byteCount }
        return left.count != right.count ? left.count > right.count : $0.offset < $1.offset
      }
      .map { Line.branch($0.element) }
    guard !rest.isEmpty else { return lines }
    return lines + [.rest(rest.count, rest.reduce(0) { $0 &+ $1.0.sum.byteCount })]
  }

  private func slot(_ function: Int32) -> Int {
    function == Self.noFunction ? numbers.count : Int(function)
  }

  private mutating func place(_ function: Int32, _ branches: inout [Branch]) -> Int {
    let slot = slot(function)
    if places[slot] < 0 {
      places[slot] = Int32(truncatingIfNeeded: branches.count)
      branches.append(Branch(function: function))
    }
    return Int(places[slot])
  }

  /// The function that comes next; nil: the stack has no more.
  private func function(of way: Way, isFirst: Bool) -> Int32? {
    guard way.step > StackPaths.missing else { return isFirst ? Self.noFunction : nil }
    let first = numbers.starts[Int(steps[Int(way.step)].meaning)]
    return numbers.numbers[Int(first + way.inlined)]
  }

  private func outwards(_ way: Way) -> Way {
    guard way.step > StackPaths.missing else { return way }
    var way = way
    way.inlined += 1
    let step = steps[Int(way.step)]
    if Int(way.inlined) == numbers.places(of: step.meaning).count {
      way.step = step.caller
      way.inlined = 0
    }
    return way
  }

  /// As massif writes a place in code: `0x4005B6: main (foo.c:12)`.
  private func name(of function: Int32) -> String {
    guard function != Self.noFunction, let frame = frames[function] else {
      return "0x0: \(FrameLabel.noStack)"
    }
    let address = String(frame.address, radix: 16, uppercase: true)
    var name = "0x\(address): \(FrameLabel.name(of: frame))"
    if let file = frame.file, !file.isEmpty {
      let base = PrintableText.escaped(file.split(separator: "/").last.map(String.init) ?? file)
      name += " (\(base)\(frame.line.map { ":\($0)" } ?? ""))"
    } else if let image = frame.image {
      name += " (in \(PrintableText.escaped(image)))"
    }
    // What is behind this sign is a comment to ms_print.
    guard name.utf8.contains(UInt8(ascii: "#")) else { return name }
    return String(name.flatMap { $0 == "#" ? "\\x23" : String($0) })
  }
}
