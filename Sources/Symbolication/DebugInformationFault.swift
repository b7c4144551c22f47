// SPDX-License-Identifier: Apache-2.0
//
// What can be wrong with a file's debug information, as facts; the wording is in
// `SymbolicationWarning`.

/// A reason why debug information gives less than it could.
package enum DebugInformationFault: Hashable, Sendable {
  /// It contradicts itself, or its file.
  case damaged(reason: String)
  /// A section of it is compressed in a way the installed elfutils does not know.
  case unknownCompression(section: String, method: String)
  /// Functions stand in files of their own (.dwo), of which this one was not found, or is that of
  /// another build.
  case missingSplitFile(String)
  /// Some of it stands in a file that several share (dwz), which was not found, or is not the one.
  case missingSharedFile(String)
}
