// SPDX-License-Identifier: Apache-2.0
//
// Introduces the trace's stacks to the symbolicator: collects the addresses of the stacks that a
// report mentions, each once, and has them named all together. Neither side knows the other.

import Symbolication
import TraceFile

/// Turns stacks into lists of addresses, and those into frames.
struct StackResolver {
  private struct Key: Hashable {
    var address: UInt64
    var epoch: UInt32
    var isExact: Bool
  }

  private let stacks: StackTable
  private let images: ImageMap
  /// Whether an address may have meant different images at different times.
  let hasEpochs: Bool
  private var addresses: [CodeAddress] = []
  private var indices: [CodeAddress: UInt32] = [:]
  private var known: [Key: UInt32] = [:]

  init(stacks: StackTable, images: [Image]) {
    self.stacks = stacks
    self.images = ImageMap(images)
    hasEpochs = self.images.hasEpochs
  }

  /// The stack as a report holds it.
  mutating func resolve(_ stack: StackID) -> ReportStack {
    let epoch = hasEpochs ? stacks.epoch(of: stack) : 0
    var result: [UInt32] = []
    for frame in stacks.frames(of: stack) {
      result.append(index(of: frame, epoch: epoch))
    }
    return ReportStack(addresses: result, isTruncated: stacks.isTruncated(stack))
  }

  /// Equal addresses of one image get one index, whatever the epoch.
  private mutating func index(of frame: StackFrame, epoch: UInt32) -> UInt32 {
    let address = frame.address.rawValue
    let key = Key(address: address, epoch: epoch, isExact: frame.isExact)
    if let index = known[key] { return index }
    // A return address behind the last call of an image is not in it, but its call is.
    let lookup = frame.isExact ? address : address &- 1
    let code = CodeAddress(
      address: address, isReturnAddress: !frame.isExact,
      image: images.image(at: lookup, epoch: epoch))
    let index: UInt32
    if let equal = indices[code] {
      index = equal
    } else {
      index = UInt32(truncatingIfNeeded: addresses.count)
      indices[code] = index
      addresses.append(code)
    }
    known[key] = index
    return index
  }

  /// Names every address resolved so far, in one go.
  consuming func frames(
    using symbolicator: inout some Symbolicator, generated: GeneratedCodeNames
  ) -> FrameTable {
    let imageAddresses = addresses.filter { $0.image != nil }
    var fromImages = symbolicator.frames(for: imageAddresses).makeIterator()
    return FrameTable(
      addresses.map { address in
        guard address.image != nil else {
          return [generated.frame(at: address) ?? Frame(address: address.address)]
        }
        let frames = fromImages.next() ?? []
        return frames.isEmpty ? [Frame(address: address.address)] : frames
      })
  }
}
