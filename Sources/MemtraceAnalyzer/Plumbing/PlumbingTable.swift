// SPDX-License-Identifier: Apache-2.0
//
// All that is known about which frames tell a reader nothing, one row each with its reason.
// Reports fold such frames where people read them, and pass over them when they look for the
// function that answers for a block; nothing is ever left out of a sum, nor of the JSON report.

import Symbolication

/// Which frames are plumbing, and which are of libraries.
enum PlumbingTable {
  /// The first rule that covers a frame decides.
  static let rules: [PlumbingRule] = [
    .init(
      .startUp,
      .functions([
        "_start", "__libc_start_main", "__libc_start_call_main", "__libc_start_main_impl",
        "_dl_start_user", "_dl_start", "start_thread", "clone", "clone3", "__clone", "__clone3",
      ]),
      because: "calls main or begins a thread: the outer end of every stack"),
    .init(
      .memtrace, .imagePrefixes(["libmemtrace.so"]),
      because: "what records; not the program's"),

    .init(
      .allocator,
      .functions([
        "malloc", "calloc", "realloc", "rtld_malloc", "__rtld_malloc", "rtld_calloc",
        "__libc_malloc", "__libc_calloc", "__libc_realloc", "operator new", "operator new[]",
        "operator delete", "operator delete[]", "g_malloc", "g_malloc0", "g_realloc",
        "CRYPTO_malloc", "CRYPTO_zalloc", "CRYPTO_realloc", "uv__malloc", "uv__calloc",
        "uv__realloc", "swift_slowAlloc", "swift_allocObject",
      ]),
      because: "hands a block on that malloc made: the caller wanted it"),
    .init(
      .allocator,
      .functionPrefixes([
        "std::allocator", "std::__new_allocator", "__gnu_cxx::new_allocator",
        "__gnu_cxx::__alloc_traits", "std::allocator_traits", "std::__1::allocator",
        "std::pmr::", "alloc::alloc::", "alloc::raw_vec::", "__rust_alloc", "__rust_realloc",
        "__rdl_", "__rg_",
      ]),
      because: "the allocator of a container: says nothing about what the block is for"),
    .init(
      .allocator, .imagePrefixes(["libjemalloc", "libmimalloc", "libtcmalloc"]),
      because: "another malloc, preloaded or linked"),

    .init(
      .languageLibrary, .filePrefixes(["/rustc/"]),
      because: "Rust's own library, compiled into the program"),
    .init(
      .languageLibrary,
      .functionPrefixes(["std::rt::", "std::sys::", "std::panic", "std::thread::Builder"]),
      because: "the same without debug information, where its names look like those of C++"),
    .init(
      .cxxLibrary, .functionPrefixes(["std::", "__gnu_cxx::", "__gnu_internal::", "__cxxabiv1::"]),
      because: "containers and strings, compiled into the program from headers"),
    .init(
      .cxxRuntime, .imagePrefixes(["libstdc++.so", "libc++.so", "libc++abi.so", "libgcc_s.so"]),
      because: "the C++ runtime"),
    .init(
      .languageLibrary,
      .functionPrefixes([
        "alloc::", "core::", "<alloc::", "<core::", "hashbrown::", "<hashbrown::", "__rust_",
        "rust_begin_", "swift_", "Swift.",
      ]),
      because: "Rust's and Swift's own libraries, compiled into the program"),

    .init(
      .node,
      .filePrefixes(["node:", "[eval]-wrapper", "[worker eval]-wrapper", "[stdin]-wrapper"]),
      because: "node's own JavaScript: the module loader, events, streams, what it puts around -e"),
    .init(
      .node,
      .functionPrefixes([
        "v8::", "v8impl::", "node::", "uv_", "uv__", "napi_", "Napi::", "Nan::", "Builtins_",
        "cppgc::", "heap::base::",
      ]),
      because:
        "V8, libuv and node's C++ side, which every call between JavaScript and an add-on passes"),
    .init(
      .node, .generatedPrefixes(["Builtin:", "BytecodeHandler:", "Stub:", "RegExp:"]),
      because: "code that V8 generates for itself"),
    .init(
      .node, .imagePrefixes(["libnode.so", "libuv.so", "libv8"]),
      because: "node, where a distribution builds it as libraries"),

    .init(
      .python, .filePrefixes(["<frozen "]),
      because: "Python's own modules: the import machinery"),
    .init(
      .python,
      .functionPrefixes(["_PyEval_", "PyEval_", "_PyFunction_", "_PyObject_", "PyObject_"]),
      because: "the interpreter's loop, between any two functions of a script"),
    .init(
      .python, .imagePrefixes(["libpython"]),
      because: "the interpreter"),
    .init(
      .java, .imagePrefixes(["libjvm.so", "libjli.so", "libjava.so"]),
      because: "the Java virtual machine and its launcher"),
    .init(
      .java,
      .generatedPrefixes([
        "Interpreter", "StubRoutines", "java.", "javax.", "jdk.", "sun.", "Ljava/", "Ljdk/",
        "Lsun/",
      ]),
      because: "code that the Java virtual machine generates for itself, and its own classes"),

    .init(
      .libc, .imagePrefixes(["libc.so", "libc-", "ld-linux", "ld-musl", "libpthread", "libdl"]),
      because: "libc and the loader"),
    .init(
      .libc, .imagePrefixes(["libm.so", "libm-", "[vdso]"]),
      because: "parts of libc in files of their own"),
    .init(
      .unknown, .nowhere,
      because: "an address of generated code that its maker gave no name"),
  ]

  /// Programs that run others, and what their frames without a better rule are part of.
  private static let hosts: [Substring: PlumbingPart] = ["node": .node, "nodejs": .node]

  /// Where distributions put what they bring.
  private static let libraryFolders = [
    "/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/", "/nix/store/",
  ]
  /// Where npm puts what a program depends on.
  private static let packageFolder = "/node_modules/"

  /// What a frame is part of; nil for code of the program or of a library.
  static func part(of frame: Frame) -> PlumbingPart? {
    let names = FrameNames(frame)
    if let rule = rules.first(where: { $0.covers(names) }) { return rule.part }
    return names.imageName.flatMap { hosts[$0] }
  }

  /// Whether a frame that is not plumbing is of something that others made.
  static func isLibrary(_ frame: Frame) -> Bool {
    if frame.kind == .javascript { return frame.file?.contains(packageFolder) ?? false }
    guard let image = frame.image, !image.hasSuffix(".node") else { return false }
    return libraryFolders.contains(where: image.hasPrefix)
  }
}
