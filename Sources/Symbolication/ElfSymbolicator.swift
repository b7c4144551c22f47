// SPDX-License-Identifier: Apache-2.0
//
// Names from ELF files on disk: all addresses of one file in one pass, and one file at a time, so
// that no more than one is open however many there are.

/// Gives addresses the names their ELF files know.
package struct ElfSymbolicator: Symbolicator {
  private let images: [LoadedImage]
  private let sysroot: String?
  private let cache: NameCache?
  /// What stood in the way of names; nothing twice.
  package private(set) var warnings: [SymbolicationWarning] = []

  /// - Parameters:
  ///   - images: What addresses refer to by index.
  ///   - sysroot: A folder that stands for `/` when files are looked for.
  ///   - cache: Where names are taken from, and left for the next time.
  package init(images: [LoadedImage], sysroot: String? = nil, cache: NameCache? = nil) {
    self.images = images
    self.sysroot = sysroot
    self.cache = cache
  }

  package mutating func frames(for addresses: [CodeAddress]) -> [[Frame]] {
    var frames = addresses.map { [unnamedFrame(at: $0)] }
    for indices in groupedByFile(addresses) {
      name(&frames, of: addresses, at: indices)
    }
    return frames
  }

  /// An image that was loaded twice, or at two times, is one file.
  private struct FileKey: Hashable {
    let path: String
    let buildID: [UInt8]
  }

  /// Indices into `addresses`, those of one file together, in the order of the images.
  private func groupedByFile(_ addresses: [CodeAddress]) -> [[Int]] {
    var groups: [FileKey: (firstImage: Int, indices: [Int])] = [:]
    let keys = images.map { FileKey(path: $0.path, buildID: $0.buildID) }
    for (index, address) in addresses.enumerated() {
      guard let image = address.image, keys.indices.contains(image) else { continue }
      groups[keys[image], default: (image, [])].indices.append(index)
    }
    return groups.values.sorted { $0.firstImage < $1.firstImage }.map(\.indices)
  }

  private mutating func name(
    _ frames: inout [[Frame]], of addresses: [CodeAddress], at indices: [Int]
  ) {
    guard let imageIndex = indices.first.flatMap({ addresses[$0].image }) else { return }
    let image = images[imageIndex]
    do throws(SymbolicationWarning) {
      guard let file = try ElfFile.of(image, sysroot: sysroot) else { return }
      let fileAddresses = indices.map { fileAddress(of: addresses[$0], in: file) }
      let distinct = Set(fileAddresses).sorted()
      let functions = Dictionary(
        uniqueKeysWithValues: zip(distinct, functions(at: distinct, in: file, of: image)))
      for (index, fileAddress) in zip(indices, fileAddresses) {
        frames[index] = (functions[fileAddress] ?? []).map { frames[index][0].named($0) }
      }
    } catch {
      warn(error)
    }
  }

  /// The functions at addresses, which are those in the file, ascending and distinct.
  private mutating func functions(
    at addresses: [UInt64], in file: ElfFile, of image: LoadedImage
  ) -> [[SourceFunction]] {
    if image.buildID.isEmpty, let recorded = image.recordedNanoseconds,
      let identity = file.identity, identity.changedNanoseconds > Int64(clamping: recorded)
    {
      warn(.unverifiedFile(path: image.path))
    }
    let open = { [sysroot] in try? ElfFile.of(image, sysroot: sysroot) }
    guard let cache, let key = NameCacheKey(image: image, file: file, reopening: open) else {
      return freshFunctions(at: addresses, in: file, of: image, reopening: open)
    }
    let table = cache.table(for: key)
    var functions = addresses.map { table?.functions(at: $0) }
    let missing = functions.indices.filter { functions[$0] == nil }
    guard !missing.isEmpty else { return functions.compactMap(\.self) }
    let warningCount = warnings.count
    let found = freshFunctions(
      at: missing.map { addresses[$0] }, in: file, of: image, reopening: open)
    for (index, functionsThere) in zip(missing, found) { functions[index] = functionsThere }
    // Names that fall short of what they could be are not kept, nor is their warning missed.
    if warnings.count == warningCount {
      cache.store(zip(missing.map { addresses[$0] }, found).map { ($0, $1) }, with: table, for: key)
    }
    return functions.compactMap(\.self)
  }

  private mutating func freshFunctions(
    at addresses: [UInt64], in file: ElfFile, of image: LoadedImage,
    reopening open: @escaping () -> ElfFile?
  ) -> [[SourceFunction]] {
    var names = ElfImageNames(file: file, reopening: open)
    let functions = names.functions(at: addresses)
    for fault in names.faults { warn(.debugInformation(path: image.path, fault)) }
    return functions
  }

  private func fileAddress(of address: CodeAddress, in file: ElfFile) -> UInt64 {
    guard let image = address.image else { return address.lookupAddress }
    return address.lookupAddress &- file.loadBias(of: images[image])
  }

  private func unnamedFrame(at address: CodeAddress) -> Frame {
    guard let index = address.image, images.indices.contains(index) else {
      return Frame(address: address.address)
    }
    let image = images[index]
    return Frame(
      image: image.path, imageOffset: address.address &- image.loadBias, address: address.address)
  }

  private mutating func warn(_ warning: SymbolicationWarning) {
    if !warnings.contains(warning) { warnings.append(warning) }
  }
}

extension Frame {
  /// This frame's address, in `function`.
  fileprivate func named(_ function: SourceFunction) -> Frame {
    var frame = self
    frame.function = function.name
    frame.file = function.location.file
    frame.line = function.location.line
    frame.column = function.location.column
    frame.isInlined = function.isInlined
    return frame
  }
}
