// SPDX-License-Identifier: Apache-2.0
//
// What stood in the way of names, as facts; the wording is in one place.

/// A reason why addresses of an image have no names, or not all they could have.
package enum SymbolicationWarning: Error, Hashable {
  /// No file at the image's path, and none with its build-id elsewhere.
  case missingFile(path: String)
  /// The file at the image's path has another build-id: it was replaced after the recording.
  case replacedFile(path: String)
  /// The file is no ELF file, or damaged.
  case unreadableFile(path: String, reason: String)
  /// The file's debug information is damaged; names come from its symbol table where it has one.
  case damagedDebugInformation(path: String, reason: String)
}

extension SymbolicationWarning: CustomStringConvertible {
  package var description: String {
    switch self {
    case .missingFile(let path):
      "\(path): no such file; its functions have no names"
    case .replacedFile(let path):
      "\(path): replaced since the recording (its build-id differs); its functions have no names"
    case .unreadableFile(let path, let reason):
      "\(path): cannot be read (\(reason)); its functions have no names"
    case .damagedDebugInformation(let path, let reason):
      "\(path): damaged debug information (\(reason)); names may be missing"
    }
  }
}
