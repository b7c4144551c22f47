// SPDX-License-Identifier: Apache-2.0
//
// A .dwp file: the debug information of many .dwo files in one. libdw reads these from 0.191 on;
// for older ones the parts that belong to a unit are taken out here, as the index of the package
// has them, and read as if they were a file. A unit is found by its id, a hash of its content, so
// a package of another build has nothing to give.
//
// DWARF 5, 7.3.5; for DWARF 4: https://gcc.gnu.org/wiki/DebugFissionDWP

import CElfutils
import Glibc

/// An open package of split debug information.
final class SplitPackage {
  private let descriptor: Int32
  private let elf: OpaquePointer
  private let sections: [String: UnsafeRawBufferPointer]
  private let index: SplitPackageIndex

  /// The package at a path; nil when there is none.
  init?(path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard FileIdentity(descriptor: descriptor) != nil,
      let elf = elf_begin(descriptor, ELF_C_READ_MMAP, nil)
    else {
      close(descriptor)
      return nil
    }
    let sections = Self.sections(of: elf)
    guard let bytes = sections[".debug_cu_index"], let index = SplitPackageIndex(bytes) else {
      elf_end(elf)
      close(descriptor)
      return nil
    }
    self.descriptor = descriptor
    self.elf = elf
    self.sections = sections
    self.index = index
  }

  deinit {
    elf_end(elf)
    close(descriptor)
  }

  /// The debug information of the unit that has an id; nil when the package has none.
  ///
  /// `id` is as the skeleton in the linked file has it, `skeleton` what that file says for the
  /// unit alone.
  func unit(_ id: UInt64, skeleton: SkeletonData) -> MemoryDwarf? {
    guard let parts = index.parts(ofUnit: id) else { return nil }
    var copies: [MemoryDwarf.Section] = [
      (".debug_addr", skeleton.addresses), (".debug_ranges", skeleton.ranges),
    ]
    for (kind, range) in parts where kind != .stringOffsets {
      guard let section = sections[kind.sectionName], range.upperBound <= section.count else {
        return nil
      }
      copies.append((kind.plainName, UnsafeRawBufferPointer(rebasing: section[range])))
    }
    let offsets = parts[.stringOffsets].flatMap { range in
      sections[SplitPackageIndex.Kind.stringOffsets.sectionName].flatMap { section in
        range.upperBound <= section.count
          ? UnsafeRawBufferPointer(rebasing: section[range]) : nil
      }
    }
    let strings = SplitStrings(
      offsets: offsets, hasHeader: index.version >= 5, strings: sections[".debug_str.dwo"])
    return strings.offsets.withUnsafeBytes { offsets in
      strings.bytes.withUnsafeBytes { bytes in
        copies.append((SplitPackageIndex.Kind.stringOffsets.plainName, offsets))
        copies.append((".debug_str", bytes))
        return MemoryDwarf(sections: copies.filter { !$0.bytes.isEmpty })
      }
    }
  }

  private static func sections(of elf: OpaquePointer) -> [String: UnsafeRawBufferPointer] {
    var sections: [String: UnsafeRawBufferPointer] = [:]
    var nameTable = 0
    guard elf_getshdrstrndx(elf, &nameTable) == 0 else { return [:] }
    var section: OpaquePointer?
    while let next = elf_nextscn(elf, section) {
      section = next
      var header = GElf_Shdr()
      guard gelf_getshdr(next, &header) != nil,
        let name = String(
          dwarfString: elf_strptr(elf, nameTable, Int(header.sh_name)), byteLimit: 64)
      else { continue }
      if header.sh_flags & GElf_Xword(SHF_COMPRESSED) != 0, elf_compress(next, 0, 0) < 0 {
        continue
      }
      guard let data = elf_rawdata(next, nil), let start = data.pointee.d_buf else { continue }
      sections[name] = UnsafeRawBufferPointer(start: start, count: data.pointee.d_size)
    }
    return sections
  }
}

/// What a linked file holds for a unit whose debug information is elsewhere.
struct SkeletonData {
  /// From the unit's first address on, and from its first range on (DWARF 4).
  let addresses: UnsafeRawBufferPointer
  let ranges: UnsafeRawBufferPointer
}

/// Where a package may be; it is opened when the first unit asks for it.
final class PackagePlace {
  private let paths: [String]
  private(set) lazy var package = paths.lazy.compactMap { SplitPackage(path: $0 + ".dwp") }.first

  /// Packages stand beside a file, under its name and `.dwp`.
  init(paths: [String]) {
    self.paths = paths
  }
}
