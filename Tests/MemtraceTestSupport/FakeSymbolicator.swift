// SPDX-License-Identifier: Apache-2.0
//
// A symbolicator that knows what a test tells it, so that reports can be tested without files.

import Symbolication

/// Makes names up.
package struct FakeSymbolicator: Symbolicator {
  /// What is known: frames by address.
  private var known: [UInt64: [Frame]] = [:]
  /// The addresses it was asked about, call by call.
  package private(set) var requests: [[CodeAddress]] = []

  package init() {}

  /// An address lies in these frames, the innermost (inlined) one first.
  package mutating func name(_ address: UInt64, _ frames: Frame...) {
    known[address] = frames
  }

  /// An address lies in one function.
  package mutating func name(
    _ address: UInt64, _ function: String, _ file: String? = nil, line: Int? = nil,
    image: String = "/app/program"
  ) {
    let frame = Frame(
      function: function, file: file, line: line, image: image, imageOffset: address & 0xfff,
      address: address)
    known[address] = [frame]
  }

  package mutating func frames(for addresses: [CodeAddress]) -> [[Frame]] {
    requests.append(addresses)
    return addresses.map { known[$0.address] ?? [Frame(address: $0.address)] }
  }
}
