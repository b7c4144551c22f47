// SPDX-License-Identifier: Apache-2.0
//
// Names of generated code: text in pieces, each with the time at which it came.

import CTraceFormat

/// Puts the pieces of text together and reads the lines: `START SIZE name`.
struct CodeNameReader {
  private(set) var damage: [TraceDamage] = []
  private var names: [CodeName] = []
  /// The line begun, and when; `nil` where its beginning is missing or it is too long.
  private var line: [UInt8]? = []
  private var lineTicks = Ticks(0)

  /// The names in `chunks` of `file`, sorted by start, then by time.
  static func read(
    _ chunks: [ChunkHeader], of file: FileBytes, damage: inout [TraceDamage]
  ) -> [CodeName] {
    var reader = CodeNameReader()
    var expected: UInt32 = 1
    for table in reader.tables(chunks, of: file) {
      if table.ordinal > expected {
        reader.damage.append(.missingCodeNames(ordinals: expected...table.ordinal - 1))
        reader.line = nil
      }
      expected = table.ordinal &+ 1
      reader.read(table, of: file)
    }
    // What the line begun last would have said died with its writer.
    damage += reader.damage
    // Stable: of two lines for one address at one time, the later one stays the later.
    return reader.names.sorted { ($0.start, $0.ticks) < ($1.start, $1.ticks) }
  }

  private struct Table {
    let chunk: ChunkHeader
    let ordinal: UInt32
    let committed: UInt64
  }

  /// The chunks that are sound, in the order of their text.
  private mutating func tables(_ chunks: [ChunkHeader], of file: FileBytes) -> [Table] {
    let headerByteCount = MemoryLayout<mt_code_names>.size
    var tables: [UInt32: Table] = [:]
    for chunk in chunks {
      let bytes = file.read(at: chunk.offset, byteCount: headerByteCount)
      let record =
        bytes.count < headerByteCount
        ? mt_code_names() : bytes.withUnsafeBytes { $0.loadUnaligned(as: mt_code_names.self) }
      // Made, and its maker killed before it was numbered.
      if record.ordinal == 0, record.committed == 0 { continue }
      guard record.ordinal > 0, record.ordinal < .max, Int(chunk.byteCount) >= headerByteCount,
        record.committed <= UInt64(Int(chunk.byteCount) - headerByteCount)
      else {
        damage.append(.malformedChunk(byteOffset: chunk.offset, kind: chunk.kind))
        continue
      }
      guard tables[record.ordinal] == nil else {
        damage.append(.duplicateChunk(byteOffset: chunk.offset, kind: chunk.kind))
        continue
      }
      tables[record.ordinal] = Table(
        chunk: chunk, ordinal: record.ordinal, committed: record.committed)
    }
    return tables.values.sorted { $0.ordinal < $1.ordinal }
  }

  /// Reads the records of one chunk, none of which is larger than the chunk.
  private mutating func read(_ table: Table, of file: FileBytes) {
    let buffer = ByteBuffer()
    let start = table.chunk.offset + UInt64(MemoryLayout<mt_code_names>.size)
    let isComplete = buffer.fill(from: file, at: start, byteCount: Int(table.committed))
    var cursor = ByteCursor(buffer.bytes)
    var isSound = isComplete
    while isSound, cursor.remainingByteCount > 0 {
      guard let record = cursor.next(mt_code_name.self),
        let text = cursor.next(byteCount: record.byte_count),
        cursor.next(byteCount: -cursor.offset & 7) != nil
      else {
        isSound = false
        break
      }
      read(text, at: Ticks(record.ticks))
    }
    if !isSound {
      damage.append(.malformedChunk(byteOffset: table.chunk.offset, kind: table.chunk.kind))
      line = nil
    }
  }

  private mutating func read(_ text: UnsafeRawBufferPointer, at ticks: Ticks) {
    var rest = text[...]
    while let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
      extendLine(with: rest[..<newline], at: ticks)
      flush()
      rest = rest[(newline + 1)...]
    }
    extendLine(with: rest, at: ticks)
  }

  private mutating func extendLine(with part: Slice<UnsafeRawBufferPointer>, at ticks: Ticks) {
    guard let begunByteCount = line?.count else { return }
    if begunByteCount == 0 { lineTicks = ticks }
    if begunByteCount + part.count <= CodeName.perfMapLineByteLimit {
      line?.append(contentsOf: part)
    } else {
      line = nil
    }
  }

  /// Ends the line: takes the name in it, if there is one.
  private mutating func flush() {
    defer { line = [] }
    guard let line, let name = CodeName(perfMapLine: line, ticks: lineTicks) else { return }
    names.append(name)
  }
}
