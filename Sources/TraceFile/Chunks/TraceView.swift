// SPDX-License-Identifier: Apache-2.0
//
// A trace at one instant, although its process may be writing it: where its chunks stand and
// what its windows hold.

import CTraceFormat

/// One consistent view of a trace.
///
/// While the process runs, threads record and seal under the reader's eyes. The view is that of
/// an instant T: the latest event found in a first look at the whole file. Every event up to T
/// was committed by then. So copying the windows after that look, and only then looking for
/// sealed chunks, finds each of them in the copy or in a chunk; the events later than T, of which
/// only some are found, are left out. The clock need not be read for this, which another process
/// could not do exactly. If no window has changed between the first look and the last, nothing
/// is left out and nothing was: the process is dead, or it slept.
struct TraceView {
  let index: ChunkIndex
  let windows: [WindowCopy]
  let isStillRunning: Bool
  /// T, if the trace is still written.
  let cutTicks: UInt64?
  let fileByteCount: UInt64
  private(set) var damage: [TraceDamage] = []

  init(of file: FileBytes, _ header: FileHeader) {
    guard header.state == .recording else {
      fileByteCount = file.byteCount()
      index = ChunkIndex(of: file, fileByteCount: fileByteCount)
      let copies = Self.copies(of: index.windows, of: file)
      windows = copies.windows
      damage = copies.damage
      isStillRunning = false
      cutTicks = nil
      noteGaps(of: file, header)
      return
    }
    let firstIndex = ChunkIndex(of: file, fileByteCount: file.byteCount())
    let first = Self.copies(of: firstIndex.windows, of: file)
    let second = Self.copies(of: firstIndex.windows, of: file)
    windows = second.windows
    damage = second.damage
    fileByteCount = file.byteCount()
    index = ChunkIndex(of: file, fileByteCount: fileByteCount)
    // The first of these knows of processes that it can look at and that may do nothing just
    // now, the others of those in a container of their own.
    isStillRunning =
      RunningProcess.maps(file, pid: header.pid) || first.isBusy || second.isBusy
      || firstIndex.windows.count != index.windows.count
      || !first.windows.allSatisfy { $0.isCurrent(in: file) }
    let latest = first.windows.map(\.lastTicks) + firstIndex.events.map(\.lastTicks)
    cutTicks = isStillRunning ? latest.max() ?? 0 : nil
    noteGaps(of: file, header)
  }

  private struct Copies {
    var windows: [WindowCopy] = []
    var damage: [TraceDamage] = []
    var isBusy = false
  }

  private static func copies(of chunks: [ChunkHeader], of file: FileBytes) -> Copies {
    var copies = Copies()
    for chunk in chunks {
      switch WindowCopy.copy(chunk, of: file, damage: &copies.damage) {
      case .copied(let window): copies.windows.append(window)
      case .unused: break
      case .busy: copies.isBusy = true
      case .malformed:
        copies.damage.append(.malformedChunk(byteOffset: chunk.offset, kind: chunk.kind))
      }
    }
    return copies
  }
}

// MARK: - Gaps

extension TraceView {
  /// Notes what the gaps mean, and an end that comes too early.
  private mutating func noteGaps(of file: FileBytes, _ header: FileHeader) {
    // Room that is reserved and not written yet is as it should be.
    let isWritten = !isStillRunning
    var end = fileByteCount
    for gap in index.gaps {
      if gap.range.upperBound == fileByteCount, !gap.isZero {
        // Begins with a chunk that reaches beyond the end of the file.
        end = gap.range.lowerBound
        continue
      }
      let upper = gap.isZero ? min(gap.range.upperBound, header.endOffset) : gap.range.upperBound
      guard gap.range.lowerBound < upper else { continue }
      let byteCount = upper - gap.range.lowerBound
      if !gap.isZero {
        damage.append(.unreadableBytes(byteOffset: gap.range.lowerBound, byteCount: byteCount))
      } else if isWritten {
        damage.append(.unwrittenChunk(byteOffset: gap.range.lowerBound, byteCount: byteCount))
      }
    }
    if isWritten, max(header.endOffset, fileByteCount) > end {
      noteEnd(at: end, of: file, header)
    }
  }

  /// The readable file ends at `end`, before its end. Was it cut, or its writer killed just then?
  private mutating func noteEnd(at end: UInt64, of file: FileBytes, _ header: FileHeader) {
    let missing = max(header.endOffset, fileByteCount) - end
    if isInterruptedSeal(at: end, of: file) {
      damage.append(.unwrittenChunk(byteOffset: end, byteCount: missing))
    } else if end < fileByteCount, header.endOffset <= fileByteCount {
      damage.append(.unreadableBytes(byteOffset: end, byteCount: missing))
    } else if end == fileByteCount, header.state == .recording,
      missing <= 4 * UInt64(header.windowByteCount)
    {
      // As much as a few threads may just have reserved and not begun to write. Should it be
      // more that is missing, then a gap in some window's sequence tells.
      damage.append(.unwrittenChunk(byteOffset: end, byteCount: missing))
    } else {
      damage.append(.truncatedFile(byteOffset: end, missingByteCount: missing))
    }
  }

  /// Whether at `offset` stands the beginning of what a window was being sealed into that is
  /// still there with its events.
  private func isInterruptedSeal(at offset: UInt64, of file: FileBytes) -> Bool {
    let bytes = file.read(at: offset, byteCount: ChunkHeader.byteCount)
    guard
      let chunk = bytes.withUnsafeBytes({
        ChunkHeader($0, at: offset, fileByteCount: .max)
      }), chunk.is(MT_CHUNK_EVENTS)
    else { return false }
    let part = SealedEvents(chunk, of: file)
    return windows.contains {
      $0.ordinal == part.ordinal && $0.sequence == part.sequence && !$0.events.isEmpty
    }
  }
}
