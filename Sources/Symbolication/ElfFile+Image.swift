// SPDX-License-Identifier: Apache-2.0
//
// Which file an image was loaded from. A file that merely has its path will not do: names of
// another build would be wrong without anyone noticing.

import Glibc

extension ElfFile {
  /// What the kernel appends to the path of a program that is no longer there.
  private static let deletedSuffix = " (deleted)"

  /// The file an image was loaded from: the one at its path if that has the image's build-id,
  /// else one with this build-id from where debug files are kept, else from debuginfod.
  ///
  /// Code of the kernel's comes from this process, if the same kernel runs it; nil if not.
  static func of(
    _ image: LoadedImage, sysroot: String?
  ) throws(SymbolicationWarning) -> ElfFile? {
    let places = FilePlaces(sysroot: sysroot)
    if LoadedImage.isKernelCode(image.path) { return kernelCode(of: image, places: places) }
    do throws(SymbolicationWarning) {
      return try atPath(of: image, places: places)
    } catch {
      guard !image.buildID.isEmpty, let file = elsewhere(image, places: places) else { throw error }
      return file
    }
  }

  private static func atPath(
    of image: LoadedImage, places: FilePlaces
  ) throws(SymbolicationWarning) -> ElfFile {
    guard image.path.hasPrefix("/") else { throw .missingFile(path: image.path) }
    let file: ElfFile
    do throws(ElfFileError) {
      file = try atPath(image.path, places: places)
    } catch {
      switch error {
      case .missing: throw .missingFile(path: image.path)
      case .unreadable(let reason): throw .unreadableFile(path: image.path, reason: reason)
      }
    }
    guard file.buildID == image.buildID, !image.buildID.isEmpty || file.isMappedLike(image) else {
      throw .replacedFile(path: image.path)
    }
    return file
  }

  private static func atPath(
    _ path: String, places: FilePlaces
  ) throws(ElfFileError) -> ElfFile {
    do throws(ElfFileError) {
      return try ElfFile(path: path, places: places)
    } catch {
      // Something of that name may be there again, or still be there elsewhere.
      guard error == .missing, path.hasSuffix(deletedSuffix) else { throw error }
      return try ElfFile(path: String(path.dropLast(deletedSuffix.count)), places: places)
    }
  }

  private static func elsewhere(_ image: LoadedImage, places: FilePlaces) -> ElfFile? {
    for path in places.paths(ofBuildID: image.buildID) {
      let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
      if descriptor >= 0,
        let file = try? ElfFile(adopting: descriptor, path: path, places: places),
        file.buildID == image.buildID
      {
        return file
      }
    }
    guard let file = ElfFile(fetching: image, places: places), file.buildID == image.buildID else {
      return nil
    }
    return file
  }

  private static func kernelCode(of image: LoadedImage, places: FilePlaces) -> ElfFile? {
    guard !image.buildID.isEmpty, let descriptor = KernelCode.openCopy(),
      let file = try? ElfFile(adopting: descriptor, path: image.path, places: places),
      file.buildID == image.buildID
    else { return nil }
    return file
  }
}
