// SPDX-License-Identifier: Apache-2.0
//
// Introduces the trace's stacks to the symbolicator: collects the addresses of the stacks that a
// report mentions, each once, and has them named all together. Neither side knows the other.

import Symbolication
import TraceFile

/// Turns stacks into lists of addresses, and those into frames.
///
/// What is asked of every stack is worked out by step of their common paths, in linear time
/// however many stacks go through a step.
struct StackResolver {
  /// Steps mean indices into `addresses`.
  private let paths: StackPaths
  private let addresses: [MeantAddress]
  private let history: GeneratedCodeHistory

  /// An address as it was meant.
  private struct MeantAddress: Hashable {
    var code: CodeAddress
    /// Where it had several names: the entry of the history with the one that is meant.
    var entry: Int?
  }

  /// Collects the addresses of `ids`, the trace's own or those that `meanings` gave.
  init(_ ids: some Collection<StackID>, meanings: StackMeanings) {
    var paths = StackPaths(ids.lazy.map { meanings.traceID(of: $0) }, in: meanings.stacks)
    var addresses: [MeantAddress] = []
    var indices: [MeantAddress: UInt32] = [:]
    // Equal addresses of one image get one index, whatever the epoch.
    func index(of code: CodeAddress, entry: Int? = nil) -> UInt32 {
      let address = MeantAddress(code: code, entry: entry)
      if let equal = indices[address] { return equal }
      let index = UInt32(truncatingIfNeeded: addresses.count)
      indices[address] = index
      addresses.append(address)
      return index
    }
    paths.setMeanings { frame, epoch in
      index(of: CodeAddress(frame, in: meanings.images, epoch: epoch))
    }
    for id in ids {
      let traced = meanings.traceID(of: id)
      guard traced != id else { continue }
      let entries = meanings.entries(of: id)
      paths.add(id, like: traced) { known in
        let code = addresses[Int(known)].code
        return entries[code].map { index(of: code, entry: $0) } ?? known
      }
    }
    self.paths = paths
    self.addresses = addresses
    history = meanings.history
  }

  /// What the stacks are made of, callers before what they call; a step means an address.
  var steps: [StackPaths.Step] { paths.steps }

  /// The step that a stack ends with, its innermost frame; `StackPaths.outside` or `missing` for one
  /// without frames.
  func end(of stack: StackID) -> UInt32 { paths.index(of: stack) ?? StackPaths.outside }

  /// The stack as a report holds it; it must be one that was asked for.
  func reportStack(_ stack: StackID) -> ReportStack {
    var result = ReportStack(addresses: [])
    write(stack, to: &result)
    return result
  }

  /// Makes `result` what `reportStack` is, in the room that it has.
  func write(_ stack: StackID, to result: inout ReportStack) {
    result.addresses.removeAll(keepingCapacity: true)
    var index = end(of: stack)
    while index > StackPaths.missing {
      let step = paths.steps[Int(index)]
      result.addresses.append(step.meaning)
      index = step.caller
    }
    result.isTruncated = index == StackPaths.missing
  }

  /// Names every address of the stacks, in one go.
  func frames(using symbolicator: inout some Symbolicator) -> FrameTable {
    let imageAddresses = addresses.map(\.code).filter { $0.image != nil }
    var fromImages = symbolicator.frames(for: imageAddresses).makeIterator()
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

  // MARK: All stacks at once

  /// Numbers stacks so that those have one number whose addresses look the same, one by one.
  ///
  /// - Parameter looks: of each address, a number below their count; `nil`: none look the same.
  /// - Returns: `nil` if no two stacks have the same number.
  func numbers(byLooks looks: [UInt32]? = nil) -> StackNumbers? {
    let looks = looks ?? (0..<UInt32(truncatingIfNeeded: addresses.count)).map { $0 }
    return paths.numbers(byLooks: looks).map { StackNumbers(paths: paths, numbers: $0) }
  }

  /// The stacks with at least one address for which `verdicts` says so.
  func stacks(withAddress verdicts: [Bool]) -> StackSelection {
    var isIn = [Bool](repeating: false, count: paths.steps.count)
    for index in 2..<isIn.count where paths.steps[index].meaning != StackPaths.noMeaning {
      let step = paths.steps[index]
      isIn[index] = isIn[Int(step.caller)] || verdicts[Int(step.meaning)]
    }
    return StackSelection(paths: paths, isIn: isIn)
  }
}

/// Which stacks are the same in some respect.
struct StackNumbers {
  fileprivate let paths: StackPaths
  fileprivate let numbers: [UInt32]

  /// No number is as high.
  var limit: Int { numbers.count }

  subscript(stack: StackID) -> UInt32 {
    numbers[Int(paths.index(of: stack) ?? StackPaths.outside)]
  }
}

/// Some of the stacks.
struct StackSelection {
  fileprivate let paths: StackPaths
  fileprivate let isIn: [Bool]

  func contains(_ stack: StackID) -> Bool {
    isIn[Int(paths.index(of: stack) ?? StackPaths.outside)]
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
