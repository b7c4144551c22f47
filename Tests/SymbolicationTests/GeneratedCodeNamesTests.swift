// SPDX-License-Identifier: Apache-2.0
//
// Names of generated code. Those of V8 were written by node v20.20.2 with
// --perf-basic-prof --interpreted-frames-native-stack.

import Testing

@testable import Symbolication

struct GeneratedCodeNamesTests {
  struct Example: CustomTestStringConvertible {
    let name: String
    let frame: Frame

    init(
      _ name: String, _ function: String, _ file: String? = nil, _ line: Int? = nil,
      _ column: Int? = nil, kind: Frame.Kind = .javascript
    ) {
      self.name = name
      frame = Frame(
        function: function, file: file, line: line, column: column, address: 0x1000, kind: kind)
    }

    var testDescription: String { name }
  }

  @Test(arguments: [
    Example("JS:~main /tmp/b/x.js:6:20", "main", "/tmp/b/x.js", 6, 20),
    Example("JS:^named /tmp/b/x.js:3:15", "named", "/tmp/b/x.js", 3, 15),
    Example("JS:*arrow /tmp/b/x.js:4:13", "arrow", "/tmp/b/x.js", 4, 13),
    Example("JS:+'hot /tmp/b/x.js:4:13", "hot", "/tmp/b/x.js", 4, 13),
    Example("JS:~ /tmp/b/x.js:8:130", "(anonymous)", "/tmp/b/x.js", 8, 130),
    Example("Eval:~ /tmp/b/x.js:1:1", "(anonymous)", "/tmp/b/x.js", 1, 1),
    Example("JS:~get y /tmp/b/x.js:2:65", "get y", "/tmp/b/x.js", 2, 65),
    Example("JS:~#p /tmp/b/x.js:2:81", "#p", "/tmp/b/x.js", 2, 81),
    Example("Script:~ file:///tmp/b/m%20o.mjs:1:1", "(anonymous)", "/tmp/b/m o.mjs", 1, 1),
    Example("JS:~üñí file:///tmp/b/m%20o.mjs:2:20", "üñí", "/tmp/b/m o.mjs", 2, 20),
    Example("JS:~f file:///tmp/%C3%BC.mjs:2:20", "f", "/tmp/ü.mjs", 2, 20),
    Example("JS:~get href node:internal/url:925:11", "get href", "node:internal/url", 925, 11),
    Example(
      "JS:~<instance_members_initializer> node:internal/modules/esm/loader:781:1",
      "<instance_members_initializer>", "node:internal/modules/esm/loader", 781, 1),
    Example(
      "JS:~GET /users /tmp/b/sp ace/y z.js:1:22", "GET /users", "/tmp/b/sp ace/y z.js", 1, 22),
    Example("JS:~ee [eval]:1:12", "ee", "[eval]", 1, 12),
    Example("JS:~workerLoses [worker eval]:2:23", "workerLoses", "[worker eval]", 2, 23),
    Example("JS:~f evalmachine.<anonymous>:1:12", "f", "evalmachine.<anonymous>", 1, 12),
    Example("JS:~evaled :1:16", "evaled", "<anonymous>", 1, 16),
    Example("JS:* :1:1", "(anonymous)", "<anonymous>", 1, 1),
    Example("JS:wasm-function[0]-0-liftoff", "wasm-function[0]"),
    Example("JS:add-12-turbofan", "add"),
    Example("RegExp:x(y|z)*w", "RegExp:x(y|z)*w"),
    Example("LazyCompile:~f /tmp/x.js:12", "f", "/tmp/x.js", 12),
    Example("Function:*f https://host/a b.js:1:2", "f", "https://host/a b.js", 1, 2),
    Example("Builtin:ArrayMap", "Builtin:ArrayMap", kind: .native),
    Example("BytecodeHandler:Star.Wide", "BytecodeHandler:Star.Wide", kind: .native),
    Example("Stub:js-to-wasm:i:i", "Stub:js-to-wasm:i:i", kind: .native),
    Example("py::main:/srv/app.py", "main", "/srv/app.py", kind: .native),
    Example("py::<module>:/srv/a:b.py", "<module>", "/srv/a:b.py", kind: .native),
    Example("Ljava/lang/Thread;::run", "Ljava/lang/Thread;::run", kind: .native),
    Example("Function::call", "Function::call", kind: .native),
    Example("", "", kind: .native),
    Example("JS:", "(anonymous)"),
    Example("JS:~", "(anonymous)"),
    Example("JS:~f /x:99999999999999999999:1", "f", "/x:99999999999999999999", 1),
    Example("JS:~f file:///%zz%2:1:1", "f", "/%zz%2", 1, 1),
  ])
  func aNameIsTakenApart(example: Example) {
    let names = GeneratedCodeNames(entries: [(0x1000, 16, example.name)])
    #expect(names.frame(at: 0x1000) == example.frame)
  }

  /// A line of a perf map may have 64 KiB, and hold anything; looking at every byte of it for every
  /// space in it would take minutes.
  @Test(arguments: [" ", "a ", " :", ":1", "://", "[ ", "%", "%4", "JS:", "🇦", "\u{301} ", "~ /"])
  func aLongNameOfAnythingIsTakenApartAtOnce(piece: String) {
    let long = String(repeating: piece, count: (64 << 10) / piece.utf8.count)
    for name in ["JS:~" + long + ":1:1", "JS:*f " + long + ":1", "py::" + long, long] {
      let names = GeneratedCodeNames(entries: [(0x1000, 16, name)])
      #expect(names.frame(at: 0x1000)?.function != nil)
    }
  }

  @Test func namesOfAnythingDoNoHarm() {
    var generator = Seeded(state: 23)
    let pieces = [
      "JS:", "Eval:", "py::", "RegExp:", "~", "*", "+'", " ", ":", "1", "99999999999999999999", "/",
      "file://", "node:", "[", "]", "%", "%4", "%41", "-1-liftoff", "\0", "\u{1b}[2J", "é", "🇦",
    ]
    let entries = (0..<5000).map { number in
      var name = ""
      for _ in 0..<Int.random(in: 0..<12, using: &generator) {
        name += pieces.randomElement(using: &generator) ?? ""
      }
      let start =
        [UInt64(number) << 4, .random(in: 0 ... .max, using: &generator)]
        .randomElement(using: &generator) ?? 0
      return (start, UInt64.random(in: 0...64, using: &generator), name)
    }
    let names = GeneratedCodeNames(entries: entries)
    for entry in entries {
      let frame = names.frame(at: entry.0)
      if let line = frame?.line { #expect(line >= 0) }
    }
  }

  @Test func anAddressOutsideEveryEntryHasNoName() {
    let names = GeneratedCodeNames(entries: [(0x1000, 16, "a"), (0x2000, 0, "empty")])
    #expect(names.frame(at: 0xfff) == nil)
    #expect(names.frame(at: 0x1010) == nil)
    #expect(names.frame(at: 0x2000) == nil)
    #expect(GeneratedCodeNames(entries: []).frame(at: 0) == nil)
  }

  @Test func aLaterEntryReplacesAnEarlierOneWhereItCoversIt() {
    let names = GeneratedCodeNames(entries: [(0x1000, 0x100, "old"), (0x1080, 0x100, "new")])
    #expect(names.frame(at: 0x107f)?.function == "old")
    #expect(names.frame(at: 0x1080)?.function == "new")
    #expect(names.frame(at: 0x117f)?.function == "new")
  }

  @Test func anEntryUpToTheEndOfTheAddressesIsNoOverflow() {
    let names = GeneratedCodeNames(entries: [(UInt64.max - 1, .max, "last")])
    #expect(names.frame(at: .max - 1)?.function == "last")
  }

  @Test func aReturnAddressBelongsToTheCodeBeforeIt() {
    let names = GeneratedCodeNames(entries: [(0x1000, 16, "caller"), (0x1010, 16, "next")])
    let frame = names.frame(at: CodeAddress(address: 0x1010, isReturnAddress: true, image: nil))
    #expect(frame?.function == "caller")
    #expect(frame?.address == 0x1010)
    let exact = names.frame(at: CodeAddress(address: 0x1010, isReturnAddress: false, image: nil))
    #expect(exact?.function == "next")
  }
}
