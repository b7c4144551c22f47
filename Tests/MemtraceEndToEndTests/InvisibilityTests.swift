// SPDX-License-Identifier: Apache-2.0
//
// With and without the shim a program's output, exit status and errno are the same.

import Foundation
import Testing

@Suite struct InvisibilityTests {
  /// Runs a program both ways in one directory, the trace elsewhere.
  private func expectNoDifference(
    _ program: String, _ arguments: [String], in directory: String, input: String = "/dev/null"
  ) throws {
    let traces = try TemporaryDirectory()
    let plain = try run(program, arguments, in: directory, input: input)
    let traced = try run(
      program, arguments, in: directory,
      environment: tracedEnvironment(["MEMTRACE_OUTPUT": traces.file("trace.bin")]), input: input)
    #expect(traced.output == plain.output)
    #expect(traced.errors == plain.errors)
    #expect(traced.ending == plain.ending)
    #expect(try traces.names().contains("trace.bin"))
  }

  @Test func aProgramThatLooksAtItselfSeesNothing() throws {
    let fixture = try Fixture(source: "invisible.c").path()
    try expectNoDifference(fixture, ["an", "argument"], in: "/")
  }

  struct Command: Sendable, CustomStringConvertible {
    let words: [String]
    var needs: String?

    init(_ words: String...) { self.words = words }

    var description: String { words.joined(separator: " ") }
  }

  static let commands = [
    Command("ls", "-l"), Command("ls", "/nonexistent"), Command("sort", "-r", "books.c"),
    Command("sed", "-n", "s/books/BOOKS/p", "books.h"),
    Command("awk", "{ n[$1]++ } END { for (w in n) print w, n[w] }", "books.c"),
    Command("grep", "-rn", "noinline", "."), Command("grep", "nowhere to be found", "books.c"),
    Command("find", ".", "-name", "*.c", "-newer", "books.h"),
    Command("cc", "--version"), Command("cc", "-fsyntax-only", "-std=gnu11", "books.c"),
    Command("cc", "-fsyntax-only", "nonexistent.c"),
    Command(
      "perl", "-e", "my %h = map { $_ => $_ * 2 } 1..20000; print scalar(keys %h), \"\\n\"; exit 3"),
    Command(
      "python3", "-c",
      "import json, subprocess; print(json.dumps(list(range(2000)))); print(subprocess.run(['ls'], capture_output=True).stdout)"
    ),
    Command("python3", "-c", "import sys; sys.exit('to stderr')"),
    Command(
      "node", "-e",
      "console.log([...Array(1000).keys()].map(x => x * x).join()); process.exitCode = 5"),
    Command("node", "-e", "throw new Error('not caught')"),
    Command("node", "-p", "Object.keys(process.versions).join()"),
    Command(
      "bash", "-c",
      "echo $$ | tr -d 0-9; for i in $(seq 50); do (exit $i) || true; done; echo $?; kill -TERM $$"),
    Command("sh", "-c", "trap 'echo caught' USR1; kill -USR1 $$; echo after"),
    Command("tar", "-cf", "-", "books.h"), Command("git", "--version"),
    Command("make", "-n", "-C", "/", "nothing-to-be-made"), Command("false"),
  ]

  @Test(arguments: commands)
  func realProgramsAreTheSame(_ command: Command) throws {
    guard let program = Project.installed(command.words[0]) else { return }
    try expectNoDifference(program, Array(command.words.dropFirst()), in: Project.fixtures)
  }

  @Test func gitSeesTheSameTree() throws {
    let git = try #require(Project.installed("git"))
    let repository = try TemporaryDirectory()
    let identity = ["-c", "user.name=T", "-c", "user.email=t@example.com"]
    for arguments in [["init", "-q"], ["add", "."], identity + ["commit", "-qm", "one"]] {
      try repository.write("text\n".utf8, to: "file")
      #expect(try run(git, arguments, in: repository.path).ending == .exited(0))
    }
    try repository.write("other\n".utf8, to: "file")
    try repository.write("new\n".utf8, to: "untracked")
    for arguments in [["status"], ["diff"], ["log", "--stat"], ["fsck", "--full"]] {
      try expectNoDifference(git, arguments, in: repository.path)
    }
  }

  @Test func inputIsReadAsItIs() throws {
    let input = "\(Project.fixtures)/books.c"
    for words in [["sort"], ["cat"], ["wc"], ["sha256sum"], ["xargs", "-n1", "echo"]] {
      let program = try #require(Project.installed(words[0]))
      try expectNoDifference(program, Array(words.dropFirst()), in: "/", input: input)
    }
  }

  @Test func errorsOfTheProgramsOwnComeThrough() throws {
    let dies = try Fixture(source: "dies.c").path()
    for how in ["abort", "segv", "term", "overflow", "handled", "quick_exit", "exec"] {
      try expectNoDifference(dies, [how], in: "/tmp")
    }
  }

  @Test func aBareLibraryNameIsLookedUpAsTheCallersOwn() throws {
    let fixture = try PluginFixtures.path()
    try expectNoDifference(fixture, ["bare", "3"], in: "/")
  }
}
