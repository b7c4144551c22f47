// SPDX-License-Identifier: Apache-2.0
//
// Everything one ELF file knows about its addresses: DWARF first, the symbol table for the rest.

import CElfutils

/// Names and lines of one ELF file.
struct ElfImageNames {
  /// Rows of line tables, about 48 bytes each, that libdw may hold before the file is reopened.
  static let defaultLineLimit = 2 << 20

  private let open: () -> ElfFile?
  private let lineLimit: Int
  private var debugInformation: DebugInformation?
  private var symbols: ElfSymbolTable
  private let stubs: LinkageStubs
  /// Ranges of functions to look at, in all; no real file has near as many.
  private var rangeBudget = 64 << 20
  /// By linker name: functions that are inlined everywhere are met everywhere.
  private var demangled: [String: String] = [:]

  /// - Parameters:
  ///   - file: The file to read symbols from.
  ///   - lineLimit: How many rows of line tables may be in memory at a time.
  ///   - open: Opens the same file once more.
  init(
    file: ElfFile, lineLimit: Int = Self.defaultLineLimit, reopening open: @escaping () -> ElfFile?
  ) {
    self.open = open
    self.lineLimit = lineLimit
    // A session of its own for the DWARF, so that it can be dropped while the symbols stay.
    debugInformation = open().flatMap(DebugInformation.init)
    symbols = ElfSymbolTable(file: file)
    stubs = LinkageStubs(of: file)
  }

  /// What is wrong with the file's debug information, as far as it was needed.
  var faults: [DebugInformationFault] { debugInformation?.faults ?? [] }

  /// The functions at each address, innermost first; at least one each.
  ///
  /// Addresses are those in the file, ascending and distinct.
  mutating func functions(at addresses: [UInt64]) -> [[SourceFunction]] {
    var result = Array(repeating: [SourceFunction](), count: addresses.count)
    var ofUnit: [Int: [Int]] = [:]
    for (index, address) in addresses.enumerated() {
      if let unit = debugInformation?.unitIndex(at: address) {
        ofUnit[unit, default: []].append(index)
      } else {
        result[index] = [SourceFunction(name: symbolName(at: address))]
      }
    }
    var lineCount = 0
    for (unit, indices) in ofUnit.sorted(by: { $0.key < $1.key }) {
      if lineCount > lineLimit, let file = open() {
        debugInformation?.reopen(file)
        lineCount = 0
      }
      let (found, unitLineCount) = functions(at: indices.map { addresses[$0] }, inUnit: unit)
      for (index, functions) in zip(indices, found) { result[index] = functions }
      lineCount += unitLineCount
    }
    return result
  }

  private mutating func functions(
    at addresses: [UInt64], inUnit index: Int
  ) -> (functions: [[SourceFunction]], lineCount: Int) {
    guard let debugInformation, let unit = debugInformation.unit(index) else {
      return (addresses.map { [SourceFunction(name: symbolName(at: $0))] }, 0)
    }
    let debugAddresses = addresses.map(debugInformation.debugAddress)
    let chains = CallChains(unit: unit, addresses: debugAddresses, budget: &rangeBudget)
    note(faultsOf: unit, chains)
    var links: [Int: (name: String?, call: SourceLocation)] = [:]
    let functions = addresses.indices.map { index in
      var location = unit.location(at: debugAddresses[index])
      var functions: [SourceFunction] = []
      for number in chains.chain(ofAddress: index) {
        let link = chains.links[number]
        let (name, call) =
          links[number] ?? (name(of: link, at: addresses[index]), unit.callLocation(of: link.entry))
        links[number] = (name, call)
        functions.append(
          SourceFunction(name: name, location: location, isInlined: link.isInlined))
        location = call
      }
      guard functions.isEmpty else { return functions }
      return [SourceFunction(name: symbolName(at: addresses[index]), location: location)]
    }
    return (functions, unit.lineCount)
  }

  private mutating func note(faultsOf unit: DebugUnit, _ chains: CallChains) {
    if chains.isDamaged { debugInformation?.note(.damaged(reason: "functions of a unit")) }
    if unit.hasDamagedLines { debugInformation?.note(.damaged(reason: "lines of a unit")) }
    if let file = unit.missingSplitFile { debugInformation?.note(.missingSplitFile(file)) }
  }

  /// The function's full name where it can be had.
  ///
  /// Compilers leave the linker name out for functions no other file can call; then the symbol
  /// table has it, and only inlined ones are left with the bare name.
  private mutating func name(of link: CallChains.Link, at address: UInt64) -> String? {
    if let linkerName = link.entry.inheritedString(DW_AT_linkage_name)
      ?? link.entry.inheritedString(DW_AT_MIPS_linkage_name)
    {
      return demangledName(linkerName)
    }
    let bareName = link.entry.inheritedString(DW_AT_name)
    guard !link.isInlined else { return bareName }
    return symbols.nameIfMangled(at: address) ?? bareName ?? symbols.name(at: address)
  }

  /// The name of the symbol, or the linkage stub, that covers an address.
  private mutating func symbolName(at address: UInt64) -> String? {
    if let name = symbols.name(at: address) { return name }
    switch stubs.target(at: address) {
    case .symbol(let name): return demangledName(name) + "@plt"
    case .choice(let function): return symbols.name(at: function).map { $0 + "@plt" }
    case nil: return nil
    }
  }

  private mutating func demangledName(_ linkerName: String) -> String {
    if let name = demangled[linkerName] { return name }
    let name = Demangler.demangle(linkerName)
    demangled[linkerName] = name
    return name
  }
}
