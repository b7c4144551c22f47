// SPDX-License-Identifier: Apache-2.0
//
// What a program was found to hold once and is allowed to hold: sites by the names of their functions, so
// that a rebuilt program, loaded elsewhere, still has the same ones.

import Symbolication

/// Sites that are known, and how much of each.
package struct Baseline: Hashable, Sendable {
  /// How much a site holds.
  package struct Amount: Hashable, Sendable {
    package var byteCount: UInt64
    package var blockCount: UInt64

    package init(byteCount: UInt64, blockCount: UInt64) {
      self.byteCount = byteCount
      self.blockCount = blockCount
    }

    func adding(_ other: Amount) -> Amount {
      Amount(
        byteCount: byteCount &+ other.byteCount, blockCount: blockCount &+ other.blockCount)
    }
  }

  /// By name.
  package var amounts: [SiteName: Amount] = [:]

  package init() {}

  /// What is allowed when `sites` are put up with.
  package init(of sites: [CheckedSite]) {
    for site in sites {
      let amount = Amount(
        byteCount: site.outstandingBytes, blockCount: site.outstandingCount)
      let name = SiteName(site.frames)
      amounts[name] = amounts[name].map { $0.adding(amount) } ?? amount
    }
  }
}

/// A stack by the names of its functions, innermost first.
///
/// Lines, addresses and folders change with every build and every machine: left out. So are inlined
/// functions, which the compiler chooses, and what lies between the functions that the author
/// wrote: it changes with the runtime, and with what V8 has optimized by then.
package struct SiteName: Hashable, Comparable, Sendable {
  /// Such as `lose_block (addon.node)`, `handleUpload (app.js)`.
  package var frames: [String]

  package init(frames: [String]) {
    self.frames = frames
  }

  init(_ frames: [Frame]) {
    let real = frames.filter { !$0.isInlined }
    let isPlumbing = real.map { FrameRank($0).isPlumbing }
    let isAllPlumbing = isPlumbing.allSatisfy { $0 }
    let first = isPlumbing.firstIndex(of: false) ?? 0
    var names: [String] = []
    for (index, frame) in real.enumerated() {
      if isAllPlumbing {
        if case .plumbing(.startUp) = FrameRank(frame) { continue }
      } else if isPlumbing[index], index != first - 1 {
        // What the innermost of the author's functions called says which of its blocks it is.
        continue
      }
      let name = Self.name(of: frame)
      // How deep a recursion went is no part of what it is.
      if names.last != name { names.append(name) }
    }
    self.frames = names
  }

  private static func name(of frame: Frame) -> String {
    let home = frame.kind == .javascript ? frame.file : frame.image ?? frame.file
    let place = home.map(FramePattern.lastComponent) ?? "generated code"
    guard let function = frame.function, !function.isEmpty else { return "? (\(place))" }
    let plain =
      frame.kind == .javascript ? function : Self.withoutClones(function)
    return "\(plain) (\(place))"
  }

  /// Without what a compiler adds to the name of a part of a function.
  private static func withoutClones(_ name: String) -> String {
    var name = name[...]
    if let clone = name.utf8.lastRange(of: " [clone") { name = name[..<clone] }
    for suffix in [".part.", ".constprop.", ".isra.", ".cold", ".lto_priv."] {
      if let cut = name.utf8.lastRange(of: suffix) { name = name[..<cut] }
    }
    return String(name)
  }

  package static func < (left: Self, right: Self) -> Bool {
    left.frames.lexicographicallyPrecedes(right.frames)
  }
}

extension Substring.UTF8View {
  /// Where `text` begins for the last time.
  fileprivate func lastRange(of text: String) -> Index? {
    var found: Index?
    var index = startIndex
    while index < endIndex {
      if self[index...].starts(with: text.utf8) { found = index }
      index = self.index(after: index)
    }
    return found
  }
}
