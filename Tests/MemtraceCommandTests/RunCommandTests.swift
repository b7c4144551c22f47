// SPDX-License-Identifier: Apache-2.0
//
// `memtrace run` as built, with a library that does nothing in place of the shim: how it starts a
// program, passes signals on, and ends. What is recorded is the end-to-end tests' business.

import Foundation
import MemtraceTestSupport
import Testing

@Suite struct RunCommandTests {
  private let folder: TemporaryFolder
  private let library: String

  init() throws {
    folder = try TemporaryFolder()
    library = try folder.compile("int nothing;\n", as: "libnothing.so", ["-shared", "-fPIC"])
  }

  private func run(_ arguments: String..., environment: [String: String] = [:]) throws
    -> CommandResult
  {
    try BuiltCommand.run(
      ["run"] + arguments, in: folder.path,
      environment: ["MEMTRACE_LIBRARY": library].merging(environment) { $1 })
  }

  @Test func itExitsAsTheProgramDid() throws {
    #expect(try run("-q", "--", "true").status == 0)
    #expect(try run("-q", "--", "sh", "-c", "exit 3").status == 3)
    #expect(try run("-q", "--", "sh", "-c", "exit 255").status == 255)
    #expect(try run("-q", "--", "sh", "-c", "kill -KILL $$").status == 128 + 9)
    #expect(try run("-q", "--", "sh", "-c", "kill -SEGV $$").status == 128 + 11)
    #expect(try run("-q", "--", "sh", "-c", "kill -TERM $$").status == 128 + 15)
  }

  @Test func standardOutputIsTheProgramsOwn() throws {
    let result = try run("--", "echo", "-n", "--flag", "a b")
    #expect(result.output == "--flag a b")
    #expect(result.errors.hasPrefix("memtrace: echo was not recorded"))
    #expect(try run("-q", "--", "echo", "x").errors == "")
  }

  @Test func theDashesMayBeLeftOut() throws {
    #expect(try run("-q", "echo", "--", "-n").output == "-- -n\n")
  }

  @Test func aProgramThatIsNotThereIs127AndOneThatCannotRunIs126() throws {
    let missing = try run("--", "/nonexistent/program")
    #expect(missing.status == 127)
    #expect(missing.isOneLineError)
    #expect(try run("--", "no-such-program-anywhere").status == 127)
    let plain = try folder.file("plain", "data".utf8)
    let refused = try run("--", plain)
    #expect(refused.status == 126)
    #expect(refused.isOneLineError)
    #expect(try run("--", folder.path).status == 126)
  }

  @Test func aScriptWithoutAFirstLineRuns() throws {
    let script = try folder.file("script", "echo script $1\n".utf8)
    chmod(script, 0o755)
    #expect(try run("-q", "--", script, "arg").output == "script arg\n")
  }

  @Test func theEnvironmentIsMadeForTheLibrary() throws {
    let result = try run(
      "-q", "-o", "my.bin", "--depth", "99", "--no-js", "--no-fold", "--", "env",
      environment: ["LD_PRELOAD": "libm.so.6", "MEMTRACE_ROOT": "1:/x"])
    let lines = Set(result.output.split(separator: "\n").map(String.init))
    let folder = URL(fileURLWithPath: folder.path).resolvingSymlinksInPath().path
    #expect(lines.contains("LD_PRELOAD=\(library):libm.so.6"))
    #expect(lines.contains("MEMTRACE_OUTPUT=\(folder)/my.bin"))
    #expect(lines.contains("MEMTRACE_DEPTH=99"))
    #expect(lines.contains("MEMTRACE_JS=0"))
    #expect(lines.contains("MEMTRACE_FOLD=0"))
    #expect(!lines.contains { $0.hasPrefix("MEMTRACE_ROOT=") })
  }

  @Test func signalsSentToItReachTheProgram() throws {
    // The program says who its parent is, that is, whom the test signals.
    let script = "trap 'echo got $1; exit 7' $1; echo $PPID; while :; do sleep 0.05; done"
    for signal in ["TERM", "HUP", "INT", "QUIT"] {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: BuiltCommand.path)
      process.arguments = ["run", "-q", "--", "sh", "-c", script, "sh", signal]
      process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
      process.environment = ProcessInfo.processInfo.environment.merging([
        "MEMTRACE_LIBRARY": library
      ]) { $1 }
      let output = Pipe()
      process.standardOutput = output
      try process.runWithoutBlockedSignals()
      let told = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
      let pid = pid_t(told.trimmingCharacters(in: .whitespacesAndNewlines))
      #expect(pid == process.processIdentifier)
      kill(
        process.processIdentifier,
        ["TERM": SIGTERM, "HUP": SIGHUP, "INT": SIGINT, "QUIT": SIGQUIT][signal] ?? 0)
      process.waitUntilExit()
      #expect(process.terminationStatus == 7, "\(signal)")
      let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      #expect(text == "got \(signal)\n")
    }
  }

  @Test func anIgnoredSignalStaysIgnored() throws {
    // As under nohup; and no signal is left blocked.
    let result = try run("-q", "--", "sh", "-c", "grep -E '^Sig(Blk|Ign)' /proc/self/status")
    let plain = Process()
    plain.executableURL = URL(fileURLWithPath: "/bin/sh")
    plain.arguments = ["-c", "grep -E '^Sig(Blk|Ign)' /proc/self/status"]
    let output = Pipe()
    plain.standardOutput = output
    try plain.runWithoutBlockedSignals()
    plain.waitUntilExit()
    let expected = String(
      decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(result.output == expected)
  }

  @Test func whereNothingCanBeWrittenNothingIsRun() throws {
    for output in ["/nonexistent/trace.bin", folder.path] {
      let result = try run("-o", output, "--", "echo", "ran")
      #expect(result.status == 73, "\(output)")
      #expect(result.isOneLineError, "\(result.errors)")
      #expect(result.output == "")
    }
  }

  @Test func withoutTheLibraryNothingIsRun() throws {
    let result = try run("--", "echo", "ran", environment: ["MEMTRACE_LIBRARY": "/nonexistent.so"])
    #expect(result.status == 69)
    #expect(result.isOneLineError)
    #expect(result.output == "")
  }
}
