// SPDX-License-Identifier: Apache-2.0
//
// Threads as windows and sealed windows tell of them.

import CTraceFormat

extension TraceThread {
  init(_ record: mt_thread) {
    let name = withUnsafeBytes(of: record.name) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    self.init(
      number: record.number, tid: Int32(truncatingIfNeeded: record.tid), name: name,
      startTicks: Ticks(record.start_ticks))
  }

  /// The threads of all windows by number, each as it was described last.
  static func threads(of histories: [WindowHistory]) -> [TraceThread] {
    var latest: [UInt32: (ticks: UInt64, thread: TraceThread)] = [:]
    func note(_ thread: TraceThread, at ticks: UInt64) {
      guard thread.number > 0, ticks >= latest[thread.number]?.ticks ?? 0 else { return }
      latest[thread.number] = (ticks, thread)
    }
    for history in histories {
      for part in history.sealed { note(part.thread, at: part.lastTicks) }
      if let live = history.live { note(live.thread, at: live.lastTicks) }
    }
    return latest.values.map(\.thread).sorted { $0.number < $1.number }
  }
}
