// SPDX-License-Identifier: Apache-2.0
//
// A piece of memory that is filled from a file again and again.

/// Reusable memory with room behind its content that a decoder may read beyond the end.
final class ByteBuffer {
  /// Bytes behind `bytes` that may be read; their value means nothing.
  static let slackByteCount = 64

  private var memory: UnsafeMutableRawBufferPointer
  private var count = 0

  init() {
    memory = .allocate(byteCount: 0, alignment: 16)
  }

  deinit {
    memory.deallocate()
  }

  /// What was read last; valid until the next `fill`.
  var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: memory[..<count])
  }

  /// Reads `byteCount` bytes of `file` from `offset` on; `false` if there are fewer.
  ///
  /// The caller has checked that the file is that long: memory follows the file's size.
  func fill(from file: FileBytes, at offset: UInt64, byteCount: Int) -> Bool {
    let needed = byteCount + Self.slackByteCount
    if memory.count < needed {
      memory.deallocate()
      // Half as much again, so that chunks of growing size do not reallocate each time.
      memory = .allocate(byteCount: needed + needed / 2, alignment: 16)
      memory.initializeMemory(as: UInt8.self, repeating: 0)
    }
    count = file.read(
      at: offset, into: UnsafeMutableRawBufferPointer(rebasing: memory[..<byteCount]))
    return count == byteCount
  }
}
