// SPDX-License-Identifier: Apache-2.0
//
// What the manual page says beside the commands: the environment of a recording, files, statuses,
// examples.

extension ManualPage {
  /// Of the last change to what stands here.
  static let date = "November 25, 2026"

  static let description = [
    """
    memtrace records what a program allocates by malloc, new or mmap and never gives back, with the \
    full call stack of each block, through C++ and JavaScript frames alike. The program is not \
    changed, not rebuilt and not restarted under a debugger: it loads one small library, \
    libmemtrace.so, which writes down every allocation into a trace. What was recorded survives \
    however the program ends.
    """,
    """
    A program is recorded by 'memtrace run', or by LD_PRELOAD. The trace is read by the other \
    commands, also while the program still runs.
    """,
  ]

  static let environment: [(name: String, text: String)] = [
    ("LD_PRELOAD", "The path of libmemtrace.so: records a program, and those that it starts."),
    (
      "MEMTRACE_OUTPUT",
      """
      The trace of the first process; %p in it is its process id. Default: trace.bin. A process \
      that it starts writes trace.PID.bin beside it.
      """
    ),
    ("MEMTRACE_DEPTH", "Frames kept of a stack, the innermost ones. Default: 512."),
    ("MEMTRACE_JS", "0: do not ask node for the names of its JavaScript functions."),
    ("MEMTRACE_DISABLE", "1: record nothing."),
    ("MEMTRACE_CACHE", "0: keep no names for the next report."),
    (
      "MEMTRACE_PAGER",
      """
      What shows reports that are longer than the screen; else PAGER, else less. Empty, or cat: \
      nothing does.
      """
    ),
    ("NO_COLOR", "Set to anything: no color where nobody asked for it."),
    ("COLUMNS", "The width to write for; else that of the terminal."),
    ("DEBUGINFOD_URLS", "Servers to ask for debug information that is not installed."),
  ]

  static let files: [(name: String, text: String)] = [
    ("trace.bin", "The trace that commands read where none is named."),
    ("trace.bin.old", "What stood there before; nothing is overwritten."),
  ]

  static let statuses: [(name: String, text: String)] = [
    ("0", "All is well."), ("1", "A check failed that was asked for."), ("64", "Wrong usage."),
    ("65", "The file is not a usable trace."), ("66", "There is no such file."),
    ("69", "Something that is needed is missing."), ("73", "The output cannot be written."),
  ]

  static let examples: [(text: String, commands: [String])] = [
    ("Record a node program and show what it leaks:", ["memtrace run -- node app.js"]),
    (
      "See what a running server has allocated since a minute ago and still holds:",
      [
        "memtrace mark $(pidof server) warm; sleep 60",
        "memtrace report trace.bin --from warm",
      ]
    ),
    (
      "Only what came through an add-on, in pprof:",
      [
        "memtrace export --format pprof --only-image '*.node' -o heap.pb.gz",
        "go tool pprof -http=: heap.pb.gz",
      ]
    ),
  ]
}
