// SPDX-License-Identifier: Apache-2.0
//
// One compilation unit: its line table, and the names and calls its entries tell of.

import CElfutils
import Glibc

/// A compilation unit of the debug information.
struct DebugUnit {
  private static let pathByteLimit = 64 * 1024

  /// The unit's entry in the linked file; line table and folder hang on it.
  private let entry: DebugEntry
  /// The entry with the functions below it: the same, or that of a .dwo file.
  let body: DebugEntry
  /// The memory that `body` is in, when it came out of a package.
  private let bodyMemory: MemoryDwarf?
  private let folder: String?
  /// The rows of the line table, which libdw keeps in memory from now on.
  let lineCount: Int
  /// Whether there is a line table that cannot be read.
  let hasDamagedLines: Bool
  /// The file with the functions, when these are in one of their own and it was not found.
  let missingSplitFile: String?

  /// - Parameters:
  ///   - entry: The unit in the linked file.
  ///   - package: Where the rest of it may be, if it is split.
  init(entry: DebugEntry, package: () -> SplitPackage?) {
    self.entry = entry
    let skeleton = SkeletonUnit(entry)
    let packaged = skeleton?.body == nil ? skeleton?.body(from: package()) : nil
    body = skeleton?.body ?? packaged?.body ?? entry
    bodyMemory = packaged?.memory
    missingSplitFile =
      skeleton != nil && skeleton?.body == nil && packaged == nil
      ? entry.string(DW_AT_dwo_name) ?? entry.string(DW_AT_GNU_dwo_name) ?? "?" : nil
    folder = entry.string(DW_AT_comp_dir)
    let lineCount = entry.with { die in
      var lines: OpaquePointer?
      var count = 0
      return dwarf_getsrclines(die, &lines, &count) == 0 ? count : nil
    }
    self.lineCount = lineCount ?? 0
    hasDamagedLines = lineCount == nil && entry.has(DW_AT_stmt_list)
  }

  /// What the line table says of an address.
  func location(at address: UInt64) -> SourceLocation {
    entry.with { die in
      guard let row = dwarf_getsrc_die(die, address) else { return .unknown }
      var line: Int32 = 0
      var column: Int32 = 0
      dwarf_lineno(row, &line)
      dwarf_linecol(row, &column)
      return SourceLocation(
        file: path(dwarf_linesrc(row, nil, nil)), line: Self.counted(Int(line)),
        column: Self.counted(Int(column)))
    }
  }

  /// Where the function that `inlined` stands for was called.
  func callLocation(of inlined: DebugEntry) -> SourceLocation {
    SourceLocation(
      file: inlined.number(DW_AT_call_file).flatMap(file),
      line: inlined.number(DW_AT_call_line).flatMap(Self.counted),
      column: inlined.number(DW_AT_call_column).flatMap(Self.counted))
  }

  private func file(_ index: Int) -> String? {
    // Without a table of its own a split unit has that of the linked file.
    file(index, of: body) ?? (bodyMemory == nil ? nil : file(index, of: entry))
  }

  private func file(_ index: Int, of entry: DebugEntry) -> String? {
    entry.with { die in
      var files: OpaquePointer?
      var count = 0
      guard dwarf_getsrcfiles(die, &files, &count) == 0, index >= 0, index < count else {
        return nil
      }
      return path(dwarf_filesrc(files, index, nil, nil))
    }
  }

  /// Lines and columns count from 1; 0 says that there is none.
  private static func counted(_ number: Int) -> Int? { number > 0 ? number : nil }

  private func path(_ text: UnsafePointer<CChar>?) -> String? {
    guard let path = String(dwarfString: text, byteLimit: Self.pathByteLimit), path != "???" else {
      return nil
    }
    // "<artificial>", "<compiler-generated>"; compilers put some of these into a folder.
    if path.hasSuffix(">"), path.hasPrefix("<") || path.contains("/<") { return nil }
    guard !path.hasPrefix("/"), let folder, !folder.isEmpty else { return path }
    return folder + (folder.hasSuffix("/") ? "" : "/") + path
  }
}
