// SPDX-License-Identifier: Apache-2.0
//
// A stack and what it holds, in the words of one gate: named, and the same for all processes of a
// run, whatever addresses their code had.

import Symbolication
import TraceFile

/// A site that a gate looks at.
package struct CheckedSite: Sendable {
  /// Innermost first, inlined ones included.
  package var frames: [Frame]
  package var isTruncated: Bool
  /// The functions its blocks began with; none where that is not known.
  package var functions: [AllocationFunction]
  package var outstandingBytes: UInt64
  package var outstandingCount: UInt64
  /// The most it held at once, of one process.
  package var peakBytes: UInt64
  /// Where in the result's list the processes are that have it.
  package var processes: [Int]

  init(_ site: Site, frames: FrameTable, process: Int) {
    self.frames = Array(frames.frames(of: site.stack))
    isTruncated = site.stack.isTruncated
    functions = site.functions
    outstandingBytes = site.totals.outstandingBytes
    outstandingCount = site.totals.outstandingCount
    peakBytes = site.totals.peakBytes
    processes = [process]
  }

  /// A site of which only the history is known.
  init(growing frames: [Frame], isTruncated: Bool) {
    self.frames = frames
    self.isTruncated = isTruncated
    functions = []
    outstandingBytes = 0
    outstandingCount = 0
    peakBytes = 0
    processes = []
  }

  /// Adds the same site of another process.
  mutating func merge(_ other: CheckedSite) {
    outstandingBytes &+= other.outstandingBytes
    outstandingCount &+= other.outstandingCount
    peakBytes = max(peakBytes, other.peakBytes)
    for process in other.processes where !processes.contains(process) { processes.append(process) }
    for function in other.functions where !functions.contains(function) {
      functions.append(function)
    }
  }

  /// Those of several processes that are one stack as one, the largest first.
  static func merged(_ sites: [CheckedSite]) -> [CheckedSite] {
    var places: [[FramePlace]: Int] = [:]
    var merged: [CheckedSite] = []
    for site in sites {
      let key = site.frames.map(FramePlace.init)
      if let place = places[key] {
        merged[place].merge(site)
      } else {
        places[key] = merged.count
        merged.append(site)
      }
    }
    return merged.enumerated().sorted {
      let (left, right) = ($0.element, $1.element)
      if left.outstandingBytes != right.outstandingBytes {
        return left.outstandingBytes > right.outstandingBytes
      }
      if left.outstandingCount != right.outstandingCount {
        return left.outstandingCount > right.outstandingCount
      }
      return $0.offset < $1.offset
    }.map(\.element)
  }
}

/// Where a frame is, without the addresses of one process.
struct FramePlace: Hashable {
  private let function: String?
  private let file: String?
  private let line: Int?
  private let column: Int?
  private let image: String?
  /// Of code without a name or a line.
  private let offset: UInt64

  init(_ frame: Frame) {
    function = frame.function
    file = frame.file
    line = frame.line
    column = frame.kind == .javascript ? frame.column : nil
    image = frame.image
    let isPlaced = frame.function != nil && frame.line != nil
    offset = isPlaced ? 0 : frame.imageOffset ?? (frame.function == nil ? frame.address : 0)
  }
}
