// SPDX-License-Identifier: Apache-2.0
//
// A trace, read to its end and made into reports, as the command would.

import CTraceFormat
import MemtraceAnalyzer
import MemtraceTestSupport
import SystemPackage
import TraceFile

enum TraceTarget {
  static func run(_ input: [UInt8]) {
    var bytes = input
    // A checksum that is wrong ends the way to what lies behind; so all are put right, but in inputs
    // of an odd length.
    if bytes.count % 2 == 0 { mendChecksums(&bytes) }
    guard let file = MemoryFile(bytes) else { return }
    do {
      let trace = try TraceFile(path: FilePath(file.path))
      var symbolicator = FakeSymbolicator()
      var options = AnalysisOptions()
      options.usesNameCache = false
      let report = try Analyzer.report(on: trace, options: options, using: &symbolicator)
      var written = 0
      let output = ReportOutput { written += $0.count }
      JSONRenderer().render(report, to: output)
      TextRenderer().render(report, to: output)
      try output.finish()
      _ = trace.damage.map(\.description)
    } catch {
      _ = "\(error)"
    }
  }

  /// Makes every sealed chunk say the truth about its place and its contents.
  private static func mendChecksums(_ bytes: inout [UInt8]) {
    let alignment = Int(MT_CHUNK_ALIGNMENT)
    let headerByteCount = MemoryLayout<mt_chunk_header>.size
    bytes.withUnsafeMutableBytes { bytes in
      var offset = Int(MT_FILE_HEADER_BYTE_COUNT)
      while offset + headerByteCount <= bytes.count {
        var header = bytes.loadUnaligned(fromByteOffset: offset, as: mt_chunk_header.self)
        let payloadByteCount = Int(header.payload_byte_count)
        let start = offset + headerByteCount
        guard header.magic == MT_CHUNK_MAGIC, header.kind >= MT_CHUNK_FIRST_SEALED,
          payloadByteCount <= bytes.count - start
        else {
          offset += alignment
          continue
        }
        header.offset = UInt64(offset)
        let seed =
          header.offset ^ UInt64(header.kind) ^ UInt64(header.payload_byte_count) << 32
        header.checksum = XXHash64.hash(
          UnsafeRawBufferPointer(rebasing: bytes[start..<start + payloadByteCount]), seed: seed)
        bytes.storeBytes(of: header, toByteOffset: offset, as: mt_chunk_header.self)
        offset = (start + payloadByteCount + alignment - 1) / alignment * alignment
      }
    }
  }
}
