// SPDX-License-Identifier: Apache-2.0
//
// The functions of a report's addresses by number: where stacks are laid over each other, a function
// is looked up by name once for each address, not once for each frame of each stack.

import Symbolication

/// Numbers of functions, below `count`.
struct FunctionNumbers {
  private(set) var count = 0
  /// Those of all addresses, one after the other, each address's innermost first.
  private(set) var numbers: [Int32] = []
  /// By address: where its own begin; one more, where the last ones end.
  private(set) var starts: [Int32] = [0]

  init(_ frames: FrameTable) {
    var known: [FunctionIdentity: Int32] = [:]
    for address in frames.indices {
      for frame in frames[address] {
        let identity = FunctionIdentity(frame)
        let number = known[identity] ?? Int32(truncatingIfNeeded: known.count)
        known[identity] = number
        numbers.append(number)
      }
      starts.append(Int32(truncatingIfNeeded: numbers.count))
    }
    count = known.count
  }

  /// Where the numbers of an address are.
  @inline(__always)
  func places(of address: UInt32) -> Range<Int> {
    Int(starts[Int(address)])..<Int(starts[Int(address) + 1])
  }
}

/// A frame for each function that was met.
///
/// It is the first one met; its line is that of the calls where all are on one.
struct FunctionFrames {
  private let numbers: FunctionNumbers
  private let frames: FrameTable
  private var isMet: [Bool]
  /// By number.
  private var found: [Frame?]

  init(_ numbers: FunctionNumbers, _ frames: FrameTable) {
    self.numbers = numbers
    self.frames = frames
    isMet = [Bool](repeating: false, count: frames.indices.count)
    found = [Frame?](repeating: nil, count: numbers.count)
  }

  subscript(function: Int32) -> Frame? { found[Int(function)] }

  mutating func meet(_ address: UInt32) {
    guard !isMet[Int(address)] else { return }
    isMet[Int(address)] = true
    for (place, frame) in zip(numbers.places(of: address), frames[address]) {
      let number = Int(numbers.numbers[place])
      guard let known = found[number] else {
        found[number] = frame
        continue
      }
      if known.line != frame.line {
        found[number]?.line = nil
        found[number]?.column = nil
      }
    }
  }
}
