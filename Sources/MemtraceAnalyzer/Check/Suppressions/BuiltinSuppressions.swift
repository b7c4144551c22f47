// SPDX-License-Identifier: Apache-2.0
//
// What runtimes hold to the end of a process on purpose, one row each with its reason. Rows match from
// the allocation outwards and say what must lie there, so that none reaches past a frame of an
// add-on or of the program: what a runtime allocates on somebody's behalf stays that somebody's.
// Another version of node is another row, where the present ones do not cover it.

/// The table of what is known to be no leak.
enum BuiltinSuppressions {
  struct Row {
    var name: String
    var frames: [FramePattern]
    var reason: String

    init(_ name: String, _ frames: FramePattern..., because reason: String) {
      self.name = name
      self.frames = frames
      self.reason = reason
    }
  }

  static let all: [Suppression] = rows.map {
    Suppression(
      name: $0.name, origin: .builtin(because: $0.reason), rule: .frames($0.frames))
  }

  private static func function(_ pattern: String) -> FramePattern {
    .function(FunctionPattern(pattern))
  }

  private static func image(_ pattern: String) -> FramePattern { .image(WildcardPattern(pattern)) }

  static let rows: [Row] = [
    // node, V8, libuv, OpenSSL, ICU: seen with node 20.20; the images decide, no names of functions,
    // so that other versions need no rows of their own.
    Row(
      "node-own", .runtime(.node), .part(.nodeItself), .runtime(.node), .end,
      because: """
        allocated by node for itself, no add-on and no JavaScript involved: V8's platform, \
        OpenSSL's tables and certificates, ICU's locales; node exits without freeing them
        """),
    Row(
      "node-for-javascript", .runtime(.node), .part(.nodeItself), .runtime(.node), .javaScript,
      because: """
        allocated by node while JavaScript ran, no add-on in between: it belongs to V8's heap or \
        to a handle, and goes with the isolate. What grows by iteration is judged without this
        """),

    // What node keeps for an add-on as long as JavaScript can reach it: process.exit() does not take it
    // down. Seen with node 20.20; another version may need other names.
    Row(
      "napi-functions", function("napi_create_function"),
      because: "what belongs to a function object of an add-on, and goes when that is collected"),
    Row(
      "napi-classes", function("napi_define_*"),
      because: "what belongs to a class or a property of an add-on, and goes when that is collected"
    ),
    Row(
      "v8-handles", .runtime(.node), function("v8::internal::GlobalHandles::*"),
      because: "V8's table of handles, which grows in pieces; a lost handle shows by what it holds"),
    Row(
      "v8-write-barrier", function("v8::internal::Heap_*Barrier*"),
      because: "V8's notes of which objects refer to young ones"),

    // Programs that a test starts: sh, ls, git, make.
    Row(
      "system-program", .runtime(.system), .end,
      because: """
        allocated by a program of the distribution, such as a shell that the run starts; no code \
        in the stack is of the author's making
        """),

    // The C++ runtime.
    Row(
      "libstdc++-pool", .runtime(.cxx), .end,
      because: "the pool from which exceptions are thrown when memory is exhausted, made at start"),

    // The loader and libc.
    Row(
      "loader", image("*/ld-linux*.so*"),
      because: """
        the loader's records of loaded files and of threads' storage: they go when the file is \
        closed or the thread ends
        """),
    Row(
      "stdio-buffer", function("_IO_file_doallocate"),
      because: "the buffer of a stream, which is stdout's to the end"),
    Row(
      "atexit", function("__new_exitfn"),
      because: "the list of functions to call at exit"),
    Row(
      "locale", function("setlocale"),
      because: "the names of the locale in use"),
    Row(
      "locale-data", function("_nl_*"),
      because: "the locale's tables, which libc keeps"),
    Row(
      "time-zone", function("tzset_internal"),
      because: "the time zone, which libc keeps"),
    Row(
      "time-zone-data", function("__tzfile_read"),
      because: "the time zone's table, which libc keeps"),
    Row(
      "character-sets", function("__gconv_*"),
      because: "converters between character sets, which libc keeps"),
    Row(
      "name-service", function("__nss_*"),
      because: "how libc finds users and hosts, which it keeps"),
    Row(
      "environment", function("__add_to_environ"),
      because: "variables put into the environment live as long as the process"),
    Row(
      "dlerror", function("_dlerror_run"),
      because: "the last error of the loader, kept for each thread"),
  ]
}
