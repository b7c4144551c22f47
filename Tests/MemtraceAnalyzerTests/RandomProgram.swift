// SPDX-License-Identifier: Apache-2.0
//
// Traces of programs made at random: several threads that free each other's blocks, blocks that grow,
// that are folded away, that are large; mappings, marks, samples, a clock that is not in nanoseconds.

import MemtraceTestSupport
import TraceFile

/// A program made at random.
struct RandomProgram {
  let builder: TraceBuilder
  private var random: SplitMix64
  private let windows: [Window]
  private let stacks: [StackID]
  private var live: [UInt64] = []
  private var mapped: [UInt64] = []
  private var next: UInt64 = 0x10_0000
  private(set) var ticks: UInt64 = 1

  init(seed: UInt64, steps: Int, clock: TraceBuilder.Clock) {
    builder = TraceBuilder(clock: clock, windowByteCount: 8 << 10)
    random = SplitMix64(seed: seed)
    builder.image("/app/program", start: 0x1000, end: 0x9000)
    let builder = builder
    windows = (1...3).map { builder.window(thread: $0, name: "thread \($0)") }
    stacks = (0..<9 as Range<UInt64>).map { builder.stack([0x1100 + $0 * 16, 0x2000]) }
    // Level, with a hill somewhere: that is where the peak is.
    let hill = Int.random(in: 0..<steps, using: &random)
    for step in 0..<steps { act(isHill: abs(step - hill) < steps / 12) }
    builder.end(at: ticks + 10)
  }

  private mutating func act(isHill: Bool) {
    // Many events share an instant with others.
    ticks += UInt64.random(in: 0...40, using: &random) / 13
    let window = windows[Int.random(in: 0..<3, using: &random)]
    let stays = isHill ? 75 : live.count > 300 ? 30 : 52
    switch Int.random(in: 0..<1000, using: &random) {
    case 0..<4: builder.sample(at: ticks, [.rssBytes: 1 << 20 + ticks])
    case 4: builder.mark("mark \(ticks)", at: ticks)
    case 5..<15: map(window)
    case 15..<30: window.seal(folding: Bool.random(using: &random))
    case 30..<120: reallocate(window)
    case 120..<260: churn(window)
    case let draw where draw % 100 < stays: begin(window)
    default: end(window)
    }
  }

  private mutating func anyStack() -> StackID {
    stacks[Int.random(in: 0..<stacks.count, using: &random)]
  }

  private mutating func begin(_ window: Window) {
    let isReused = Int.random(in: 0..<200, using: &random) == 0
    next += 16
    let address = isReused ? live.randomElement(using: &random) ?? next : next
    if !isReused { live.append(address) }
    // Some are too large for the room that a table of blocks has for a size.
    let size = UInt64.random(in: 0...2000, using: &random)
    let isHuge = Int.random(in: 0..<700, using: &random) == 0
    window.malloc(
      address, isHuge ? 1 << 24 + size : size, stack: anyStack(),
      at: ticks)
  }

  private mutating func end(_ window: Window) {
    guard !live.isEmpty else { return }
    let place = Int.random(in: 0..<live.count, using: &random)
    window.free(live.remove(at: place), at: ticks)
  }

  private mutating func reallocate(_ window: Window) {
    guard let place = live.indices.randomElement(using: &random) else { return }
    window.free(live[place], at: ticks, function: .reallocFree)
    ticks += 1
    if Bool.random(using: &random) {
      next += 16
      live[place] = next
    }
    window.malloc(
      live[place], UInt64.random(in: 1...3000, using: &random),
      stack: anyStack(), at: ticks, function: .realloc)
  }

  /// Blocks that are temporary, or folded away, or both.
  private mutating func churn(_ window: Window) {
    for _ in 0..<Int.random(in: 1...6, using: &random) {
      next += 16
      window.malloc(next, 48, stack: anyStack(), at: ticks)
      ticks += UInt64.random(in: 0...2, using: &random)
      window.free(next, at: ticks)
    }
  }

  private mutating func map(_ window: Window) {
    if mapped.count > 5, let place = mapped.indices.randomElement(using: &random) {
      window.munmap(mapped.remove(at: place), 1 << 16, at: ticks)
    } else {
      let address = 0x7000_0000_0000 + UInt64.random(in: 0..<64, using: &random) << 15
      mapped.append(address)
      window.mmap(address, 1 << 16, stack: stacks[0], mapping: anonymousMemory, at: ticks)
    }
  }
}
