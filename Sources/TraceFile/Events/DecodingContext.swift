// SPDX-License-Identifier: Apache-2.0
//
// What the streams of one pass over the events share: where they read, what they found, and the
// memory they take turns in using.

/// One pass over a trace's events.
final class DecodingContext {
  let file: FileBytes
  let stacks: StackTable
  /// Events later than this are left out.
  let cutTicks: UInt64?
  var statistics = EventStatistics()
  /// Bytes of event chunks and windows that are done with.
  var doneByteCount: UInt64 = 0
  /// Rooms there are, lent or not: as many as streams were ever busy at the same time.
  private(set) var roomCount = 0
  private var idleRooms: [DecodingRoom] = []

  init(file: FileBytes, stacks: StackTable, cutTicks: UInt64?) {
    self.file = file
    self.stacks = stacks
    self.cutTicks = cutTicks
  }

  func borrowRoom() -> DecodingRoom {
    if let room = idleRooms.popLast() { return room }
    roomCount += 1
    return DecodingRoom(stacks: stacks)
  }

  func giveBack(_ room: DecodingRoom) {
    room.batch.setCount(0)
    idleRooms.append(room)
    statistics.unknownStackCount += room.decoder.takeUnknownStackCount()
  }
}

/// The memory it takes to decode one stream.
final class DecodingRoom {
  let batch = EventBuffer()
  let decoder: CompactEventDecoder

  init(stacks: StackTable) {
    decoder = CompactEventDecoder(stacks: stacks)
  }
}
