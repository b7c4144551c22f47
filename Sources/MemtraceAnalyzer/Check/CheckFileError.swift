// SPDX-License-Identifier: Apache-2.0
//
// A file that a check was given and cannot use, with the line that is at fault.

/// What is wrong with a suppression file or a baseline.
package enum CheckFileError: Error, Hashable, Sendable {
  case malformed(path: String, line: Int, reason: String)
}

extension CheckFileError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .malformed(let path, let line, let reason): "\(path):\(line): \(reason)"
    }
  }
}
