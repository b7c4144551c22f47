// SPDX-License-Identifier: Apache-2.0
//
// How a file is mapped: ties addresses of the process to addresses in the file.

import CElfutils

extension ElfFile {
  private static let pageByteCount: UInt64 = 4096

  /// What the process subtracts from an address to get one in this file.
  ///
  /// Not simply the load bias it was recorded with: a file that was prelinked since has other
  /// addresses, and the same build-id.
  func loadBias(of image: LoadedImage) -> UInt64 {
    guard let lowest = mappedRange?.lowerBound, isMappedLike(image) else { return image.loadBias }
    return image.start &- lowest
  }

  /// Whether the file takes as much room as the image did.
  func isMappedLike(_ image: LoadedImage) -> Bool {
    guard let range = mappedRange, image.start <= image.end else { return false }
    return Self.pageCount(range.upperBound &- range.lowerBound)
      == Self.pageCount(image.end &- image.start)
  }

  private static func pageCount(_ byteCount: UInt64) -> UInt64 {
    byteCount / pageByteCount + (byteCount % pageByteCount == 0 ? 0 : 1)
  }

  /// From the start of the lowest page to the end of the highest segment; nil when the file says
  /// nothing of use.
  private var mappedRange: Range<UInt64>? {
    guard let elf else { return nil }
    var count = 0
    guard elf_getphdrnum(elf, &count) == 0 else { return nil }
    var lowest = UInt64.max
    var highest: UInt64 = 0
    for index in 0..<count {
      var header = GElf_Phdr()
      guard gelf_getphdr(elf, Int32(truncatingIfNeeded: index), &header) != nil else { break }
      let (end, overflow) = header.p_vaddr.addingReportingOverflow(header.p_memsz)
      guard header.p_type == PT_LOAD, !overflow else { continue }
      lowest = min(lowest, header.p_vaddr / Self.pageByteCount * Self.pageByteCount)
      highest = max(highest, end)
    }
    return lowest < highest ? lowest..<highest : nil
  }
}
