// SPDX-License-Identifier: Apache-2.0
//
// Suppressions of LeakSanitizer's and of valgrind's, read and applied as those do.

import CTraceFormat
import Symbolication
import Testing
import TraceFile

@testable import MemtraceAnalyzer

@Suite struct SuppressionTests {
  static func frame(
    _ function: String?, _ image: String? = "/app/addon.node", file: String? = nil,
    line: Int? = nil
  ) -> Frame {
    Frame(function: function, file: file, line: line, image: image, address: 0x1000)
  }

  static func script(_ function: String, _ file: String = "/app/app.js") -> Frame {
    Frame(function: function, file: file, line: 3, address: 0x2000, kind: .javascript)
  }

  private let stack = [
    frame("std::vector<int>::push_back(int const&)", file: "/usr/include/c++/vector", line: 7),
    frame("ns::Class::fill(int)", file: "/src/fill.cc", line: 42),
    frame("v8impl::Invoke", "/usr/bin/node"), script("handle"), frame("main", "/usr/bin/node"),
  ]

  private func silences(
    _ text: String, _ frames: [Frame]? = nil, allocatedBy: mt_function = MT_NEW
  ) throws -> Bool {
    let file = try SuppressionFile(text, path: "s")
    #expect(file.suppressions.count == 1)
    return file.suppressions.contains {
      $0.covers(
        frames ?? stack, allocatedBy: [AllocationFunction(rawValue: UInt8(allocatedBy.rawValue))])
    }
  }

  private func error(_ text: String) -> String? {
    do {
      _ = try SuppressionFile(text, path: "my.supp")
      return nil
    } catch {
      return error.description
    }
  }

  // MARK: LeakSanitizer

  @Test(arguments: [
    "leak:fill", "leak:Class::f", "leak:addon.node", "leak:fill.cc", "leak:/src/", "leak:handle",
    "leak:^ns::Class", "leak:*fill*", "leak:ns*fill", "leak:^ns*fill(int)$", "leak:fill.cc$",
    "  leak:main  \r", "# a comment\n\n leak:main",
  ])
  func aPatternIsLookedForInEveryName(text: String) throws {
    #expect(try silences(text))
  }

  @Test(arguments: [
    "leak:empty", "leak:^Class", "leak:Class$", "leak:f?ll", "leak:fill*Class", "leak:^main()$",
  ])
  func anotherPatternSilencesNothing(text: String) throws {
    #expect(!(try silences(text)))
  }

  @Test func whatLeakSanitizerCannotReadIsAnErrorWithItsLine() {
    #expect(error("# fine\nleak:a\nrace:b\n")?.hasPrefix("my.supp:3: ") == true)
    #expect(error("leak:a\nnonsense")?.hasPrefix("my.supp:2: ") == true)
    #expect(error("leak:")?.hasPrefix("my.supp:1: ") == true)
    #expect(error("leak:*")?.hasPrefix("my.supp:1: ") == true)
    #expect(error("") == nil)
    #expect(error("# nothing but a comment\n") == nil)
  }

  // MARK: valgrind

  private func valgrind(_ lines: String..., kind: String = "Memcheck:Leak") -> String {
    (["{", "   name", kind] + lines + ["}"]).joined(separator: "\n   ")
  }

  @Test func framesMatchFromTheInnermostOneOn() throws {
    #expect(try silences(valgrind("fun:std::vector*", "fun:ns::Class::fill")))
    #expect(try silences(valgrind("fun:std::vector*")))
    #expect(!(try silences(valgrind("fun:ns::Class::fill"))))
    #expect(try silences(valgrind("...", "fun:ns::Class::fill")))
    #expect(try silences(valgrind("...", "obj:/usr/bin/node")))
    #expect(try silences(valgrind("...", "fun:ns*", "...", "fun:main")))
    #expect(!(try silences(valgrind("...", "fun:main", "...", "fun:ns*"))))
    #expect(!(try silences(valgrind("fun:std*", "...", "fun:std*"))))
    #expect(try silences(valgrind("obj:*/addon.node", "obj:*/addon.?ode")))
    #expect(!(try silences(valgrind("obj:addon.node"))))
  }

  @Test func theAllocatingFunctionMayStandFirst() throws {
    #expect(try silences(valgrind("fun:_Znwm", "fun:std::vector*")))
    #expect(!(try silences(valgrind("fun:_Znwm", "fun:ns*"))))
    #expect(!(try silences(valgrind("fun:malloc", "fun:std::vector*"))))
    #expect(try silences(valgrind("fun:malloc", "fun:std::vector*"), allocatedBy: MT_MALLOC))
    #expect(try silences(valgrind("fun:*alloc", "fun:std::vector*"), allocatedBy: MT_CALLOC))
    #expect(try silences(valgrind("fun:_Znw?"), allocatedBy: MT_NEW))
  }

  @Test func manglingIsUndoneAsFarAsWildcardsLet() throws {
    #expect(try silences(valgrind("...", "fun:_ZN2ns5Class4fillEi")))
    #expect(try silences(valgrind("...", "fun:_ZN2ns5Class*")))
    #expect(try silences(valgrind("...", "fun:_ZN2ns5Class4fillE?")))
    #expect(!(try silences(valgrind("...", "fun:_ZN2ns5Other*"))))
    #expect(!(try silences(valgrind("...", "fun:_ZN2ns5Class4fillEv"))))
  }

  @Test func aSourceIsNamedWithoutItsFolder() throws {
    #expect(try silences(valgrind("...", "src:fill.cc")))
    #expect(try silences(valgrind("...", "src:fill.*:42")))
    #expect(!(try silences(valgrind("...", "src:fill.cc:43"))))
    #expect(!(try silences(valgrind("...", "src:/src/fill.cc"))))
  }

  @Test func othersToolsAndKindsArePassedOver() throws {
    let text =
      valgrind("fun:a", kind: "Helgrind:Race") + "\n" + valgrind("fun:b", kind: "Memcheck:Cond")
      + "\n" + valgrind("match-leak-kinds: reachable,possible", "fun:c", kind: "Memcheck,drd:Leak")
    let file = try SuppressionFile(text, path: "s")
    #expect(file.suppressions.count == 1)
    #expect(file.suppressions.first?.origin == .file(path: "s", line: 12))
  }

  @Test func whatValgrindCannotReadIsAnErrorWithItsLine() {
    let bad: [(String, Int)] = [
      ("{\n name\n Memcheck:Leak\n fun:a\n", 5), ("{\n}\n", 2), ("{\nname\nLeak\nfun:a\n}", 3),
      ("{\nname\nMemcheck:Leak\n}", 4), ("{\nname\nMemcheck:Leak\n...\n}", 5),
      ("{\nname\nMemcheck:Leak\nfoo:a\n}", 4), ("{\nname\nMemcheck:Leak\nfun:a\n}\nleak:b", 6),
      ("{\nname\nMemcheck:Leak\nsrc:a.c:x\nfun:b\n}", 4),
      ("{\nname\nMemcheck:Leak\nmatch-leak-kinds:some\nfun:b\n}", 4),
      ("{\nname\nHelgrind:Race\nfun:b", 4),
    ]
    for (text, line) in bad {
      #expect(error(text)?.hasPrefix("my.supp:\(line): ") == true, "\(text) \(error(text) ?? "")")
    }
  }

  @Test func aPatternOfManyWildcardsTakesNoTime() throws {
    let name = String(repeating: "a", count: 20_000)
    let pattern = String(repeating: "*a", count: 2000) + "b"
    #expect(!(try silences("leak:" + pattern, [Self.frame(name)])))
    let lines = (0..<500).flatMap { _ in ["...", "fun:f"] } + ["fun:g"]
    let text = (["{", "name", "Memcheck:Leak"] + lines + ["}"]).joined(separator: "\n")
    #expect(!(try silences(text, Array(repeating: Self.frame("f"), count: 1000))))
  }

  // MARK: Built-in

  private func isBuiltin(_ frames: Frame..., isTruncated: Bool = false) -> Bool {
    BuiltinSuppressions.all.contains {
      $0.covers(frames, isTruncated: isTruncated, allocatedBy: [])
    }
  }

  @Test func whatNodeHoldsForItselfOrForJavaScriptIsSilenced() {
    let node = Self.frame("node::Start", "/usr/bin/node")
    let main = Self.frame("__libc_start_main", "/lib/x86_64-linux-gnu/libc.so.6")
    #expect(isBuiltin(node, main))
    #expect(isBuiltin(Self.frame("CRYPTO_zalloc", "/lib/libcrypto.so.3"), node, main))
    #expect(isBuiltin(node, Self.script("handle"), node, main))
    // Code that V8 made and gave no name.
    #expect(isBuiltin(node, Self.frame(nil, nil), node, main))
  }

  @Test func whatNodeHoldsOnBehalfOfAnAddonIsNot() {
    let node = Self.frame("v8impl::Reference::New", "/usr/bin/node")
    let api = Self.frame("napi_create_reference", "/usr/bin/node")
    let addon = Self.frame("Init", "/app/addon.node")
    let library = Self.frame("work", "/app/libwork.so")
    #expect(!isBuiltin(node, api, addon, node, Self.script("handle"), node))
    #expect(!isBuiltin(node, addon))
    #expect(!isBuiltin(addon, node))
    #expect(!isBuiltin(node, library, node))
    // The loader runs an add-on's constructors.
    #expect(!isBuiltin(addon, Self.frame("call_init", "/lib64/ld-linux-x86-64.so.2"), node))
    // But what JavaScript does that an add-on called is JavaScript's.
    #expect(isBuiltin(node, Self.script("callback"), node, addon, node, Self.script("handle")))
    // Other engines make code, too, and are not node.
    #expect(!isBuiltin(Self.script("handle"), node))
    #expect(!isBuiltin(Self.frame(nil, nil), Self.frame("main", "/app/vm")))
    // Who knows what lies beyond.
    #expect(!isBuiltin(node, isTruncated: true))
  }

  @Test func programsOfTheSystemAreSilencedAndItsLibrariesInOnesOwnAreNot() {
    let library = Self.frame("xmalloc", "/usr/lib/x86_64-linux-gnu/libselinux.so.1")
    #expect(isBuiltin(library, Self.frame(nil, "/bin/ls"), Self.frame("_start", "/bin/ls")))
    #expect(!isBuiltin(library, Self.frame("main", "/app/program")))
    #expect(!isBuiltin(library, Self.frame("main", "/usr/local/bin/program")))
    #expect(
      !isBuiltin(Self.frame("f", "/usr/lib/nodejs/iconv.node"), Self.frame("g", "/usr/bin/node")))
    #expect(!isBuiltin(Self.frame("f", "/usr/lib/node_modules/a/b.so")))
  }

  @Test func libcsOwnIsSilencedAndWhatItReturnsIsNot() {
    let libc = "/lib/x86_64-linux-gnu/libc.so.6"
    let main = Self.frame("main", "/app/program")
    #expect(isBuiltin(Self.frame("_IO_file_doallocate", libc), Self.frame("puts", libc), main))
    #expect(isBuiltin(Self.frame("_dl_allocate_tls", "/lib64/ld-linux-x86-64.so.2"), main))
    #expect(isBuiltin(Self.frame(nil, "/lib/x86_64-linux-gnu/libstdc++.so.6")))
    #expect(!isBuiltin(Self.frame("strdup", libc), main))
    #expect(!isBuiltin(Self.frame("fopen", libc), main))
    #expect(!isBuiltin(Self.frame(nil, "/lib/x86_64-linux-gnu/libstdc++.so.6"), main))
    #expect(!isBuiltin(main))
  }
}
