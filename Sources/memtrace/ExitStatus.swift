// SPDX-License-Identifier: Apache-2.0
//
// The command's exit statuses: a public interface, as sysexits.h numbers them.

/// What the command says to a shell.
enum ExitStatus: Int32 {
  case success = 0
  /// Leaks or a threshold crossed, where a gate was asked for.
  case gateFailed = 1
  case wrongUsage = 64
  /// The file is not a usable trace.
  case unusableTrace = 65
  case noSuchFile = 66
  /// Something needed is missing, or something named is not there.
  case unavailable = 69
  case cannotCreate = 73
  /// As a shell has them for `run`.
  case cannotExecute = 126
  case commandNotFound = 127
}
