// SPDX-License-Identifier: Apache-2.0
//
// Names for the addresses of a made-up trace: without files, the same each time, and of every kind
// that a report treats in a way of its own.

import Symbolication

/// Makes names up from the address alone.
struct FuzzSymbolicator: Symbolicator {
  private static let functions: [String?] = [
    nil, "", "main", "std::vector<int>::push_back(int const&)", "operator new(unsigned long)",
    "v8::internal::Heap::Allocate(int)", "</script><b>\u{1b}[2J\u{202e}\"\\", "leak_block",
    "f\u{0}g",
  ]
  private static let places: [(image: String?, file: String?)] = [
    (nil, nil), ("/lib/a.so", "/src/a.cpp"), ("/usr/bin/node", nil), ("/lib/libc.so.6", nil),
    ("/app/addon.node", "../\u{7}a b/\"x\".js"), (nil, "file:///srv/app.js"),
  ]

  mutating func frames(for addresses: [CodeAddress]) -> [[Frame]] {
    addresses.map { address in
      let number = Int(truncatingIfNeeded: address.address & 0xffff)
      let inner = frame(number, address.address, isInlined: number % 4 == 3)
      return inner.isInlined ? [inner, frame(number / 7 + 1, address.address)] : [inner]
    }
  }

  private func frame(_ number: Int, _ address: UInt64, isInlined: Bool = false) -> Frame {
    let place = Self.places[number % Self.places.count]
    return Frame(
      function: Self.functions[number % Self.functions.count], file: place.file,
      line: place.file == nil ? nil : number, image: place.image, imageOffset: address & 0xfff,
      address: address, isInlined: isInlined)
  }
}
