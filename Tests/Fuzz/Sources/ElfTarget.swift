// SPDX-License-Identifier: Apache-2.0
//
// An ELF file with its debug information, asked for the names of addresses all over it.

import Symbolication

enum ElfTarget {
  private static let addressCount = 64

  static func run(_ input: [UInt8]) {
    guard let file = MemoryFile(input) else { return }
    let end: UInt64 = 1 << 20
    let image = LoadedImage(path: file.path, buildID: [], start: 0, end: end, loadBias: 0)
    var symbolicator = ElfSymbolicator(images: [image])
    let addresses = (0..<addressCount).map { index -> CodeAddress in
      let address = UInt64(index * index * 7 + 0x1000)
      return CodeAddress(address: address, isReturnAddress: index.isMultiple(of: 2), image: 0)
    }
    for frames in symbolicator.frames(for: addresses) {
      precondition(!frames.isEmpty, "an address has at least itself for a frame")
    }
    _ = symbolicator.warnings.map(\.description)
  }
}
