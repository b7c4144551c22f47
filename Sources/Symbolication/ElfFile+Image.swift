// SPDX-License-Identifier: Apache-2.0
//
// Which file an image was loaded from. A file that merely has its path will not do: names of
// another build would be wrong without anyone noticing.

extension ElfFile {
  /// The file an image was loaded from: the one at its path if that has the image's build-id,
  /// else one with this build-id from where debug files are kept, else from debuginfod.
  static func of(
    _ image: LoadedImage, sysroot: String?
  ) throws(SymbolicationWarning) -> ElfFile {
    let places = FilePlaces(sysroot: sysroot)
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
      file = try ElfFile(path: places.path(of: image.path), places: places)
    } catch {
      switch error {
      case .missing: throw .missingFile(path: image.path)
      case .unreadable(let reason): throw .unreadableFile(path: image.path, reason: reason)
      }
    }
    guard file.buildID == image.buildID else { throw .replacedFile(path: image.path) }
    return file
  }

  private static func elsewhere(_ image: LoadedImage, places: FilePlaces) -> ElfFile? {
    for path in places.paths(ofBuildID: image.buildID) {
      if let file = try? ElfFile(path: path, places: places), file.buildID == image.buildID {
        return file
      }
    }
    guard let file = ElfFile(fetching: image, places: places), file.buildID == image.buildID else {
      return nil
    }
    return file
  }
}
