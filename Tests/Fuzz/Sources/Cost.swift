// SPDX-License-Identifier: Apache-2.0
//
// What an input may cost: a fixed amount, and so much more for each of its bytes. An input that
// costs more is a find, as one that crashes. libFuzzer's own limits are the same for all inputs,
// and know only of an input that takes the memory of the whole machine.

import Glibc

/// Memory and time in proportion to the size of an input.
struct Cost {
  /// Bytes that become resident, at most at a time.
  var byteCount: Int
  /// Of processor time, that of all threads together.
  var nanoseconds: Int

  /// What everything may cost that does not depend on the input, and each byte of it.
  static let fixed = Cost(byteCount: 24 << 20, nanoseconds: 1_000_000_000)
  static let ofByte = Cost(byteCount: 128, nanoseconds: 100_000)

  /// Runs `body`, which has an input of `inputByteCount`, and ends the process if it costs too
  /// much.
  static func bounded(_ inputByteCount: Int, _ body: () -> Void) {
    // The peak is counted from here on.
    if peakReset >= 0 { _ = pwrite(peakReset, "5", 1, 0) }
    let before = usage()
    body()
    let after = usage()
    let cost = Cost(
      byteCount: after.byteCount - before.byteCount,
      nanoseconds: after.nanoseconds - before.nanoseconds)
    if isShown { print("\(inputByteCount) bytes: \(cost)") }
    precondition(
      cost.byteCount <= fixed.byteCount + ofByte.byteCount * inputByteCount,
      "\(inputByteCount) bytes took \(cost.byteCount) bytes of memory")
    precondition(
      cost.nanoseconds <= fixed.nanoseconds + ofByte.nanoseconds * inputByteCount,
      "\(inputByteCount) bytes took \(cost.nanoseconds) ns")
  }

  private static let isShown = getenv("MEMTRACE_FUZZ_COSTS") != nil

  /// Where 5 makes the process's peak what is resident now (proc(5), Linux 4.0).
  private static let peakReset = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC)

  /// The process's peak and its time so far.
  private static func usage() -> Cost {
    var usage = rusage()
    getrusage(CInt(RUSAGE_SELF.rawValue), &usage)
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Cost(
      byteCount: usage.ru_maxrss << 10, nanoseconds: time.tv_sec * 1_000_000_000 + time.tv_nsec)
  }
}
