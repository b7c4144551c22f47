// SPDX-License-Identifier: Apache-2.0
//
// A thread of our own. Not a task: who waits for it blocks, and may be anyone's thread.

import Glibc

/// A thread that runs one function; it must be joined.
struct WorkerThread: Sendable {
  private let handle: pthread_t

  /// Starts `body`; `nil` if the system has no thread to give.
  init?(_ body: @escaping @Sendable () -> Void) {
    var handle = pthread_t()
    let work = Unmanaged.passRetained(Work(body))
    let result = pthread_create(
      &handle, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body()
        return nil
      }, work.toOpaque())
    guard result == 0 else {
      work.release()
      return nil
    }
    self.handle = handle
  }

  /// Returns when the function has.
  func join() {
    pthread_join(handle, nil)
  }

  /// Processors there are; some of them may be others' to use.
  static var processorCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  private final class Work: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}
