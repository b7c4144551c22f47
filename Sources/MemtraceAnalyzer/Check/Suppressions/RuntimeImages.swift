// SPDX-License-Identifier: Apache-2.0
//
// Which frames are of a runtime that a program runs in, and not of the program.

import Symbolication

/// The files that a runtime consists of.
package enum RuntimeImages: Hashable, Sendable {
  /// node, what distributions link it with, and libc.
  case node
  /// node's own file.
  case nodeItself
  /// The loader, libc and its parts.
  case libc
  /// The C++ runtime.
  case cxx
  /// What the distribution brought, programs and libraries; no add-on.
  case system

  private static let libcFiles: [Substring] = [
    "libc.so", "libc-", "ld-linux", "ld-2.", "libpthread", "libdl", "libm.so", "libm-", "libresolv",
    "librt", "libnss_", "[vdso]", "libmemtrace.so",
  ]
  private static let cxxFiles: [Substring] = [
    "libstdc++.so", "libgcc_s.so", "libc++.so", "libc++abi.so",
  ]
  private static let nodeFiles: [Substring] = [
    "libnode.so", "libuv.so", "libv8", "libcrypto.so", "libssl.so", "libz.so", "libcares.so",
    "libnghttp2.so", "libnghttp3.so", "libngtcp2", "libicudata.so", "libicui18n.so", "libicuuc.so",
    "libbrotli", "libllhttp.so", "libsimdjson.so", "libsimdutf.so", "libada.so", "libzstd.so",
  ]
  private static let systemFolders = [
    "/bin/", "/sbin/", "/lib/", "/lib32/", "/lib64/", "/usr/bin/", "/usr/sbin/", "/usr/lib/",
    "/usr/lib32/", "/usr/lib64/", "/usr/libexec/",
  ]
  static let nodeExecutables: Set<Substring> = ["node", "nodejs"]

  /// Whether a frame is of it; none without an image is.
  func contain(_ frame: Frame) -> Bool {
    guard frame.kind == .native, let image = frame.image,
      let name = image.split(separator: "/").last
    else { return false }
    func begins(with prefixes: [Substring]) -> Bool { prefixes.contains(where: name.hasPrefix) }
    switch self {
    case .system:
      return Self.systemFolders.contains(where: image.hasPrefix) && !name.hasSuffix(".node")
        && !image.contains("/node_modules/")
    case .nodeItself: return Self.nodeExecutables.contains(name) || name.hasPrefix("libnode.so")
    case .libc: return begins(with: Self.libcFiles)
    case .cxx: return begins(with: Self.cxxFiles)
    case .node:
      return Self.nodeExecutables.contains(name) || begins(with: Self.libcFiles)
        || begins(with: Self.cxxFiles) || begins(with: Self.nodeFiles)
    }
  }

  /// JavaScript, or code in no image, which V8 made of it.
  static func isGenerated(_ frame: Frame) -> Bool {
    frame.kind == .javascript || frame.image == nil
  }
}
