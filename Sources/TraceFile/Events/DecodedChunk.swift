// SPDX-License-Identifier: Apache-2.0
//
// What came of reading a sealed window: its events, or why there are none.

/// A sealed window, read and verified.
struct DecodedChunk {
  /// In order of time; `nil` where none were wanted or the chunk is not what was written.
  var events: EventBuffer?
  /// Whether the chunk is what was written.
  var isSound: Bool
  /// What was counted in `events`.
  var statistics = EventStatistics()
  /// Where in the payload something stands that is no event, if all up to there is decoded.
  var malformedOffset: Int?
  /// Decodes the rest of a chunk of which `events` could not take all.
  var rest: CompactEventDecoder?
}
