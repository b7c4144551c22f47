// SPDX-License-Identifier: Apache-2.0
//
// Finds out which stacks look the same, without comparing stacks.

extension StackPaths {
  /// Numbers paths by how they look: two steps have the same number if the paths to them look the
  /// same step by step, and outside of both frames are missing or none are.
  ///
  /// - Parameter looks: what each meaning looks like, as a number below their count.
  /// - Returns: A number below `steps.count` for each step; `nil` if none are the same.
  /// - Complexity: O(n) for n steps, on average. Only steps at or inside of one that looks like
  ///   another are looked up.
  package func numbers(byLooks looks: [UInt32]) -> [UInt32]? {
    guard let isShared = sharedLooks(looks) else { return nil }
    var numbers = [UInt32](repeating: Self.outside, count: steps.count)
    numbers[Int(Self.missing)] = Self.missing
    var mayRepeat = [Bool](repeating: false, count: steps.count)
    var slots = PairSlots(count: steps.count)
    // By number the pair of the caller's number and the look, of those looked up.
    let pairs = UnsafeMutablePointer<UInt64>.allocate(capacity: steps.count)
    defer { pairs.deallocate() }
    var next: UInt32 = 2
    for index in 2..<steps.count where steps[index].meaning != Self.noMeaning {
      let step = steps[index]
      let look = looks[Int(step.meaning)]
      mayRepeat[index] = isShared[Int(look)] || mayRepeat[Int(step.caller)]
      var number = next
      if mayRepeat[index] {
        let pair = PairSlots.pair(numbers[Int(step.caller)], look)
        (pairs + Int(next)).initialize(to: pair)
        let equal = slots.number(of: pair, orNew: next, in: UnsafePointer(pairs))
        if equal != 0 { number = equal }
      }
      numbers[index] = number
      if number == next { next += 1 }
    }
    return numbers
  }

  /// By look whether more than one meaning has it; `nil` if that is so for none.
  private func sharedLooks(_ looks: [UInt32]) -> [Bool]? {
    if areMeaningsShared { return [Bool](repeating: true, count: looks.count) }
    var isMet = [Bool](repeating: false, count: looks.count)
    var isShared = [Bool](repeating: false, count: looks.count)
    var isAnyShared = false
    for look in looks.map(Int.init) {
      if isMet[look] {
        isShared[look] = true
        isAnyShared = true
      }
      isMet[look] = true
    }
    return isAnyShared ? isShared : nil
  }
}
