// SPDX-License-Identifier: Apache-2.0
//
// What can go wrong when a program is run, worded once.

import Foundation

/// A program that could not be run, or did not end as it should.
enum RunError: Error, Equatable, CustomStringConvertible {
  case notInstalled(String)
  case systemCall(String, errno: Int32)
  case tookTooLong(String, seconds: Double)
  case failed(String, status: Int32, firstErrorLine: String)
  case unexpectedOutput(String, wanted: String)

  var description: String {
    switch self {
    case .notInstalled(let name): "\(name) is not installed"
    case .systemCall(let call, let errno): "\(call): \(String(cString: strerror(errno)))"
    case .tookTooLong(let name, let seconds): "\(name) took more than \(Int(seconds)) s"
    case .failed(let name, let status, let line):
      (status & 0x7f == 0
        ? "\(name) exited with \(status >> 8 & 0xff)"
        : "\(name) was ended by signal \(status & 0x7f)") + (line.isEmpty ? "" : ": \(line)")
    case .unexpectedOutput(let name, let wanted): "\(name) did not print \(wanted)"
    }
  }
}
