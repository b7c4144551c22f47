// SPDX-License-Identifier: Apache-2.0
//
// The interposed functions as a programmer knows them.

import CTraceFormat
import TraceFile

extension AllocationFunction {
  private static let names: [UInt32: String] = [
    MT_MALLOC.rawValue: "malloc",
    MT_CALLOC.rawValue: "calloc",
    MT_REALLOC.rawValue: "realloc",
    MT_REALLOCARRAY.rawValue: "reallocarray",
    MT_MEMALIGN.rawValue: "memalign",
    MT_POSIX_MEMALIGN.rawValue: "posix_memalign",
    MT_ALIGNED_ALLOC.rawValue: "aligned_alloc",
    MT_VALLOC.rawValue: "valloc",
    MT_PVALLOC.rawValue: "pvalloc",
    MT_NEW.rawValue: "new",
    MT_NEW_ARRAY.rawValue: "new[]",
  ]

  /// The function's name; its number where the format has none for it.
  package var name: String {
    Self.names[UInt32(rawValue)] ?? "function \(rawValue)"
  }
}
