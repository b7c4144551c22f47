// SPDX-License-Identifier: Apache-2.0
//
// Long names, made short where a reader misses it least.

import Testing

@testable import Symbolication

struct ShortNameTests {
  private static let string =
    "std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >"

  @Test(arguments: ["", "main", "a::b(int)", "get href", "GET /users/(id)", "operator<"])
  func aNameThatFitsStaysAsItIs(name: String) {
    #expect(ShortName.shortened(name, limit: name.count) == name)
    #expect(ShortName.shortened(name, limit: 1000) == name)
  }

  @Test(arguments: [
    // What is written in no source goes first,
    ("shop::name(\(string) const&)", 40, "shop::name(std::string const&)"),
    (
      "f(std::vector<int, std::allocator<int> >, std::map<int, int, std::less<int>, "
        + "std::allocator<std::pair<int const, int> > >)", 50,
      "f(std::vector<int >, std::map<int, int >)"
    ),
    // then parameters,
    ("shop::Basket<int>::add(unsigned long, unsigned long)", 30, "shop::Basket<int>::add(…)"),
    ("shop::Basket<int>::clear()", 20, "…::clear()"),
    // then template arguments, from the inside out,
    ("A<B<C<DDDDDD> > >::f(int)", 18, "A<B<C<…> > >::f(…)"),
    ("A<B<C<D> > >::f(int)", 15, "A<B<…> >::f(…)"),
    ("A<B<C<D> > >::f(int)", 10, "A<…>::f(…)"),
    // then scopes.
    ("very::long::scopes::of::f(int)", 12, "…::of::f(…)"),
    (
      "main(int, char**)::{lambda(int)#1}::operator()(int) const", 45,
      "main(…)::{lambda(…)#1}::operator()(…) const"
    ),
    (
      "(anonymous namespace)::Worker::run(int, int, int)", 37,
      "(anonymous namespace)::Worker::run(…)"
    ),
    ("ns::(anonymous namespace)::run(int, int)", 35, "ns::(anonymous namespace)::run(…)"),
    // Brackets that are none.
    ("bool operator< <int>(A<int> const&, B<int> const&)", 23, "bool operator< <int>(…)"),
    (
      "std::ostream& operator<< <char>(std::ostream&, char)", 38,
      "std::ostream& operator<< <char>(…)"
    ),
    ("P<T>::operator->() const", 22, "…::operator->() const"),
    ("P<T>::operator()(int, int) const", 30, "P<T>::operator()(…) const"),
    ("A<&(B::operator<(B const&))>::f(int)", 25, "A<&(…)>::f(…)"),
    ("x::operator>>=(long, long, long)", 20, "x::operator>>=(…)"),
    // Rust, Swift, D, and what no one foresaw.
    (
      "<alloc::vec::Vec<T> as core::iter::Extend<T>>::extend_from_slice", 45,
      "<…>::extend_from_slice"
    ),
    (
      "core::ops::FnOnce::call_once::<fn() -> i32, (A, B)>", 48,
      "core::ops::FnOnce::call_once::<fn() -> i32, (…)>"
    ),
    ("Swift.Array.append(__owned A) -> Swift.Int", 30, "Swift.Array.append(…)"),
    (
      "(extension in Swift):Swift.Array.sorted(by: (A, A) throws -> Swift.Bool) -> [A]", 50,
      "(extension in Swift):Swift.Array.sorted(…)"
    ),
    ("Main.Shop.serve(customer: Swift.String) throws -> ()", 24, "Main.Shop.serve(…)"),
    ("a very long name without anything to leave out", 10, "a very lo…"),
    ("Zürich::Straßen<Ä>::größe(Ö, Ö)", 28, "Zürich::Straßen<Ä>::größe(…)"),
  ])
  func aNameThatDoesNotFitLosesWhatMattersLeast(name: String, limit: Int, expected: String) {
    let short = ShortName.shortened(name, limit: limit)
    #expect(short == expected)
    #expect(short.count <= limit)
  }

  @Test(arguments: 0...12) func noLimitIsTooSmall(limit: Int) {
    for name in [
      "a::b::c::d::e::f(int)", "A<B<C<D<E<F> > > > >", "(((((((((((((((((", "aaaaaaaaaaaaa",
    ] {
      #expect(ShortName.shortened(name, limit: limit).count <= limit)
    }
  }

  /// Brackets that do not match, of any depth, and operators in all places.
  @Test func noNameBreaksIt() {
    var generator = Seeded(state: 5)
    let pieces = [
      "<", ">", "(", ")", "[", "]", "{", "}", "::", ".", ",", " ", "a", "é", "->", "operator",
      "operator<", "operator()", " std::allocator<", "(anonymous namespace)", "\u{1b}", "\0",
    ]
    for _ in 0..<3000 {
      var name = ""
      for _ in 0..<Int.random(in: 0..<40, using: &generator) {
        name += pieces.randomElement(using: &generator) ?? ""
      }
      let limit = Int.random(in: 0..<50, using: &generator)
      let short = ShortName.shortened(name, limit: limit)
      #expect(short.count <= limit || short == name && name.count <= limit)
      #expect(ShortName.shortened(short, limit: limit) == short)
    }
    for bracket in ["<", "(", "A<", "(<[{", ">", "operator<("] {
      let deep = String(repeating: bracket, count: 20_000 / bracket.utf8.count)
      #expect(ShortName.shortened(deep, limit: 80).count <= 80)
      let closed = deep + String(repeating: ">", count: 10_000)
      #expect(ShortName.shortened(closed, limit: 80).count <= 80)
    }
  }
}
