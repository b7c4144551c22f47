// SPDX-License-Identifier: Apache-2.0
//
// Where a renderer puts its text: a small buffer in front of a file or of memory, so that a report
// of any length is written as it is made.

/// Collects text and passes it on in pieces.
package final class ReportOutput: TextOutputStream {
  private static let capacity = 1 << 16

  private var buffer: [UInt8] = []
  private let sink: ([UInt8]) throws -> Void
  /// What went wrong first; nothing is passed on after it.
  private var failure: (any Error)?

  /// - Parameter sink: takes each piece; what it throws comes out of `finish`.
  package init(sink: @escaping ([UInt8]) throws -> Void) {
    self.sink = sink
    buffer.reserveCapacity(Self.capacity + 4096)
  }

  package func write(_ text: String) {
    buffer.append(contentsOf: text.utf8)
    if buffer.count >= Self.capacity { flush() }
  }

  /// Takes bytes that are no text.
  package func write(bytes: some Sequence<UInt8>) {
    buffer.append(contentsOf: bytes)
    if buffer.count >= Self.capacity { flush() }
  }

  /// Writes a number without making a text of it.
  package func write(decimal number: UInt64) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
      var start = digits.count
      var rest = number
      repeat {
        start -= 1
        let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
        digits[start] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: digit)
        rest = quotient
      } while rest > 0
      write(bytes: UnsafeMutableBufferPointer(rebasing: digits[start...]))
    }
  }

  /// Passes the rest on.
  package func finish() throws {
    flush()
    if let failure { throw failure }
  }

  private func flush() {
    guard failure == nil, !buffer.isEmpty else { return }
    do {
      try sink(buffer)
    } catch {
      failure = error
    }
    buffer.removeAll(keepingCapacity: true)
  }
}
