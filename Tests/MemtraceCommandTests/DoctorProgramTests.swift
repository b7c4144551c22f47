// SPDX-License-Identifier: Apache-2.0
//
// `memtrace doctor`: kinds of programs that DoctorCommandTests has not.

import Foundation
import Testing

@testable import memtrace

@Suite struct DoctorProgramTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func findings(_ program: String) -> [Finding] {
    ProgramCheck(program: program).findings()
  }

  private func prevents(_ program: String) -> [String] {
    findings(program).filter { $0.verdict == .bad }.map(\.subject)
  }

  private static let main = "int main(void) { return 0; }\n"

  @Test func aStaticProgramThatCanBePlacedAnywhereCannotBeRecorded() throws {
    let program = try folder.compile(Self.main, as: "pie", ["-static-pie"])
    #expect(prevents(program) == ["linking"])
    #expect(findings(program).contains { $0.meaning.contains("statically linked") })
  }

  @Test func aProgramOfAnotherLibcIsNamed() throws {
    let program = try folder.compile(
      Self.main, as: "nix", ["-Wl,--dynamic-linker=\(folder.path)/ld-linux-x86-64.so.2"])
    #expect(prevents(program) == ["libc"])  // its loader is not there
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/ld-linux-x86-64.so.2",
      withDestinationPath: "/lib64/ld-linux-x86-64.so.2")
    #expect(prevents(program) == [])
    #expect(findings(program).contains { $0.subject == "libc" && $0.verdict == .doubtful })
  }

  @Test func theLoaderItselfIsNoStaticProgram() {
    let said = findings("/lib64/ld-linux-x86-64.so.2")
    #expect(said.contains { $0.subject == "linking" && $0.verdict == .doubtful })
  }

  /// A program of Go's without C is static; with C its heap is still its own.
  @Test func aProgramOfGosIsKnown() throws {
    let source = Self.main + "__asm__(\".section .go.buildinfo,\\\"a\\\"\\n.quad 1\\n.text\");\n"
    let dynamic = try folder.compile(source, as: "cgo")
    #expect(prevents(dynamic) == [])
    #expect(findings(dynamic).contains { $0.meaning.contains("Go's") && $0.verdict == .doubtful })
    let alone = try folder.compile(source, as: "go", ["-static"])
    #expect(prevents(alone) == ["linking"])
    #expect(findings(alone).contains { $0.meaning.contains("runtime/pprof") })
  }

  @Test func whatGoBuildsIsKnown() throws {
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/go") else { return }
    let source = try folder.file("main.go", "package main\nfunc main() {}\n".utf8)
    let build = Process()
    build.executableURL = URL(fileURLWithPath: "/usr/bin/go")
    build.arguments = ["build", "-o", folder.path + "/hello", source]
    build.environment = [
      "HOME": folder.path, "PATH": "/usr/bin:/bin", "GOCACHE": folder.path + "/cache",
      "GOFLAGS": "-mod=mod", "CGO_ENABLED": "0",
    ]
    try build.runWithoutBlockedSignals()
    build.waitUntilExit()
    try #require(build.terminationStatus == 0)
    #expect(prevents(folder.path + "/hello") == ["linking"])
    #expect(findings(folder.path + "/hello").contains { $0.meaning.contains("Go's") })
  }

  /// clang links its runtimes in; gcc's are libraries.
  @Test(arguments: [("address", "AddressSanitizer"), ("memory", "MemorySanitizer")])
  func aProgramWithASanitizerOfClangCannotBeRecorded(_ option: String, _ name: String) throws {
    guard let clang = ProgramCheck.resolve("clang") else { return }
    let source = try folder.file("\(option).c", Self.main.utf8)
    let program = folder.path + "/clang-\(option)"
    let build = Process()
    build.executableURL = URL(fileURLWithPath: clang)
    build.arguments = ["-fsanitize=\(option)", "-o", program, source]
    try build.runWithoutBlockedSignals()
    build.waitUntilExit()
    try #require(build.terminationStatus == 0)
    #expect(prevents(program) == ["sanitizer"])
    #expect(findings(program).contains { $0.meaning.contains(name) })
  }

  @Test(.enabled(if: geteuid() == 0, "only root may give a file away"))
  func aProgramOfAnotherUserWithItsRightsCannotBeRecorded() throws {
    let program = folder.path + "/set-user"
    try FileManager.default.copyItem(atPath: "/bin/true", toPath: program)
    try #require(chown(program, 65534, getgid()) == 0)
    chmod(program, 0o4755)
    #expect(prevents(program) == ["privileges"])
  }

  /// For root they change nothing; for others they do, unless nothing may be gained.
  @Test(.enabled(if: geteuid() == 0, "only root may give capabilities"))
  func aProgramWithCapabilitiesCannotBeRecordedByOthers() throws {
    let program = folder.path + "/capable"
    let command = folder.path + "/memtrace"
    try FileManager.default.copyItem(atPath: "/bin/true", toPath: program)
    try FileManager.default.copyItem(atPath: BuiltCommand.path, toPath: command)
    // The package itself may lie where others must not look.
    let library = folder.path + "/libmemtrace.so"
    try FileManager.default.copyItem(atPath: ShimLibrary.find().path, toPath: library)
    chmod(folder.path, 0o777)
    guard run("/usr/sbin/setcap", ["cap_net_raw+ep", program]) == 0 else { return }
    #expect(prevents(program) == [])
    let asNobody = ["--reuid", "65534", "--clear-groups", "--inh-caps=-all"]
    let doctor = [command, "doctor", "-o", folder.path + "/trace.bin", "--", program]
    #expect(run("/usr/bin/setpriv", asNobody + doctor, library: library) == 69)
    #expect(try text("output").contains("has file capabilities"))
    let withoutGain = asNobody + ["--no-new-privs"] + doctor
    #expect(run("/usr/bin/setpriv", withoutGain, library: library) == 0)
    #expect(!(try text("output").contains("has file capabilities")))
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: folder.path + "/" + name, encoding: .utf8)
      .replacing("\n      ", with: " ")
  }

  private func run(
    _ program: String, _ arguments: [String], library: String? = nil
  ) -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    var variables = ProcessInfo.processInfo.environment
    variables["MEMTRACE_LIBRARY"] = library ?? (try? ShimLibrary.find().path)
    process.environment = variables
    let output = folder.path + "/output"
    FileManager.default.createFile(atPath: output, contents: nil)
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = FileHandle(forWritingAtPath: output)
    guard (try? process.runWithoutBlockedSignals()) != nil else { return -1 }
    process.waitUntilExit()
    return process.terminationStatus
  }

  // MARK: - Commands that start others

  @Test func whatALauncherStartsIsLookedAt() throws {
    let alone = try folder.compile(Self.main, as: "alone", ["-static"])
    for words in [
      ["env", "A=1", alone], ["nice", "-n", "5", alone], ["timeout", "10", "env", alone],
      ["nohup", alone, "argument"],
    ] {
      let bad = DoctorCommand.findings(on: words).filter { $0.verdict == .bad }
      #expect(bad.map(\.subject) == ["linking"], "\(words)")
    }
    #expect(DoctorCommand.findings(on: ["env", "A=1", "sh"]).allSatisfy { $0.verdict == .good })
  }

  @Test(arguments: [
    ["env", "-u", "LD_PRELOAD", "sh"], ["env", "--unset=LD_PRELOAD", "sh"],
    ["timeout", "5", "env", "-i", "sh"],
  ])
  func whoTakesTheLibraryAwayIsNamed(_ command: [String]) {
    let bad = DoctorCommand.findings(on: command).filter { $0.verdict == .bad }
    #expect(bad.map(\.subject) == ["launcher"])
  }
}
