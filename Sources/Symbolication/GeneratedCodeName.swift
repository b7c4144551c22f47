// SPDX-License-Identifier: Apache-2.0
//
// One name from a perf map, taken apart. V8 (node v20) writes
//
//   JS:~main /srv/app.js:6:20             JS, Eval or Script: a tier mark, the function's name,
//   JS:^ file:///srv/m%20o.mjs:8:111      a space, the script, line and column
//   JS:~get href node:internal/url:925:11
//   JS:*evaled :1:16                      code from a string has no script; node calls it
//                                         <anonymous> in its own stack traces
//   JS:wasm-function[0]-0-liftoff         WebAssembly: its index and its tier
//   RegExp:x(y|z)*w
//   BytecodeHandler:Star  Builtin:ArrayMap
//
// (older versions: LazyCompile or Function where this one has JS), and CPython `py::main:/app.py`.

/// A name of generated code, as function, file and line.
struct GeneratedCodeName: Hashable, Sendable {
  var function: String
  var file: String?
  var line: Int?
  var column: Int?
  var kind: Frame.Kind

  /// The kinds of code V8 makes of a script's functions.
  private static let scriptTags: Set<Substring> = [
    "JS", "Eval", "Script", "Function", "LazyFunction", "LazyCompile",
    "NativeFunction", "NativeLazyCompile", "NativeScript",
  ]
  /// interpreted, baseline, optimized by Maglev, by TurboFan; the last two specialized.
  private static let tierMarks = ["+'", "*'", "~", "^", "+", "*"]
  private static let pythonPrefix = "py::"
  private static let scriptOfString = "<anonymous>"
  private static let schemeByteLimit = 32

  init(_ text: String) {
    self.init(function: text, kind: .native)
    if text.hasPrefix(Self.pythonPrefix) {
      parsePython(text.dropFirst(Self.pythonPrefix.count))
    } else if let colon = text.firstIndex(of: ":") {
      let tag = text[..<colon]
      let rest = text[text.index(after: colon)...]
      if Self.scriptTags.contains(tag), !rest.hasPrefix(":") {
        parseScriptFunction(rest)
      } else if tag == "RegExp" {
        kind = .javascript
      }
    }
  }

  /// The name as the frame of an address.
  func frame(at address: UInt64) -> Frame {
    Frame(function: function, file: file, line: line, column: column, address: address, kind: kind)
  }

  private init(function: String, kind: Frame.Kind) {
    self.function = function
    self.kind = kind
  }

  private mutating func parsePython(_ text: Substring) {
    guard let colon = text.firstIndex(of: ":") else { return }
    function = String(text[..<colon])
    file = String(text[text.index(after: colon)...])
  }

  private mutating func parseScriptFunction(_ text: Substring) {
    kind = .javascript
    let text = Self.tierMarks.first { text.hasPrefix($0) }.map { text.dropFirst($0.count) } ?? text
    guard let position = SourcePosition(endOf: text), let space = Self.endOfName(position.before)
    else {
      function = Self.named(Self.withoutWasmTier(text))
      return
    }
    function = Self.named(position.before[..<space])
    let script = position.before[position.before.index(after: space)...]
    // The line in a string counts from the start of that string, here as in node's own traces.
    file = script.isEmpty ? Self.scriptOfString : Self.path(ofScript: script)
    line = position.line
    column = position.column
  }

  /// WebAssembly functions are called `name-index-tier`.
  private static func withoutWasmTier(_ text: Substring) -> Substring {
    for tier in ["-liftoff", "-turbofan"] where text.hasSuffix(tier) {
      let name = text.dropLast(tier.count)
      guard let dash = name.lastIndex(of: "-"),
        name[name.index(after: dash)...].allSatisfy(\.isNumber)
      else { return text }
      return name[..<dash]
    }
    return text
  }

  private static func named(_ name: Substring) -> String {
    name.isEmpty ? "(anonymous)" : String(name)
  }

  /// The space between a function's name and its script; both may hold spaces.
  ///
  /// Scripts are nearly always absolute paths, URLs or `[eval]` and its like, so the last space
  /// with one of these behind it is meant, and the last space at all where there is none.
  private static func endOfName(_ text: Substring) -> Substring.Index? {
    var end = text.endIndex
    while let space = text.utf8[..<end].lastIndex(of: UInt8(ascii: " ")) {
      let script = text[text.index(after: space)...]
      if script.hasPrefix("/") || script.hasPrefix("node:") || script.hasPrefix("data:")
        || isURL(script) || script.hasPrefix("[") && script.hasSuffix("]")
      {
        return space
      }
      end = space
    }
    return text.utf8.lastIndex(of: UInt8(ascii: " "))
  }

  /// Looks no further than at the scheme: a name may have as many spaces as it has bytes.
  private static func isURL(_ text: Substring) -> Bool {
    let scheme = text.utf8.prefix(schemeByteLimit).prefix { $0 != UInt8(ascii: ":") }
    return text[scheme.endIndex...].hasPrefix("://")
      && scheme.allSatisfy { UInt8(ascii: "+")...UInt8(ascii: "z") ~= $0 }
  }

  /// A file: URL's path; any other script as it is.
  private static func path(ofScript script: Substring) -> String {
    let prefix = "file://"
    guard script.hasPrefix(prefix + "/") else { return String(script) }
    return String(script.dropFirst(prefix.count)).withoutPercentEncoding
  }
}

/// `:line:column` or `:line` at the end of a text.
private struct SourcePosition {
  let before: Substring
  let line: Int
  let column: Int?

  init?(endOf text: Substring) {
    guard let (head, last) = Self.splitNumber(text) else { return nil }
    if let (head, first) = Self.splitNumber(head) {
      (before, line, column) = (head, first, last)
    } else {
      (before, line, column) = (head, last, nil)
    }
  }

  private static func splitNumber(_ text: Substring) -> (Substring, Int)? {
    guard let colon = text.lastIndex(of: ":") else { return nil }
    let digits = text[text.index(after: colon)...]
    guard digits.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
      let number = Int(digits)
    else { return nil }
    return (text[..<colon], number)
  }
}

extension String {
  /// `%20` and its like replaced by the bytes they stand for.
  fileprivate var withoutPercentEncoding: String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(utf8.count)
    var rest = utf8[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let value = UInt8(hexadecimalDigits: rest.prefix(2))
      {
        bytes.append(value)
        rest.removeFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension UInt8 {
  fileprivate init?(hexadecimalDigits digits: Substring.UTF8View) {
    let text = Substring(digits)
    guard text.allSatisfy(\.isHexDigit) else { return nil }
    self.init(text, radix: 16)
  }
}
