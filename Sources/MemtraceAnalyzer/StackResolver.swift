// SPDX-License-Identifier: Apache-2.0
//
// Introduces the trace's stacks to the symbolicator: collects the addresses of the stacks that a
// report mentions, each once, and has them named all together. Neither side knows the other.

import Symbolication
import TraceFile

/// Turns stacks into lists of addresses, and those into frames.
struct StackResolver {
  private struct Key: Hashable {
    var frame: StackFrame
    var epoch: UInt32
  }

  /// An address as it was meant.
  private struct MeantAddress: Hashable {
    var code: CodeAddress
    /// Where it had several names: the entry of the history with the one that is meant.
    var entry: Int?
  }

  private let stacks: StackTable
  private let images: ImageMap
  private let meanings: StackMeanings
  /// Whether an address may have meant different images at different times.
  let hasEpochs: Bool
  private var addresses: [MeantAddress] = []
  private var indices: [MeantAddress: UInt32] = [:]
  private var known: [Key: UInt32] = [:]

  /// The meanings are those that the replay left, whose stacks are to be resolved.
  init(stacks: StackTable, images: [Image], meanings: StackMeanings) {
    self.stacks = stacks
    self.images = ImageMap(images)
    self.meanings = meanings
    hasEpochs = self.images.hasEpochs
  }

  /// The stack as a report holds it.
  mutating func resolve(_ stack: StackID) -> ReportStack {
    let traced = meanings.traceID(of: stack)
    let epoch = hasEpochs ? stacks.epoch(of: traced) : 0
    let entries = meanings.entries(of: stack)
    var result: [UInt32] = []
    for frame in stacks.frames(of: traced) {
      let key = Key(frame: frame, epoch: epoch)
      let index = known[key] ?? index(of: CodeAddress(frame, in: images, epoch: epoch))
      known[key] = index
      let code = addresses[Int(index)].code
      result.append(entries[code].map { self.index(of: code, entry: $0) } ?? index)
    }
    return ReportStack(addresses: result, isTruncated: stacks.isTruncated(traced))
  }

  /// Equal addresses of one image get one index, whatever the epoch.
  private mutating func index(of code: CodeAddress, entry: Int? = nil) -> UInt32 {
    let address = MeantAddress(code: code, entry: entry)
    if let equal = indices[address] { return equal }
    let index = UInt32(truncatingIfNeeded: addresses.count)
    indices[address] = index
    addresses.append(address)
    return index
  }

  /// Names every address resolved so far, in one go.
  consuming func frames(using symbolicator: inout some Symbolicator) -> FrameTable {
    let imageAddresses = addresses.map(\.code).filter { $0.image != nil }
    var fromImages = symbolicator.frames(for: imageAddresses).makeIterator()
    let history = meanings.history
    return FrameTable(
      addresses.map { address in
        let nameless = Frame(address: address.code.address)
        if let entry = address.entry {
          return [history.frame(at: address.code, entry: entry)]
        }
        guard address.code.image != nil else {
          return [history.latestFrame(at: address.code) ?? nameless]
        }
        let frames = fromImages.next() ?? []
        return frames.isEmpty ? [nameless] : frames
      })
  }
}

extension CodeAddress {
  /// Where a frame of a stack is.
  init(_ frame: StackFrame, in images: ImageMap, epoch: UInt32) {
    let address = frame.address.rawValue
    // A return address behind the last call of an image is not in it, but its call is.
    let lookup = frame.isExact ? address : address &- 1
    self.init(
      address: address, isReturnAddress: !frame.isExact,
      image: images.image(at: lookup, epoch: epoch))
  }
}
