// SPDX-License-Identifier: Apache-2.0
//
// Names in, names out; and that hostile names neither crash nor take long.

import Testing

@testable import Symbolication

struct DemanglerTests {
  @Test(arguments: [
    ("_ZN2ns1fEi", "ns::f(int)"),
    ("_ZNSt6vectorIiSaIiEE4sizeEv", "std::vector<int, std::allocator<int> >::size()"),
    ("_ZN12_GLOBAL__N_15localEv", "(anonymous namespace)::local()"),
    ("_ZZ4mainENKUlvE_clEv", "main::{lambda()#1}::operator()() const"),
    ("_Z3addii.constprop.0", "add(int, int) [clone .constprop.0]"),
    ("_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE", "core::fmt::Write::write_fmt"),
    ("_RNvNtCs1234_7mycrate3foo3bar", "mycrate::foo::bar"),
    ("$s4main3fooyyF", "main.foo() -> ()"),
    ("$sSa6appendyyxnF", "Swift.Array.append(__owned A) -> ()"),
    ("_D4core6memory2GC4freeFPvZv", "core.memory.GC.free(void*)"),
  ])
  func aMangledNameBecomesItsSourceName(mangled: String, source: String) {
    #expect(Demangler.demangle(mangled) == source)
  }

  @Test(arguments: [
    "malloc", "main", "", "_", "_Z", "_R", "_D", "$s", "_ZN", "_Do_it", "Zürich", "_Z1f\u{1b}",
  ])
  func anyOtherNameStaysAsItIs(name: String) {
    #expect(Demangler.demangle(name) == name)
  }

  @Test func aNameOfMoreThanOneThousandBytesIsDemangled() {
    let mangled =
      "_Z1f" + String(repeating: "N2ns4typeIi", count: 100) + String(repeating: "EE", count: 100)
    #expect(mangled.utf8.count > 1024)
    #expect(Demangler.demangle(mangled).hasPrefix("f(ns::type<int, ns::type<int"))
  }

  /// Found by the fuzzer: the search for what the name costs did not come to its end.
  @Test(.timeLimit(.minutes(1))) func aLengthBeyondAllIntegersIsNoName() {
    let name = "$sA]2888888888888888888888"
    #expect(Demangler.demangle(name) == name)
  }

  @Test func aNameOfManyMegabytesIsLeftAlone() {
    let name = "_Z1f" + String(repeating: "P", count: 10 << 20) + "i"
    #expect(Demangler.demangle(name) == name)
  }

  /// Every `S_IS0_S0_E` doubles the text of the one before.
  @Test func aNameThatStandsForGigabytesIsLeftAlone() {
    let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    let doublings = digits.map { "S_IS\($0)_S\($0)_E" }.joined()
    let name = "_Z1f1aIiiE" + doublings
    #expect(Demangler.demangle(name) == name)
  }

  /// A generic type of itself and itself, as often as there are letters; and one repeated.
  @Test(arguments: [
    "$s1a1WV1fyyAA1SVy" + String(repeating: "AFy", count: 18) + "S2iG"
      + "GHIJKLMNOPQRSTUVWX".map { "AG\($0)G" }.joined() + "F",
    "$s1a1fyyAA1SVyA2048C_A2048C_A2048C_tGF",
  ])
  func aSwiftNameThatStandsForGigabytesIsLeftAlone(name: String) {
    #expect(Demangler.demangle(name) == name)
  }

  @Test func everyNameOfTheSwiftRuntimeOfUsualComplexityIsAcceptable() {
    for name in [
      "$s13Symbolication5FrameV8function4file4line6column5image0G6Offset7address9isInlined4kind"
        + "ACSSSg_AMSiSgAnMs6UInt64VSgAPSbAC4KindOtcfC",
      "$s20memtracePackageTests21TestSourceCodeContextV6encode2toys7Encoder_p_tKF",
    ] {
      #expect(Demangler.demangle(name) != name)
    }
  }

  @Test(arguments: ["_Z1f", "_R", "_RIC1a", "$s", "$s4main", "_D1f", "_ZN4core17h"])
  func deeplyNestedNamesDoNotOverflowTheStack(prefix: String) {
    for piece in ["P", "PF", "N1aI", "R", "TR", "ng", "XS", "Say", "Q", "Qb", "F", "Sd", "1a"] {
      let name = prefix + String(repeating: piece, count: 16 * 1024 / piece.utf8.count)
      #expect(!Demangler.demangle(String(name.prefix(16 * 1024))).isEmpty)
    }
  }

  @Test func randomNamesNeitherCrashNorTakeLong() {
    var generator = Seeded(state: 7)
    let pieces = [
      "_Z", "_R", "$s", "_D", "N", "E", "I", "S_", "S0_", "St", "T_", "1a", "4main", "i", "P", "F",
      "K", "C", "B_", "s", "y", "G", "Q", "X", "x", "A", "a", "_", "0", "17h0123456789abcdefE", "L",
    ]
    for _ in 0..<20_000 {
      var name = ["_Z", "_R", "$s", "_D"].randomElement(using: &generator) ?? ""
      for _ in 0..<Int.random(in: 0..<60, using: &generator) {
        name += pieces.randomElement(using: &generator) ?? ""
      }
      #expect(!Demangler.demangle(name).isEmpty)
    }
  }
}
