// SPDX-License-Identifier: Apache-2.0
//
// Programs that forbid themselves system calls (seccomp): they must not die of ours.

import Testing

@Suite struct ConfinementTests {
  private let program = Fixture(source: "torture/confined.c", product: "torture-confined")

  /// The recording ends where the program confines itself, in a way that recording would not
  /// survive.
  @Test(arguments: ["prctl", "syscall", "syscall-prctl", "strict", "forks"])
  func aSandboxEndsTheRecordingAlone(_ how: String) throws {
    let plain = try run(program.path(), [how], in: "/")
    let run = try runTraced(program.path(), [how])
    #expect(plain.ending == .exited(0))
    #expect(run.ending == plain.ending)
    #expect(run.output == "through\n")
    #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
    #expect(run.errors.contains("seccomp"))
    #expect(try run.traceNames() == ["trace.bin"])
    let report = try run.report()
    #expect(report.trace.state == "stopped")
    #expect(report.sums(at: "before").outstandingCount == 50)
    #expect(report.sums(at: "churn").totalCount == 100_000)
    #expect(report.sums(at: "after") == Sums())
    #expect(report.trace.lostEvents == 200_050)
    #expect(report.trace.unmatchedFrees == 0)
  }

  /// Whichever one system call a program forbids itself, of those that a recording makes or might, it
  /// ends as it would have: recorded until then, if recording makes that call.
  @Test(arguments: [
    "clock_gettime", "close", "fallocate", "fcntl", "fstat", "ftruncate", "getcwd", "getpid",
    "getrandom", "getrusage", "gettid", "lseek", "madvise", "mincore", "mprotect", "mremap",
    "munmap", "newfstatat", "openat", "prctl", "pread64", "prlimit64", "pwrite64", "pwritev",
    "pwritev2", "read", "readlink", "sched_yield", "sigaltstack", "tgkill", "write", "writev",
  ])
  func noForbiddenCallIsMade(_ call: String) throws {
    let plain = try run(program.path(), ["one", call], in: "/")
    let run = try runTraced(
      program.path(), ["one", call], environment: ["MEMTRACE_SAMPLE_MS": "1"])
    #expect(run.ending == plain.ending)
    #expect(run.output == plain.output)
    let report = try run.report()
    #expect(report.sums(at: "before").outstandingCount == 50)
    if report.trace.state == "exited" {
      #expect(report.sums(at: "branch").totalCount == 3 * 1024 * 13)
    }
  }

  /// A filter that has nothing against what recording takes.
  @Test func aSandboxThatAllowsItIsRecordedToItsEnd() throws {
    let run = try runTraced(program.path(), ["tame"])
    #expect(run.ending == .exited(0))
    #expect(run.errors == "")
    let report = try run.report()
    #expect(report.sums(at: "before").outstandingCount == 50)
    #expect(report.sums(at: "after").outstandingCount == 50)
    #expect(report.sums(at: "churn").totalCount == 200_000)
    #expect(report.trace.lostEvents == 0)
    #expect(report.trace.unmatchedFrees == 0)
  }
}
