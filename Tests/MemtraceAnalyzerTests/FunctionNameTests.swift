// SPDX-License-Identifier: Apache-2.0
//
// Names out of demangled functions.

import Testing

@testable import MemtraceAnalyzer

@Suite struct FunctionNameTests {
  @Test(arguments: [
    ("main", "main"), ("", ""), ("f(int)", "f"),
    ("ns::f<int>(char const*) [clone .cold]", "ns::f<int>"),
    ("std::string ns::f(int)", "ns::f"),
    (
      "std::map<int, std::pair<int, int> > ns::g<std::map<int, int> >()",
      "ns::g<std::map<int, int> >"
    ),
    ("ns::(anonymous namespace)::h(int)", "ns::(anonymous namespace)::h"),
    ("(anonymous)", "(anonymous)"),
    ("operator new(unsigned long)", "operator new"),
    ("operator delete[](void*)", "operator delete[]"),
    ("bool ns::operator< <int>(ns::T<int> const&, int)", "ns::operator< <int>"),
    ("ns::F::operator()(int) const", "ns::F::operator()"),
    ("ns::Item::operator std::string() const", "ns::Item::operator std::string"),
    ("ns::f(int)::{lambda(int)#1}::operator()(int) const", "ns::f"),
    ("ns::{lambda(int)#1}::operator()(int) const", "ns::{lambda(int)#1}::operator()"),
    ("decltype(auto) ns::f(int)", "decltype"),
    ("<T as ns::Trait>::call", "<T as ns::Trait>::call"),
    ("cooperator new(int)", "new"),
    ("f<int", "f<int"), ("(", ""), ("operator", "operator"), ("operator()", "operator()"),
  ])
  func theNameIsWhatStandsBetweenResultAndArguments(name: String, qualified: String) {
    #expect(FunctionName.qualified(name) == qualified)
  }
}
