// SPDX-License-Identifier: Apache-2.0
//
// Linker names to names as their authors wrote them: C++, Rust, D, Swift. Names come from files
// that nobody vouches for, so what a name may cost is bounded: its length, the length of its
// text, and the depth of the demanglers' recursion.

import CElfutils
import Glibc

/// Turns linker names back into source names.
package enum Demangler {
  /// A name longer than this is left as it is: demangling takes up to 250 bytes of stack a byte.
  private static let symbolByteLimit = 16 * 1024
  /// A text longer than this is given up, and the linker name used.
  private static let textByteLimit = 64 * 1024
  /// Back references in a D name, each of which can repeat all that is before it.
  private static let dlangReferenceLimit = 24
  private static let options = DMGL_PARAMS | DMGL_ANSI
  /// Without libiberty's own limit, which refuses every C++ name of more than 1024 bytes.
  ///
  /// The depth of such a name is bounded by `symbolByteLimit`; that of a Rust name, which may
  /// refer to itself, is not.
  private static let longNameOptions = options | Int32(DMGL_NO_RECURSE_LIMIT)

  private typealias Language = (prefixes: [String], demangle: @Sendable (String) -> String?)

  /// How linker names of each language begin, and what reads them; tried in this order.
  private static let languages: [Language] = [
    (["_R", "__R", "_ZN"], { bounded(rust_demangle_callback, options, $0) }),
    (
      ["_Z", "__Z", "___Z", "_GLOBAL_"],
      { bounded(cplus_demangle_v3_callback, longNameOptions, $0) }
    ),
    (["$s", "_$s", "$S", "_$S", "$e", "_$e", "_T0", "@__swiftmacro_"], swift),
    (["_D"], dlang),
  ]

  /// The name as written in the source, or `symbol` itself where it is not mangled.
  package static func demangle(_ symbol: String) -> String {
    guard symbol.utf8.count <= symbolByteLimit else { return symbol }
    for language in languages where language.prefixes.contains(where: symbol.hasPrefix) {
      if let name = language.demangle(symbol) { return name }
    }
    return symbol
  }

  private static func bounded(
    _ demangler: mt_demangler, _ options: Int32, _ symbol: String
  ) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: textByteLimit) { buffer in
      let byteCount = mt_demangle_bounded(
        demangler, symbol, options, buffer.baseAddress, buffer.count)
      guard byteCount > 0 else { return nil }
      return String(decoding: UnsafeRawBufferPointer(buffer).prefix(byteCount), as: UTF8.self)
    }
  }

  private static func swift(_ symbol: String) -> String? {
    guard SwiftNameCost.isAcceptable(symbol) else { return nil }
    return take(swift_demangle(symbol, symbol.utf8.count, nil, nil, 0))
  }

  private static func dlang(_ symbol: String) -> String? {
    let referenceCount = symbol.utf8.count { $0 == UInt8(ascii: "Q") }
    guard referenceCount <= dlangReferenceLimit else { return nil }
    return take(dlang_demangle(symbol, options))
  }

  /// A string from malloc, ours to free.
  private static func take(_ text: UnsafeMutablePointer<CChar>?) -> String? {
    guard let text else { return nil }
    defer { free(text) }
    guard strnlen(text, textByteLimit) < textByteLimit else { return nil }
    return String(cString: text)
  }
}
