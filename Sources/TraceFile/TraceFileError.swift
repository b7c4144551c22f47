// SPDX-License-Identifier: Apache-2.0
//
// Why a file cannot be used as a trace. Facts here, worded once, below.

import SystemPackage

/// What makes a file unusable as a trace; damage inside a usable one is a `TraceDamage`.
package enum TraceFileError: Error, Hashable, Sendable {
  case noSuchFile(path: String)
  case cannotRead(path: String, errno: Int32)
  case notAFile(path: String)
  case notATrace(path: String)
  case unsupportedVersion(path: String, found: UInt32, supported: UInt32)
  case otherByteOrder(path: String)
}

extension TraceFileError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .noSuchFile(let path):
      "no such file: \(path)"
    case .cannotRead(let path, let errno):
      "cannot read \(path): \(Errno(rawValue: errno).description)"
    case .notAFile(let path):
      "\(path) is not a regular file; name a trace file"
    case .notATrace(let path):
      "\(path) is not a memtrace trace; record one with 'memtrace run'"
    case .unsupportedVersion(let path, let found, let supported):
      found > supported
        ? """
        \(path) has trace format version \(found), this memtrace reads version \(supported); \
        use a newer memtrace
        """
        : """
        \(path) has trace format version \(found), this memtrace reads version \(supported); \
        record it again
        """
    case .otherByteOrder(let path):
      "\(path) was recorded on a machine of the other byte order; read it on one like that"
    }
  }
}
