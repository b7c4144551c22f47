// SPDX-License-Identifier: Apache-2.0
//
// Tells in which image an address of a stack lies. One address may have been several images':
// what was unloaded leaves its place to another, and the stack's epoch says which it was.

import TraceFile

/// A trace's images by address.
struct ImageMap {
  private let images: [Image]
  /// Indices into `images`, by start.
  private let order: [Int]
  /// Highest end of the images up to the one at the same place of `order`.
  private let highestEnd: [UInt64]

  init(_ images: [Image]) {
    self.images = images
    order = images.indices.sorted {
      images[$0].start != images[$1].start ? images[$0].start < images[$1].start : $0 < $1
    }
    var highest: UInt64 = 0
    highestEnd = order.map {
      highest = max(highest, images[$0].end)
      return highest
    }
  }

  /// The image that held `address` in `epoch`; of several the one loaded last.
  ///
  /// Where none did, the one there whose epochs are nearest: an image may be recorded a little
  /// after the stacks that first went through it.
  func image(at address: UInt64, epoch: UInt32) -> Int? {
    var low = 0
    var high = order.count
    while low < high {
      let middle = (low + high) / 2
      if images[order[middle]].start > address { high = middle } else { low = middle + 1 }
    }
    var found: (index: Int, distance: UInt32)?
    while low > 0, highestEnd[low - 1] > address {
      low -= 1
      let index = order[low]
      guard address < images[index].end else { continue }
      let distance = images[index].distance(from: epoch)
      if let best = found {
        guard (distance, best.index) < (best.distance, index) else { continue }
      }
      found = (index, distance)
    }
    return found?.index
  }

  /// Whether an address may have meant different images at different times.
  var hasEpochs: Bool {
    images.contains { $0.loadEpoch != 0 || $0.unloadEpoch != nil }
  }
}

extension Image {
  /// How many epochs lie between `epoch` and those in which the image was loaded; 0 in these.
  fileprivate func distance(from epoch: UInt32) -> UInt32 {
    if epoch < loadEpoch { return loadEpoch - epoch }
    guard let unloadEpoch, epoch >= unloadEpoch else { return 0 }
    return epoch - unloadEpoch + 1
  }
}
