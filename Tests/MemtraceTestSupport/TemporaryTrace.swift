// SPDX-License-Identifier: Apache-2.0
//
// A file for one test, gone with it.

import Foundation
import SystemPackage
import TraceFile

/// A trace in a file of its own, which is deleted with this object.
package final class TemporaryTrace: Sendable {
  package let path: FilePath

  /// A file that holds what `trace` holds now.
  package convenience init(_ trace: TraceBuilder) throws {
    try self.init(bytes: trace.bytes)
  }

  package init(bytes: [UInt8]) throws {
    let name = "memtrace-test-\(UUID().uuidString).bin"
    path = FilePath(FileManager.default.temporaryDirectory.appendingPathComponent(name).path)
    try replace(with: bytes)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path.string)
  }

  /// Writes `bytes` into the same file.
  package func replace(with bytes: [UInt8]) throws {
    let file = try FileDescriptor.open(
      path, .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite])
    try file.closeAfter { _ = try file.writeAll(bytes) }
  }

  /// Overwrites the bytes from `offset` on.
  package func write(_ bytes: [UInt8], at offset: Int) throws {
    let file = try FileDescriptor.open(path, .writeOnly)
    try file.closeAfter { _ = try file.writeAll(toAbsoluteOffset: Int64(offset), bytes) }
  }

  /// Cuts the file off.
  package func truncate(to byteCount: Int) throws {
    let file = try FileDescriptor.open(path, .writeOnly)
    try file.closeAfter { try file.resize(to: Int64(byteCount)) }
  }

  package func open() throws -> TraceFile {
    try TraceFile(path: path)
  }
}

extension TraceFile {
  /// All events, in order.
  package func allEvents() throws -> [TraceEvent] {
    var events: [TraceEvent] = []
    _ = try forEachEvent { events.append(copy $0) }
    return events
  }
}
