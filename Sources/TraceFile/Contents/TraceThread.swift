// SPDX-License-Identifier: Apache-2.0
//
// A thread that allocated.

/// A thread of the traced process, with the name it last had.
package struct TraceThread: Hashable, Sendable {
  /// Threads are numbered from 1 in the order of their first events.
  package let number: UInt32
  /// The kernel's number for it.
  package let tid: Int32
  package let name: String
  /// The instant of its first event.
  package let startTicks: Ticks

  package init(number: UInt32, tid: Int32, name: String, startTicks: Ticks) {
    self.number = number
    self.tid = tid
    self.name = name
    self.startTicks = startTicks
  }
}
