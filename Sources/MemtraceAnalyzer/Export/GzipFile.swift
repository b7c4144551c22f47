// SPDX-License-Identifier: Apache-2.0
//
// A gzip file, compressed as it is written, by zlib.

import CZlib

/// What goes wrong in zlib.
package enum CompressionError: Error, Equatable, CustomStringConvertible {
  case zlib(Int32)

  package var description: String {
    switch self {
    case .zlib(let code): "cannot compress: zlib says \(code)"
    }
  }
}

/// Compresses what it is given into an output.
final class GzipFile {
  private static let pieceByteCount = 1 << 16

  private var stream = z_stream()
  private let output: ReportOutput

  init(_ output: ReportOutput) throws(CompressionError) {
    self.output = output
    let code = memtrace_gzip_begin(&stream)
    guard code == Z_OK else { throw .zlib(code) }
  }

  deinit { deflateEnd(&stream) }

  func write(_ bytes: [UInt8]) throws(CompressionError) {
    try compress(bytes, Z_NO_FLUSH)
  }

  /// Writes the end of the file.
  func finish() throws(CompressionError) {
    try compress([], Z_FINISH)
  }

  private func compress(_ bytes: [UInt8], _ flush: Int32) throws(CompressionError) {
    var input = bytes
    var piece = [UInt8](repeating: 0, count: Self.pieceByteCount)
    let code = input.withUnsafeMutableBufferPointer { input in
      stream.next_in = input.baseAddress
      stream.avail_in = UInt32(input.count)
      var code = Z_OK
      repeat {
        let count = piece.withUnsafeMutableBufferPointer { piece in
          stream.next_out = piece.baseAddress
          stream.avail_out = UInt32(piece.count)
          code = deflate(&stream, flush)
          return piece.count - Int(stream.avail_out)
        }
        output.write(bytes: piece[..<count])
        // Room left over: it has nothing more to say.
      } while stream.avail_out == 0 && code >= 0
      stream.next_in = nil
      return code
    }
    guard code >= 0 || code == Z_BUF_ERROR else { throw .zlib(code) }
  }
}
