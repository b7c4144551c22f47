// SPDX-License-Identifier: Apache-2.0
//
// The root of the command: its name, its version, its subcommands.

import ArgumentParser

struct Memtrace: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "memtrace",
    abstract: "Finds native memory leaks in unmodified Linux programs.",
    usage: """
      memtrace run [OPTIONS] -- CMD...     record a program, show what it leaks
      memtrace report [OPTIONS] [TRACE]    show what a trace says
      memtrace timeline [OPTIONS] [TRACE]  memory over time: a leak, how fast?
      memtrace diff [OPTIONS] TRACE...     compare two runs, or two instants
      memtrace check [OPTIONS] [TRACE...]  fail when a program leaks or grows
      memtrace export --format F [TRACE]   write it for another tool
      """,
    discussion: """
      Exit status: 0 fine; 1 a check failed; 64 wrong usage; 65 not a usable file; 66 no such file; \
      69 something needed is missing; 73 output cannot be written. 'run' exits as CMD did.
      """,
    version: "0.1.0",
    subcommands: [
      RunCommand.self, ReportCommand.self, TimelineCommand.self, DiffCommand.self,
      InvestigateCommand.self, CheckCommand.self, ExportCommand.self, MarkCommand.self,
      DoctorCommand.self, ManualCommand.self,
    ])
}
