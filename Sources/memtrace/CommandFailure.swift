// SPDX-License-Identifier: Apache-2.0
//
// Every error the command can end with: one line that says what is wrong and what to do, and the
// exit status. Errors of the other modules bring their own words; here they get their status.

import Glibc
import MemtraceAnalyzer
import SystemPackage
import TraceFile

/// An error, ready to be shown.
struct CommandFailure: Error {
  let message: String
  let status: ExitStatus

  init(_ message: String, _ status: ExitStatus) {
    self.message = message
    self.status = status
  }

  /// nil for what ArgumentParser throws.
  init?(_ error: any Error) {
    switch error {
    case let failure as CommandFailure: self = failure
    case let error as TraceFileError: self.init(error.description, Self.status(of: error))
    case let error as AnalysisError: self.init(error.description, .wrongUsage)
    case let error as CompressionError: self.init(error.description, .unavailable)
    case let error as CheckFileError: self.init(error.description, .unusableTrace)
    case let error as Errno: self.init(error.description, .unavailable)
    default: return nil
    }
  }

  private static func status(of error: TraceFileError) -> ExitStatus {
    switch error {
    case .noSuchFile: return .noSuchFile
    case .cannotRead(_, let errno):
      let isUnreachable = [ENOTDIR, EACCES, EPERM, ELOOP, ENAMETOOLONG].contains(errno)
      return isUnreachable ? .noSuchFile : .unusableTrace
    default: return .unusableTrace
    }
  }

  static func cannotCreate(_ path: String, _ errno: Errno) -> CommandFailure {
    CommandFailure("cannot write \(path): \(errno.description)", .cannotCreate)
  }
}
