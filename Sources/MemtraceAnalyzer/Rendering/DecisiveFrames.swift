// SPDX-License-Identifier: Apache-2.0
//
// Picks the few frames of a stack that tell a reader where to look: those of the program's own
// code first, native and JavaScript both, and says how many it left out between them.

import Symbolication

/// A stack in a few lines.
struct DecisiveFrames {
  enum Line: Equatable {
    case frame(Frame)
    case omitted(Int)
  }

  let lines: [Line]

  /// - Parameters:
  ///   - frames: innermost first.
  ///   - limit: most frames to keep.
  init(_ frames: [Frame], limit: Int) {
    let kept = Self.choose(frames, limit: limit)
    var lines: [Line] = []
    var next = 0
    for index in kept {
      if index > next { lines.append(.omitted(index - next)) }
      lines.append(.frame(frames[index]))
      next = index + 1
    }
    // What calls main is in every stack: leaving it out goes without saying.
    let rest = frames[next...].filter { FrameRank($0) != .startUp }
    if !rest.isEmpty { lines.append(.omitted(rest.count)) }
    self.lines = lines
  }

  /// Indices of the frames to keep, in order.
  private static func choose(_ frames: [Frame], limit: Int) -> [Int] {
    let ranks = frames.map(FrameRank.init)
    // Of a function that calls itself once is enough.
    func repeats(_ index: Int) -> Bool {
      guard index > 0, let function = frames[index].function else { return false }
      return frames[index - 1].function == function && frames[index - 1].line == frames[index].line
    }
    func indices(_ rank: FrameRank, _ kind: Frame.Kind? = nil) -> [Int] {
      frames.indices.filter {
        ranks[$0] == rank && (kind == nil || frames[$0].kind == kind) && !repeats($0)
      }
    }
    let native = indices(.own, .native)
    let script = indices(.own, .javascript)
    var kept: [Int] = []
    func keep(_ candidates: some Sequence<Int>, upTo count: Int) {
      for index in candidates where !kept.contains(index) && kept.count < min(count, limit) {
        kept.append(index)
      }
    }
    // Of both kinds some, so that an add-on's function and its JavaScript caller both show.
    keep(native, upTo: script.isEmpty ? limit : (limit + 1) / 2)
    keep(script, upTo: limit)
    keep(native, upTo: limit)
    // The function that asked for the memory, such as strdup, says what kind of memory it is.
    let innermost = frames.indices.first {
      frames[$0].function != nil && !Self.isWrapper(frames[$0]) && ranks[$0] != .startUp
    }
    if let innermost,
      kept.count < limit || limit > 2, !kept.contains(innermost)
    {
      if kept.count == limit { kept.removeLast() }
      kept.append(innermost)
    }
    keep(indices(.library), upTo: limit)
    guard native.isEmpty, script.isEmpty else { return kept.sorted() }
    // Nothing but plumbing: then that, and addresses if need be.
    let named = indices(.plumbing).filter { frames[$0].function != nil }
    keep(named.filter { !Self.isWrapper(frames[$0]) }, upTo: max(3, kept.count))
    keep(named, upTo: max(1, kept.count))
    keep(indices(.plumbing), upTo: max(2, kept.count))
    keep(indices(.startUp), upTo: max(1, kept.count))
    return kept.sorted()
  }

  /// Containers and allocators of the language's own library: below what the author wrote.
  private static func isWrapper(_ frame: Frame) -> Bool {
    let wrappers = ["std::", "void std::", "__gnu_cxx::", "operator new", "alloc::", "<alloc::"]
    let allocators: Set = ["malloc", "calloc", "realloc", "rtld_malloc", "__rtld_malloc"]
    guard let name = frame.function else { return false }
    return allocators.contains(name) || wrappers.contains(where: name.hasPrefix)
  }
}
