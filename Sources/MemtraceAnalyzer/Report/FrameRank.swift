// SPDX-License-Identifier: Apache-2.0
//
// Who is answerable for a frame: the program's own code, a library, or the plumbing below both.
// A reader looks for the first; the last says how the block came about, not why.

import Symbolication

/// How much a frame tells, the most telling first.
enum FrameRank: Int, Comparable {
  /// The program's own code, native or JavaScript.
  case own
  /// A library that came with the system.
  case library
  /// The C and C++ runtimes, node and V8, containers.
  case plumbing
  /// What calls main, or starts a thread.
  case startUp

  static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  private static let plumbingImages = [
    "libc.so", "libc-", "ld-linux", "ld-musl", "libstdc++.so", "libc++.so", "libc++abi.so",
    "libgcc_s.so", "libpthread", "libm.so", "libm-", "libdl", "libuv.so", "libnode.so", "[vdso]",
    "libmemtrace.so",
  ]
  private static let plumbingFunctions = [
    "std::", "__gnu_cxx::", "__gnu_internal::", "void std::", "operator new", "operator delete",
    "v8::", "node::", "uv_", "uv__", "napi_", "Napi::", "Builtins_", "alloc::", "core::",
    "<alloc::", "<core::", "hashbrown::", "__rust_", "__rdl_", "__libc_", "swift_",
  ]
  private static let startUpFunctions: Set<String> = [
    "_start", "__libc_start_main", "__libc_start_call_main", "__libc_start_main_impl",
    "start_thread", "clone", "clone3", "__clone", "__clone3", "_dl_start_user", "_dl_start",
  ]
  private static let systemFolders = [
    "/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/", "/nix/store/",
  ]

  init(_ frame: Frame) {
    if frame.kind == .javascript {
      let isInternal = frame.file.map { $0.hasPrefix("node:") } ?? true
      self = isInternal ? .plumbing : .own
      return
    }
    if let function = frame.function {
      if Self.startUpFunctions.contains(function) {
        self = .startUp
        return
      }
      if Self.plumbingFunctions.contains(where: function.hasPrefix) {
        self = .plumbing
        return
      }
    }
    guard let image = frame.image else {
      self = .plumbing
      return
    }
    let name = image.split(separator: "/").last.map(String.init) ?? image
    if name == "node" || name == "nodejs" || Self.plumbingImages.contains(where: name.hasPrefix) {
      self = .plumbing
    } else if Self.systemFolders.contains(where: image.hasPrefix), !name.hasSuffix(".node") {
      self = .library
    } else {
      self = .own
    }
  }
}
