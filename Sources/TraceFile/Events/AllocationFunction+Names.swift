// SPDX-License-Identifier: Apache-2.0
//
// The interposed functions by name, as the trace format numbers them.

import CTraceFormat

extension AllocationFunction {
  package static let malloc = Self(MT_MALLOC)
  package static let calloc = Self(MT_CALLOC)
  package static let realloc = Self(MT_REALLOC)
  package static let reallocarray = Self(MT_REALLOCARRAY)
  package static let memalign = Self(MT_MEMALIGN)
  package static let posixMemalign = Self(MT_POSIX_MEMALIGN)
  package static let alignedAlloc = Self(MT_ALIGNED_ALLOC)
  package static let valloc = Self(MT_VALLOC)
  package static let pvalloc = Self(MT_PVALLOC)
  package static let new = Self(MT_NEW)
  package static let newArray = Self(MT_NEW_ARRAY)
  /// A block that memtrace itself caused; it is in no sum.
  package static let own = Self(MT_OWN)
  package static let mmap = Self(MT_MMAP)
  package static let mremap = Self(MT_MREMAP)

  package static let free = Self(MT_FREE)
  package static let reallocFree = Self(MT_REALLOC_FREE)
  package static let delete = Self(MT_DELETE)
  package static let deleteArray = Self(MT_DELETE_ARRAY)
  package static let freeSized = Self(MT_FREE_SIZED)
  package static let freeAlignedSized = Self(MT_FREE_ALIGNED_SIZED)
  package static let munmap = Self(MT_MUNMAP)
  package static let mremapUnmap = Self(MT_MREMAP_UNMAP)

  /// What an event from this function is; `nil` for a number the format does not know.
  package var eventKind: TraceEvent.Kind? {
    switch self {
    case .malloc, .calloc, .realloc, .reallocarray, .memalign, .posixMemalign, .alignedAlloc,
      .valloc, .pvalloc, .new, .newArray, .own:
      .allocated
    case .free, .reallocFree, .delete, .deleteArray, .freeSized, .freeAlignedSized: .freed
    case .mmap, .mremap: .mapped
    case .munmap, .mremapUnmap: .unmapped
    default: nil
    }
  }

  private init(_ function: mt_function) {
    self.init(rawValue: UInt8(truncatingIfNeeded: function.rawValue))
  }
}
