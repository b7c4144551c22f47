// SPDX-License-Identifier: Apache-2.0
//
// `memtrace doctor`: what it makes of the machine, the session, and the place for the trace. Where
// root can make the case it is made, and the built command is asked.

import Foundation
import Testing

@testable import memtrace

@Suite struct DoctorSurroundingsTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    chmod(folder.path, 0o755)
  }

  /// Runs `doctor` behind a shell's words, which may limit and mount.
  private func doctor(
    after words: String, _ arguments: [String] = [], environment: [String: String] = [:]
  ) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments =
      ["-c", "\(words) exec \"$0\" doctor \"$@\"", BuiltCommand.path] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    var variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    variables["COLUMNS"] = "1000"
    process.environment = variables
    let output = try folder.file("output-\(UUID().uuidString)", [])
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = FileHandle(forWritingAtPath: output)
    try process.runWithoutBlockedSignals()
    process.waitUntilExit()
    // Findings are wrapped: a sentence is looked for as one line.
    let text = try String(contentsOfFile: output, encoding: .utf8)
    return (process.terminationStatus, text.replacing("\n      ", with: " "))
  }

  private static let canMount: Bool = {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
    process.arguments = ["-m", "mount", "-t", "tmpfs", "none", "/mnt"]
    process.standardError = FileHandle.nullDevice
    guard geteuid() == 0, (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()

  private static let isRoot = geteuid() == 0

  /// A library that any user can read, wherever this tree stands.
  private func copyOfLibrary() throws -> String {
    let copy = folder.path + "/libmemtrace.so"
    if !FileManager.default.fileExists(atPath: copy) {
      try FileManager.default.copyItem(atPath: try ShimLibrary.find().path, toPath: copy)
    }
    return copy
  }

  // MARK: - What all is well is

  @Test func hereNothingPreventsARecording() throws {
    let result = try doctor(after: "")
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.contains("/bin/true was recorded"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
  }

  // MARK: - The library

  @Test(.enabled(if: canMount, "needs root and mount(8)"))
  func aLibraryOnAFileSystemWithoutExecutionIsNoUse() throws {
    let result = try doctor(
      after: """
        [ "$IN" ] || IN=1 exec unshare -m sh -c '
          mount -t tmpfs -o noexec none /mnt && cp "$LIBRARY" /mnt/libmemtrace.so &&
          MEMTRACE_LIBRARY=/mnt/libmemtrace.so exec "$0" doctor "$@"' "$0" "$@";
        """, environment: ["LIBRARY": try ShimLibrary.find().path])
    #expect(result.status == 69)
    #expect(result.output.contains("mounted noexec"), "\(result.output)")
    #expect(result.output.contains("failed to map segment"), "\(result.output)")
  }

  @Test(.enabled(if: isRoot, "only root can be someone else"))
  func aLibraryThatTheUserMustNotReadIsNoUse() throws {
    let library = try copyOfLibrary()
    chmod(library, 0o600)
    let command = folder.path + "/memtrace"
    try FileManager.default.copyItem(atPath: BuiltCommand.path, toPath: command)
    chmod(folder.path, 0o777)
    let result = try doctor(
      after: "exec setpriv --reuid 65534 --clear-groups '\(command)' doctor;",
      environment: ["MEMTRACE_LIBRARY": library, "LD_LIBRARY_PATH": Self.runtime])
    #expect(result.status == 69)
    #expect(result.output.contains("must not be read by this user"), "\(result.output)")
  }

  /// Where the Swift runtime of a debug build is.
  private static let runtime =
    ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"] ?? ""

  // MARK: - The place for the trace

  @Test(
    .enabled(if: canMount, "needs root and mount(8)"),
    arguments: [
      ("size=64k", "head -c 60k /dev/zero >/mnt/filler 2>/dev/null", "No space left on device"),
      ("nr_inodes=2", "touch /mnt/filler", "no room for one more file"),
      ("ro", "true", "Read-only file system"),
    ])
  func aFileSystemWithoutRoomIsSaid(_ options: String, _ filling: String, _ word: String) throws {
    let result = try doctor(
      after: """
        exec unshare -m sh -c '
          mount -t tmpfs -o \(options) none /mnt && \(filling);
          exec "$0" doctor -o /mnt/trace.bin' "$0";
        """)
    #expect(result.status == 69, "\(result.output)")
    #expect(result.output.contains(word), "\(result.output)")
  }

  @Test(.enabled(if: isRoot, "only root can be someone else"))
  func aFolderOfSomebodyElsesIsSaid() throws {
    let command = folder.path + "/memtrace"
    try FileManager.default.copyItem(atPath: BuiltCommand.path, toPath: command)
    let result = try doctor(
      after: "exec setpriv --reuid 65534 --clear-groups '\(command)' doctor;",
      environment: [
        "MEMTRACE_LIBRARY": try copyOfLibrary(), "LD_LIBRARY_PATH": Self.runtime,
      ])
    #expect(result.status == 69)
    #expect(result.output.contains("Permission denied"), "\(result.output)")
  }

  @Test func aLimitOnTheSizeOfFilesIsSaid() throws {
    let result = try doctor(after: "ulimit -f 8192;")
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.contains("ulimit -f"), "\(result.output)")
    let tight = try doctor(after: "ulimit -f 16;")
    #expect(tight.status == 69, "\(tight.output)")
    #expect(tight.output.contains("File too large"), "\(tight.output)")
  }

  // MARK: - Confinement

  /// Filters as containers have them: one refuses, one kills.
  @Test(arguments: [
    ("fallocate", "ERRNO|EPERM", "Operation not permitted"),
    ("fallocate", "KILL_PROCESS", "seccomp=unconfined"),
  ])
  func aFilterOfSystemCallsIsSaid(_ call: String, _ action: String, _ word: String) throws {
    let parts = action.split(separator: "|")
    let program = try folder.compile(
      """
      #include <errno.h>
      #include <linux/filter.h>
      #include <linux/seccomp.h>
      #include <stddef.h>
      #include <sys/prctl.h>
      #include <sys/syscall.h>
      #include <unistd.h>
      int main(int count, char **words) {
        struct sock_filter filter[] = {
          BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
          BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_\(call), 0, 1),
          BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_\(parts.joined(separator: " | "))),
          BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        struct sock_fprog program = {4, filter};
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
            prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
          return 1;
        return execv(words[1], words + 1) + count;
      }
      """, as: "filter")
    let result = try doctor(after: "exec '\(program)' \"$0\" doctor;")
    #expect(result.status == 69, "\(result.output)")
    #expect(result.output.contains("a seccomp filter is in force"), "\(result.output)")
    #expect(result.output.contains(word), "\(result.output)")
  }

  @Test func profilesAreNamed() {
    func said(_ profile: String, enforces: Bool = false, _ status: String = "") -> [String] {
      ConfinementCheck(profile: profile, status: status, enforcesPolicy: enforces).findings()
        .map(\.meaning)
    }
    #expect(said("unconfined\n") == [])
    #expect(said("docker-default (complain)\n") == [])
    let apparmor = said("docker-default (enforce)\n")
    #expect(apparmor.count == 1)
    #expect(apparmor.first?.contains("AppArmor confines this session (docker-default") == true)
    #expect(
      said("system_u:system_r:httpd_t:s0\0", enforces: true).first?.contains("httpd_t:s0)") == true)
    #expect(said("", "Name:\tx\nSeccomp:\t0\n") == [])
    #expect(said("", "NoNewPrivs:\t0\nSeccomp:\t2\nSeccomp_filters:\t1\n").count == 1)
    func gainsNone(_ status: String) -> Bool {
      ConfinementCheck(profile: "", status: status, enforcesPolicy: false).gainsNoPrivileges
    }
    #expect(gainsNone("NoNewPrivs:\t1\n"))
    #expect(!gainsNone("NoNewPrivs:\t0\n"))
  }

  @Test(.enabled(if: canMount, "needs root and mount(8)"))
  func aMissingProcIsSaid() throws {
    let result = try doctor(
      after: """
        exec unshare -m sh -c 'mount -t tmpfs none /proc && exec "$0" doctor' "$0";
        """, environment: ["MEMTRACE_LIBRARY": try ShimLibrary.find().path])
    #expect(result.status == 69, "\(result.output)")
    #expect(result.output.contains("/proc is not mounted"), "\(result.output)")
  }

  // MARK: - Other libraries

  @Test func whatIsPreloadedAlreadyIsSaid() throws {
    let allocator = try folder.compile(
      """
      #include <stddef.h>
      void *malloc(size_t size) { static char memory[64]; return size < 64 ? memory : NULL; }
      """, as: "allocator.so", ["-shared", "-fPIC"])
    let sanitizer = try folder.compile(
      "void __asan_init(void) {}\n", as: "sanitizer.so", ["-shared", "-fPIC"])
    let plain = try folder.compile(
      "int nothing(void) { return 0; }\n", as: "plain.so", ["-shared", "-fPIC"])
    func findings(_ preloaded: String, auditors: String = "", everywhere: String = "") -> [Finding]
    {
      PreloadCheck(preloaded: preloaded, auditors: auditors, everywhere: everywhere).findings()
    }
    #expect(findings("") == [])
    #expect(findings("\(plain):libc.so.6 \(plain)") == [])
    #expect(findings("\(plain) \(allocator)").map(\.verdict) == [.doubtful])
    #expect(findings(sanitizer).map(\.verdict) == [.bad])
    #expect(findings("", everywhere: "# mine\n\(allocator) # that\n").map(\.verdict) == [.doubtful])
    #expect(findings("/no/such/library.so").first?.meaning.contains("no library") == true)
    #expect(findings("/x/libmemtrace.so").first?.meaning.contains("already") == true)
    #expect(findings("", auditors: "/x/audit.so").first?.meaning.contains("LD_AUDIT") == true)
  }

  @Test func theRuntimeOfASanitizerCannotComeSecond() throws {
    let paths = try FileManager.default.contentsOfDirectory(atPath: "/usr/lib/x86_64-linux-gnu")
      .filter { $0.hasPrefix("libasan.so.") }.sorted()
    guard let name = paths.first else { return }
    let result = try doctor(
      after: "", environment: ["LD_PRELOAD": "/usr/lib/x86_64-linux-gnu/\(name)"])
    #expect(result.status == 69, "\(result.output)")
    #expect(result.output.contains("AddressSanitizer"), "\(result.output)")
  }
}
