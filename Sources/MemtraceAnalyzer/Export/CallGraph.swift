// SPDX-License-Identifier: Apache-2.0
//
// Who calls whom, summed up over all stacks: functions, their own share, and their calls. A stack in
// which a function comes again counts once for the function and once for each of its calls.

import Symbolication

/// The functions of all sites as a graph.
struct CallGraph {
  /// A line of a function; 0 where it is not known.
  struct Place: Hashable {
    var function: Int
    var line: Int
  }

  struct Call: Hashable {
    var caller: Place
    var callee: Int
  }

  /// A frame of each; two may stand for what was not recorded.
  private(set) var functions: [Frame] = []
  /// What was allocated right there.
  private(set) var own: [Place: SiteSums] = [:]
  /// What was allocated by this call, and below it.
  private(set) var calls: [Call: SiteSums] = [:]
  /// By function: what was allocated by it, and below it.
  private(set) var inclusive: [SiteSums] = []
  /// Of all sites.
  private(set) var all = SiteSums()

  private var numbers: [FunctionIdentity: Int] = [:]
  /// By address, innermost first.
  private var placesOfAddress: [UInt32: [Place]] = [:]

  init(_ source: ExportSource) {
    source.forEachSite { add($0, source.report.frames) }
    numbers = [:]
    placesOfAddress = [:]
  }

  private mutating func add(_ site: Site, _ frames: FrameTable) {
    all.add(site.totals)
    var path: [Place] = []
    for address in site.stack.addresses { path += places(of: address, frames) }
    if path.isEmpty { path.append(place(of: FrameLabel.noStack)) }
    if site.stack.isTruncated { path.append(place(of: FrameLabel.noOuterFrames)) }
    own[path[0], default: SiteSums()].add(site.totals)
    var seenFunctions: Set<Int> = []
    var seenCalls: Set<Call> = []
    for (index, place) in path.enumerated() {
      if seenFunctions.insert(place.function).inserted {
        inclusive[place.function].add(site.totals)
      }
      guard index > 0 else { continue }
      let call = Call(caller: place, callee: path[index - 1].function)
      if seenCalls.insert(call).inserted { calls[call, default: SiteSums()].add(site.totals) }
    }
  }

  private mutating func places(of address: UInt32, _ frames: FrameTable) -> [Place] {
    if let known = placesOfAddress[address] { return known }
    let places = frames[address].map { frame in
      let identity = FunctionIdentity(frame)
      let number = numbers[identity] ?? append(frame)
      numbers[identity] = number
      return Place(function: number, line: frame.line ?? 0)
    }
    placesOfAddress[address] = places
    return places
  }

  private mutating func append(_ frame: Frame) -> Int {
    functions.append(frame)
    inclusive.append(SiteSums())
    return functions.count - 1
  }

  /// What stands for frames that were not recorded.
  private mutating func place(of remark: String) -> Place {
    let frame = Frame(function: remark, address: 0)
    let identity = FunctionIdentity(frame)
    let number = numbers[identity] ?? append(frame)
    numbers[identity] = number
    return Place(function: number, line: 0)
  }
}
