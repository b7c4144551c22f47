// SPDX-License-Identifier: Apache-2.0
//
// What stood in the way of names, as facts; the wording is in one place.

/// A reason why addresses of an image have no names, or not all they could have.
package enum SymbolicationWarning: Error, Hashable {
  /// No file at the image's path, and none with its build-id elsewhere.
  case missingFile(path: String)
  /// The file at the image's path has another build-id: it was replaced after the recording.
  case replacedFile(path: String)
  /// The file has no build-id, and changed after the recording began.
  case unverifiedFile(path: String)
  /// The file is no ELF file, or damaged.
  case unreadableFile(path: String, reason: String)
  /// The file's debug information says less than it should; names come from its symbol table where
  /// it has one.
  case debugInformation(path: String, DebugInformationFault)
}

extension SymbolicationWarning: CustomStringConvertible {
  package var description: String {
    switch self {
    case .missingFile(let path):
      "\(path): no such file; its functions have no names"
    case .replacedFile(let path):
      "\(path): replaced since the recording (its build-id differs); its functions have no names"
    case .unverifiedFile(let path):
      """
      \(path): changed since the recording, and without a build-id to tell whether it is the \
      same; its names may be wrong
      """
    case .unreadableFile(let path, let reason):
      "\(path): cannot be read (\(reason)); its functions have no names"
    case .debugInformation(let path, let fault):
      "\(path): \(fault.description)"
    }
  }
}

extension DebugInformationFault {
  fileprivate var description: String {
    switch self {
    case .damaged(let reason):
      "damaged debug information (\(reason)); names may be missing"
    case .unknownCompression(let section, let method):
      """
      debug information compressed with \(method) (\(section)), which the elfutils installed here \
      cannot read; lines and inlined functions are missing
      """
    case .missingSplitFile(let name):
      """
      part of its debug information is in other files, and \(name) is missing or of another \
      build; inlined functions are missing
      """
    case .missingSharedFile(let name):
      """
      part of its debug information is in \(name), which is missing or another; names may be \
      missing
      """
    }
  }
}
