// SPDX-License-Identifier: Apache-2.0
//
// Completions, as bash, zsh and fish themselves make them of the scripts that the command writes.

import Foundation
import MemtraceTestSupport
import Testing

@testable import memtrace

/// A shell that completes, and how it is asked what it would offer.
enum CompletingShell: String, CaseIterable {
  case bash
  case zsh
  case fish

  /// What the shell offers for the last of `words`, when it has read `script`.
  func completions(of words: [String], script: String) throws -> Set<String> {
    let result: ProgramResult
    switch self {
    case .bash:
      result = try Program.run(
        "bash", ["--norc", "-c", Self.bashQuestion, "bash", script] + words)
    case .zsh:
      result = try Program.run(
        "zsh", ["-f", "-c", Self.zshQuestion, "zsh", script, words.joined(separator: " ")])
    case .fish:
      // An answer is followed by a tab and what it means.
      result = try Program.run(
        "fish",
        [
          "--no-config", "-c", "source $argv[1]; complete -C \"$argv[2]\" | string split -f 1 \\t",
          script, words.joined(separator: " "),
        ])
    }
    #expect(result.errors == "", "\(self)")
    let lines = result.output.split(separator: "\n").map {
      $0.trimmingCharacters(in: CharacterSet(charactersIn: " /"))
    }
    // Of a path zsh offers the rest alone.
    return Set(
      lines.filter { !$0.isEmpty }.map {
        $0.hasPrefix("-") ? $0 : ($0 as NSString).lastPathComponent
      })
  }

  private static let bashQuestion = """
    . "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
    COMP_LINE="${COMP_WORDS[*]}"; COMP_POINT=${#COMP_LINE}
    function=$(complete -p memtrace | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
    "$function" memtrace "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
    printf '%s\\n' "${COMPREPLY[@]}"
    """

  /// zsh completes on a terminal alone: it gets one, and writes down what its functions would add.
  private static let zshQuestion = #"""
    zmodload zsh/zpty
    found=$PWD/found
    zpty shell 'TERM=dumb zsh -f -i'
    tell() { zpty -w shell "$1" }
    tell "PS1= PS2= RPS1=; autoload -Uz compinit; compinit -u -D; source $1; compdef _memtrace memtrace"
    tell 'compadd() { local -a hits; if [[ " $* " != *" -"[OAD]" "* ]]; then
      builtin compadd -O hits "$@"; print -rl -- $hits >>'$found'; fi; builtin compadd "$@" }'
    tell 'collect() { _main_complete; compstate[insert]= compstate[list]=; print "all fo""und" }'
    tell 'zle -C collect complete-word collect; bindkey "^T" collect; print "all rea""dy"'
    while zpty -r shell line && [[ $line != *"all ready"* ]]; do :; done
    zpty -w -n shell "$2"$'\C-T'
    while zpty -r shell line && [[ $line != *"all found"* ]]; do :; done
    zpty -d shell
    cat $found
    """#
}

@Suite struct CompletionTests {
  private let folder: ScratchFolder

  init() throws {
    folder = try ScratchFolder()
    _ = try folder.file("trace.bin", "")
    _ = try folder.file("trace.7.bin", "")
    try FileManager.default.createDirectory(
      atPath: folder.path + "/tree", withIntermediateDirectories: true)
  }

  private func completions(_ shell: CompletingShell, _ words: [String]) throws -> Set<String> {
    let script = try BuiltCommand.run("--generate-completion-script", shell.rawValue)
    try #require(script.status == 0 && script.errors == "")
    return try shell.completions(
      of: ["memtrace"] + words, script: folder.file("memtrace.\(shell)", script.output))
  }

  private func completions(_ shell: CompletingShell, _ words: String...) throws -> Set<String> {
    try completions(shell, words)
  }

  @Test(arguments: CompletingShell.allCases)
  func commandsAndOptionsAreCompleted(shell: CompletingShell) throws {
    #expect(try completions(shell, "rep") == ["report"])
    // What is not to be seen is not offered.
    #expect(try completions(shell, "ma") == ["mark"])
    let options = try completions(shell, "export", "--f").filter { $0.hasPrefix("--f") }
    #expect(options == ["--format", "--from", "--filter"])
  }

  @Test(arguments: CompletingShell.allCases)
  func valuesAreCompleted(shell: CompletingShell) throws {
    #expect(try completions(shell, "export", "--format", "mas") == ["massif"])
    #expect(try completions(shell, "report", "--tree", "") == ["bottom-up", "top-down"])
    #expect(try completions(shell, "check", "--format", "s") == ["sarif"])
    #expect(try completions(shell, "timeline", "--color", "a") == ["auto", "always"])
  }

  @Test(arguments: CompletingShell.allCases)
  func filesAreCompletedWhereFilesAreMeant(shell: CompletingShell) throws {
    let beginning = folder.path + "/tr"
    let files: Set = ["trace.bin", "trace.7.bin", "tree"]
    for words in [
      ["report"], ["timeline"], ["investigate"], ["check"], ["diff", "trace.bin"], ["export"],
      ["report", "-o"], ["check", "--baseline"], ["check", "--suppressions"], ["run", "--junit"],
      ["timeline", "--gc-log"], ["run", "--"], ["doctor", "--"],
    ] {
      let offered = try completions(shell, words + [beginning])
      #expect(offered == files, "\(words)")
    }
    for words in [["report", "--sysroot"], ["report", "--source"], ["check", "--sysroot"]] {
      #expect(try completions(shell, words + [beginning]) == ["tree"], "\(words)")
    }
    #expect(try completions(shell, "report", "--top", "") == [])
  }
}
