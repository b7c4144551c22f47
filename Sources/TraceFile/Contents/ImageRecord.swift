// SPDX-License-Identifier: Apache-2.0
//
// Images as they stand in the file: one record when one comes, another when it goes.

import CTraceFormat

/// One coming or going of an ELF file.
struct ImageRecord {
  let image: Image
  let isUnload: Bool
  private let epoch: UInt32
  private let ticks: Ticks

  init?(_ cursor: inout ByteCursor) {
    guard let record = cursor.next(mt_image.self),
      let path = cursor.nextText(byteCount: record.path_byte_count),
      let buildID = cursor.next(byteCount: record.build_id_byte_count),
      record.start < record.end,
      [MT_IMAGE_LOADED.rawValue, MT_IMAGE_UNLOADED.rawValue].contains(record.event)
    else { return nil }
    isUnload = record.event == MT_IMAGE_UNLOADED.rawValue
    epoch = record.epoch
    ticks = Ticks(record.ticks)
    image = Image(
      start: record.start, end: record.end, loadBias: record.load_bias, path: path,
      buildID: Array(buildID), loadEpoch: isUnload ? 0 : record.epoch,
      loadTicks: isUnload ? Ticks(0) : ticks)
  }

  /// The images that came, in that order, each with the end it found.
  ///
  /// One that went without having come was there from the start.
  static func images(_ records: [ImageRecord]) -> [Image] {
    var images: [Image] = []
    var loadedAt: [UInt64: Int] = [:]
    for record in records {
      let start = record.image.start
      if !record.isUnload || loadedAt[start] == nil {
        loadedAt[start] = images.count
        images.append(record.image)
      }
      if record.isUnload, let index = loadedAt.removeValue(forKey: start) {
        images[index].unloadEpoch = record.epoch
        images[index].unloadTicks = record.ticks
      }
    }
    return images
  }
}
