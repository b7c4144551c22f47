// SPDX-License-Identifier: Apache-2.0
//
// An ELF file as it was loaded into the traced process: where to look addresses up.

/// An ELF file that was mapped into the traced process.
package struct LoadedImage: Hashable, Sendable {
  /// The file's path in the traced process; `[vdso]` and the like have no file.
  package let path: String
  /// The build-id noted when it was loaded; empty when the file has none.
  package let buildID: [UInt8]
  /// The lowest address mapped: that of a page.
  package let start: UInt64
  /// Behind the highest address mapped.
  package let end: UInt64
  /// Run-time address less address in the file.
  package let loadBias: UInt64
  /// When the image was seen to be loaded, since 1970; nil when that is not known.
  package let recordedNanoseconds: UInt64?

  package init(
    path: String, buildID: [UInt8], start: UInt64, end: UInt64, loadBias: UInt64,
    recordedNanoseconds: UInt64? = nil
  ) {
    self.path = path
    self.buildID = buildID
    self.start = start
    self.end = end
    self.loadBias = loadBias
    self.recordedNanoseconds = recordedNanoseconds
  }

  /// Whether a path is the name of code that the kernel maps into every process; there is no file
  /// of it.
  package static func isKernelCode(_ path: String) -> Bool {
    path.hasPrefix("[") || path.hasPrefix("linux-vdso.so") || path.hasPrefix("linux-gate.so")
  }
}
