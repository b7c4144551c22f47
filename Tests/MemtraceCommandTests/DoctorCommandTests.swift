// SPDX-License-Identifier: Apache-2.0
//
// `memtrace doctor`: what it makes of programs of several kinds.

import Foundation
import Testing

@testable import memtrace

@Suite struct DoctorCommandTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func findings(_ program: String) -> [Finding] {
    ProgramCheck(program: program).findings()
  }

  private func prevents(_ program: String) -> [String] {
    findings(program).filter { $0.verdict == .bad }.map(\.subject)
  }

  @Test func anOrdinaryProgramIsFine() {
    #expect(findings("/bin/sh").allSatisfy { $0.verdict == .good })
    #expect(findings("env").contains { $0.subject == "linking" && $0.verdict == .good })
  }

  @Test func whatIsNotThereIsSaid() throws {
    #expect(prevents("/nonexistent/program") == ["program"])
    #expect(prevents("no-such-program-anywhere") == ["program"])
    #expect(prevents(try folder.file("data", "data".utf8)) == ["program"])
  }

  @Test func aStaticProgramCannotBeRecorded() throws {
    let program = try folder.compile("int main(void) { return 0; }\n", as: "static", ["-static"])
    #expect(prevents(program) == ["linking"])
  }

  @Test func anotherArchitectureCannotBeRecorded() throws {
    var bytes = try Data(contentsOf: URL(fileURLWithPath: "/bin/true"))
    bytes[18] = 243
    let program = try folder.file("riscv", bytes)
    chmod(program, 0o755)
    #expect(prevents(program) == ["architecture"])
  }

  @Test func muslIsToldApart() throws {
    let program = try folder.compile(
      "int main(void) { return 0; }\n", as: "musl",
      ["-Wl,--dynamic-linker=/lib/ld-musl-x86_64.so.1"])
    #expect(prevents(program) == ["libc"])
  }

  @Test func aProgramWithItsOwnMallocIsDoubtful() throws {
    let program = try folder.compile(
      """
      #include <stddef.h>
      static char memory[64];
      void *malloc(size_t size) { return size < 64 ? memory : NULL; }
      int main(void) { return 0; }
      """, as: "own", ["-rdynamic"])
    #expect(findings(program).contains { $0.subject == "allocator" && $0.verdict == .doubtful })
  }

  @Test func aScriptIsFollowedToItsInterpreter() throws {
    let direct = try folder.file("direct", "#!/bin/sh -e\n".utf8)
    let env = try folder.file("env", "#!/usr/bin/env -S sh -e\n".utf8)
    let broken = try folder.file("broken", "#!/nonexistent/interpreter\n".utf8)
    let endless = folder.path + "/endless"
    _ = try folder.file("endless", "#!\(endless)\n".utf8)
    for script in [direct, env, broken, endless] { chmod(script, 0o755) }
    #expect(findings(direct).contains { $0.meaning.contains("run by /bin/sh") })
    #expect(findings(direct).contains { $0.subject == "linking" })
    #expect(findings(env).contains { $0.meaning.contains("/sh;") })
    #expect(prevents(broken) == ["script"])
    #expect(prevents(endless) == [])
  }

  @Test func moreRightsThanTheUsersCannotBeRecorded() throws {
    let program = folder.path + "/set-group"
    try FileManager.default.copyItem(atPath: "/bin/true", toPath: program)
    // A group that is not ours; only root may give a file to one.
    guard geteuid() == 0, chown(program, 0, getegid() + 4321) == 0 else { return }
    chmod(program, 0o2755)
    #expect(prevents(program) == ["privileges"])
  }

  @Test(arguments: [("address", "AddressSanitizer"), ("thread", "ThreadSanitizer")])
  func aProgramWithASanitizerCannotBeRecorded(_ option: String, _ name: String) throws {
    let program = try folder.compile(
      "int main(void) { return 0; }\n", as: option, ["-fsanitize=\(option)"])
    #expect(prevents(program) == ["sanitizer"])
    #expect(findings(program).contains { $0.meaning.contains(name) })
  }

  @Test func aProgramOf32BitsCannotBeRecorded() throws {
    var bytes = try Data(contentsOf: URL(fileURLWithPath: "/bin/true"))
    bytes[4] = 1  // ELFCLASS32
    bytes[18] = 3  // EM_386
    let program = try folder.file("i386", bytes)
    chmod(program, 0o755)
    #expect(prevents(program) == ["architecture"])
    #expect(findings(program).contains { $0.meaning.contains("i386") })
  }

  @Test func aScriptForWhatCannotBeRecordedCannotBeRecordedEither() throws {
    let interpreter = try folder.compile("int main(void) { return 0; }\n", as: "st", ["-static"])
    let script = try folder.file("script", "#!\(interpreter)\n".utf8)
    chmod(script, 0o755)
    #expect(prevents(script) == ["linking"])
  }

  @Test(arguments: [
    (["env", "-i", "node"], true), (["/usr/bin/env", "FOO=1", "node"], false),
    (["sudo", "node"], true), (["docker", "run", "image"], true), (["chroot", "/x", "node"], true),
    (["systemctl", "start", "x"], true), (["valgrind", "node"], false), (["node", "-i"], false),
  ])
  func whatStartsTheProgramMayKeepTheLibraryFromIt(_ command: [String], _ prevents: Bool) {
    let findings = LauncherCheck(command: command).findings()
    #expect(findings.contains { $0.verdict == .bad } == prevents)
  }

  @Test func aSnapIsKnownByItsPlace() throws {
    #expect(ProgramCheck.confinement(of: "/snap/bin/node").map(\.subject) == ["confinement"])
    #expect(
      ProgramCheck.confinement(of: "/var/lib/flatpak/exports/bin/org.x").map(\.subject)
        == ["confinement"])
    #expect(ProgramCheck.confinement(of: "/bin/sh") == [])
  }

  @Test func anOldLibcIsNamed() {
    #expect(EnvironmentCheck.libc(version: "2.31").verdict == .bad)
    #expect(EnvironmentCheck.libc(version: "2.34").verdict == .doubtful)
    #expect(EnvironmentCheck.libc(version: "2.36").verdict == .good)
    #expect(EnvironmentCheck.libc(version: "3.0").verdict == .good)
  }

  @Test func damagedFilesAreNoProblem() throws {
    let sound = try Data(contentsOf: URL(fileURLWithPath: "/bin/true"))
    for length in [0, 3, 17, 63, 64, 100, 500, 5000] {
      let program = try folder.file("cut", sound.prefix(length))
      chmod(program, 0o755)
      _ = findings(program)
    }
    for offset in 4..<64 {
      var bytes = sound
      bytes[offset] = 0xff
      let program = try folder.file("changed", bytes)
      chmod(program, 0o755)
      _ = findings(program)
    }
  }

  @Test func theExitStatusSaysWhetherItWorks() throws {
    let result = try BuiltCommand.run(
      "doctor", "--", "sh", "-c", "x", in: folder.path,
      environment: ["MEMTRACE_LIBRARY": "/nonexistent.so"])
    #expect(result.status == 69)
    #expect(result.output.contains("FAIL"))
    #expect(result.output.contains("/nonexistent.so"))
  }
}
