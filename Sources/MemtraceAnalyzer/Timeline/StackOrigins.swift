// SPDX-License-Identifier: Apache-2.0
//
// Which engine's own memory a stack allocates: by the names of its frames, so that a node program
// need not load or change anything for its heap and its Buffers to be told apart from the rest.

import Symbolication

/// Stacks of a JavaScript engine's allocators.
struct StackOrigins {
  /// Through these V8 maps the pages of its heap.
  ///
  /// What it reserves for code is address space, which goes another way.
  private static let heapPrefixes = [
    "v8::internal::MemoryAllocator::", "cppgc::internal::PageMemory",
  ]
  private static let externalPrefixes = [
    "node::NodeArrayBufferAllocator::", "v8::internal::BackingStore::", "node::Buffer::New",
    "v8::internal::Heap::AllocateExternalBackingStore", "node::Buffer::Copy",
  ]

  /// Whether a block is the engine's own: nothing but its frames, and those of an allocator, lie
  /// between the block and JavaScript, or the end of the stack.
  static func isOfEngine(_ frames: some Sequence<Frame>) -> Bool {
    var isEngine = false
    for frame in frames {
      if frame.kind == .javascript { return isEngine }
      switch FrameRank(frame) {
      case .own, .library: return false
      case .plumbing(.node): isEngine = true
      case .plumbing: break
      }
    }
    return isEngine
  }

  let isHeap: StackSelection
  let isExternal: StackSelection
  /// Whether there is any JavaScript heap.
  let hasHeap: Bool

  init(_ frames: FrameTable, _ resolver: StackResolver) {
    func addresses(_ prefixes: [String]) -> [Bool] {
      frames.indices.map { address in
        frames[address].contains { frame in
          guard let function = frame.function, frame.image != nil else { return false }
          let name = FunctionName.qualified(function)
          return prefixes.contains { name.hasPrefix($0) }
        }
      }
    }
    let heap = addresses(Self.heapPrefixes)
    hasHeap = heap.contains(true)
    isHeap = resolver.stacks(withAddress: heap)
    isExternal = resolver.stacks(withAddress: addresses(Self.externalPrefixes))
  }
}
