// SPDX-License-Identifier: Apache-2.0
//
// Names of functions from a file's symbol table (its own, its debug file's, the one compressed in
// .gnu_debugdata, or at least the dynamic one): what is left where there is no DWARF.

import CElfutils

/// The function symbols of an ELF file, by the addresses they cover.
struct ElfSymbolTable {
  /// A name longer than this is cut: nobody reads it, and hostile files are full of them.
  private static let nameByteLimit = 64 * 1024

  /// Keeps the names' memory alive.
  private let file: ElfFile
  private let symbols: [Symbol]
  private let ranges: LayeredRanges
  private var demangled: [Int: String] = [:]

  /// - Complexity: O(n log n) in the number of symbols
  init(file: ElfFile) {
    self.file = file
    symbols = Self.functions(in: file)
    ranges = LayeredRanges(symbols.map(\.range))
  }

  /// The demangled name of the function that covers `address`.
  ///
  /// Nil where no symbol does: an address behind a function's end is not that function's.
  mutating func name(at address: UInt64) -> String? {
    guard let index = ranges.top(at: address) else { return nil }
    if let name = demangled[index] { return name }
    let name = Demangler.demangle(symbols[index].linkerName(byteLimit: Self.nameByteLimit))
    demangled[index] = name
    return name
  }

  /// The mangled name of the function that covers `address`, when it has one.
  mutating func nameIfMangled(at address: UInt64) -> String? {
    guard let index = ranges.top(at: address), let name = name(at: address) else { return nil }
    return name == symbols[index].linkerName(byteLimit: Self.nameByteLimit) ? nil : name
  }

  /// Functions in the order in which they are to be laid over each other: the best name last.
  private static func functions(in file: ElfFile) -> [Symbol] {
    let count = dwfl_module_getsymtab(file.module)
    guard count > 1 else { return [] }
    var sections = CodeSections()
    var symbols: [Symbol] = []
    for index in 1..<count {
      if let symbol = Symbol(index: index, file: file, sections: &sections) {
        symbols.append(symbol)
      }
    }
    symbols.sort()
    return withEndsOfUnsized(symbols)
  }

  /// Gives symbols without a size (assembly, old crt files) the code up to the next symbol.
  ///
  /// One that lies in a function with a size is a label in it, and names nothing.
  private static func withEndsOfUnsized(_ symbols: [Symbol]) -> [Symbol] {
    guard let firstSized = symbols.firstIndex(where: \.isSized) else {
      return ended(symbols[...], by: symbols)
    }
    let sized = symbols[firstSized...]
    let covered = LayeredRanges(sized.map(\.range))
    let unsized = symbols[..<firstSized].filter { covered.top(at: $0.range.lowerBound) == nil }
    return ended(unsized[...], by: symbols) + sized
  }

  private static func ended(_ unsized: ArraySlice<Symbol>, by all: [Symbol]) -> [Symbol] {
    let starts = all.map(\.range.lowerBound).sorted()
    var next = starts.startIndex
    return unsized.map { symbol in
      var symbol = symbol
      while next < starts.endIndex, starts[next] <= symbol.range.lowerBound { next += 1 }
      if next < starts.endIndex { symbol.end(before: starts[next]) }
      return symbol
    }
  }
}
