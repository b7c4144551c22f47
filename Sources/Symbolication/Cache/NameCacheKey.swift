// SPDX-License-Identifier: Apache-2.0
//
// What names depend on. Two reports that agree in all of it get the same names, so those of one
// can serve the other.

import CElfutils
import Glibc

/// Everything that decides which names the addresses of an image get.
struct NameCacheKey: Hashable {
  /// Changes with the layout of the files.
  private static let formatVersion = 1
  /// Shorter ones were chosen by hand, and may be on more than one file.
  private static let shortestBuildID = 8
  private static let longestBuildID = 64

  let buildID: [UInt8]
  /// Size and time of the image's file and of its debug file; not where they are.
  private let files: String

  /// Nil for what cannot be told apart well enough.
  ///
  /// - Parameters:
  ///   - image: What was loaded.
  ///   - file: The file it was loaded from.
  ///   - open: Opens that file once more.
  init?(image: LoadedImage, file: ElfFile, reopening open: () -> ElfFile?) {
    guard let identity = file.identity, !LoadedImage.isKernelCode(image.path),
      Self.shortestBuildID...Self.longestBuildID ~= image.buildID.count,
      let second = open()
    else { return nil }
    buildID = image.buildID
    switch second.findDebugFile() {
    case .none: files = Self.text(identity) + " none"
    case .separate(let debugFile): files = Self.text(identity) + " " + Self.text(debugFile)
    case .unclear: return nil
    }
  }

  /// A text that is the same for equal keys alone.
  var text: String { "\(Self.maker)\n\(hexadecimalBuildID)\n\(files)\n" }

  /// The name of the file for it.
  var fileName: String {
    let rest = Checksum.of(Array(text.utf8))
    return "\(hexadecimalBuildID)-\(String(rest, radix: 16)).names"
  }

  private var hexadecimalBuildID: String {
    buildID.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private static func text(_ identity: FileIdentity) -> String {
    "\(identity.byteCount):\(identity.modifiedNanoseconds)"
  }

  /// Who makes the names: this very program, and the library it reads files with.
  private static let maker: String = {
    let descriptor = open("/proc/self/exe", O_RDONLY | O_CLOEXEC)
    defer { close(descriptor) }
    let program = FileIdentity(descriptor: descriptor).map(text) ?? "unknown"
    let elfutils = dwfl_version(nil).map { String(cString: $0) } ?? "unknown"
    return "memtrace-names \(formatVersion) \(program) elfutils \(elfutils)"
  }()
}
