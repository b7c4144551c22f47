// SPDX-License-Identifier: Apache-2.0
//
// Names from ELF files on disk: all addresses of one file in one pass, and one file at a time, so
// that no more than one is open however many there are.

/// Gives addresses the names their ELF files know.
package struct ElfSymbolicator: Symbolicator {
  private let images: [LoadedImage]
  private let sysroot: String?
  /// What stood in the way of names; nothing twice.
  package private(set) var warnings: [SymbolicationWarning] = []

  /// `sysroot` is a folder that stands for `/` when files are looked for.
  package init(images: [LoadedImage], sysroot: String? = nil) {
    self.images = images
    self.sysroot = sysroot
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
    guard let first = indices.first, let imageIndex = addresses[first].image,
      !images[imageIndex].isFromKernel
    else { return }
    let image = images[imageIndex]
    do throws(SymbolicationWarning) {
      let file = try ElfFile.of(image, sysroot: sysroot)
      var names = ElfImageNames(file: file) { [sysroot] in
        try? ElfFile.of(image, sysroot: sysroot)
      }
      let fileAddresses = indices.map { fileAddress(of: addresses[$0]) }
      let distinct = Set(fileAddresses).sorted()
      let functions = Dictionary(
        uniqueKeysWithValues: zip(distinct, names.functions(at: distinct)))
      for (index, fileAddress) in zip(indices, fileAddresses) {
        frames[index] = (functions[fileAddress] ?? []).map { frames[index][0].named($0) }
      }
      if let reason = names.damage {
        warn(.damagedDebugInformation(path: image.path, reason: reason))
      }
    } catch {
      warn(error)
    }
  }

  private func fileAddress(of address: CodeAddress) -> UInt64 {
    guard let image = address.image else { return address.lookupAddress }
    return address.lookupAddress &- images[image].loadBias
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

extension LoadedImage {
  /// Code that the kernel maps into every process; there is no file of it.
  fileprivate var isFromKernel: Bool {
    path.hasPrefix("[") || path.hasPrefix("linux-vdso.so") || path.hasPrefix("linux-gate.so")
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
