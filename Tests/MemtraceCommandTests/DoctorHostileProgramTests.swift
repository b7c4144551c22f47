// SPDX-License-Identifier: Apache-2.0
//
// `memtrace doctor` on files that only look like programs: whatever they claim, it comes to an end.

import Foundation
import Testing

@testable import memtrace

@Suite struct DoctorHostileProgramTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The header of an x86-64 file whose table of sections follows at once.
  private func header(sectionCount: UInt16) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 64)
    bytes.replaceSubrange(0..<6, with: [0x7f, 0x45, 0x4c, 0x46, 2, 1])
    put(UInt16(62), at: 18, in: &bytes)  // e_machine
    put(UInt64(64), at: 40, in: &bytes)  // e_shoff
    put(UInt16(64), at: 58, in: &bytes)  // e_shentsize
    put(sectionCount, at: 60, in: &bytes)  // e_shnum
    return bytes
  }

  private func put(_ number: some FixedWidthInteger, at offset: Int, in bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.littleEndian) {
      bytes.replaceSubrange(offset..<offset + $0.count, with: $0)
    }
  }

  /// Each of 65,535 tables of symbols claims the whole file, and finds its names there.
  @Test(.timeLimit(.minutes(1))) func oneTableOfSymbolsIsRead() throws {
    let count = UInt16.max
    var bytes = header(sectionCount: count)
    var section = [UInt8](repeating: 0, count: 64)
    put(UInt32(11), at: 4, in: &section)  // sh_type: SHT_DYNSYM
    put(UInt64(bytes.count + section.count * Int(count)), at: 32, in: &section)  // sh_size
    for _ in 0..<count { bytes += section }
    let path = try folder.file("sections", bytes)
    #expect(chmod(path, 0o755) == 0)
    #expect(ProgramCheck(program: path).findings().contains { $0.subject == "linking" })
  }
}
