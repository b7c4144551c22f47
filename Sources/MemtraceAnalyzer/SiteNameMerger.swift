// SPDX-License-Identifier: Apache-2.0
//
// Makes one site of those that read the same: code that V8 compiles again gets a new address, and
// two calls on one line have two. For people; a program may want to tell them apart.

import Symbolication

/// Merges sites whose frames have the same names and lines.
struct SiteNameMerger {
  private let frames: FrameTable
  private var numbers: [[FrameLook]: UInt32] = [:]
  private var known: [UInt32: UInt32] = [:]

  init(_ frames: FrameTable) {
    self.frames = frames
  }

  /// The sites, in the order of `order`; a merged one has the stack of its first.
  mutating func merged(_ sites: [Site], order: SiteOrder) -> [Site] {
    var result: [Site] = []
    var places: [ReportStack: Int] = [:]
    for site in sites {
      let look = ReportStack(
        addresses: site.stack.addresses.map { appearance(of: $0) },
        isTruncated: site.stack.isTruncated)
      if let place = places[look] {
        result[place].merge(site)
      } else {
        places[look] = result.count
        result.append(site)
      }
    }
    return result.sorted { order.isBefore($0.totals, $1.totals) }
  }

  private mutating func appearance(of address: UInt32) -> UInt32 {
    if let number = known[address] { return number }
    let look = frames[address].map(FrameLook.init)
    let number = numbers[look] ?? UInt32(truncatingIfNeeded: numbers.count)
    numbers[look] = number
    known[address] = number
    return number
  }
}
