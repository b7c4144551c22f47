// SPDX-License-Identifier: Apache-2.0
//
// Stacks as text: what stands for an address is made once, then copied.

/// What a format writes for each address of a stack.
struct FrameTexts {
  private let separator: [UInt8]
  /// One after the other, each behind a separator; UTF-8.
  private var texts: [UInt8] = []
  /// By address, which part of them is its own; empty until it is asked for.
  private var places: [Range<Int>]
  private var line: [UInt8] = []

  /// `separator` stands between two addresses.
  init(_ frames: FrameTable, separator: String) {
    self.separator = Array(separator.utf8)
    places = [Range<Int>](repeating: 0..<0, count: frames.indices.count)
  }

  /// The text of some addresses, `text` being that of one not met before.
  mutating func joined(
    _ addresses: some Sequence<UInt32>, _ text: (UInt32) -> String
  ) -> ArraySlice<UInt8> {
    line.removeAll(keepingCapacity: true)
    for address in addresses {
      if places[Int(address)].isEmpty { add(address, text(address)) }
      let place = places[Int(address)]
      texts.withUnsafeBufferPointer { texts in
        line.append(contentsOf: UnsafeBufferPointer(rebasing: texts[place]))
      }
    }
    return line.dropFirst(separator.count)
  }

  private mutating func add(_ address: UInt32, _ text: String) {
    let start = texts.count
    texts.append(contentsOf: separator)
    texts.append(contentsOf: text.utf8)
    places[Int(address)] = start..<texts.count
  }
}
