// SPDX-License-Identifier: Apache-2.0
//
// The trace that another process is writing: found by what that process has mapped, and appended
// to in the way all its writers do, so that neither has to know of the other.

import Atomics
import CTraceFormat
import Glibc
import SystemPackage

/// A trace under a recording that goes on.
final class RunningTrace {
  private let descriptor: FileDescriptor
  private let pid: pid_t
  /// The header as all its writers see it.
  private let header: UnsafeMutableRawPointer
  private static let headerByteCount = Int(MT_FILE_HEADER_BYTE_COUNT)

  /// The trace that process `pid` writes.
  init(pid: pid_t) throws {
    self.pid = pid
    descriptor = try Self.find(pid)
    do {
      header = try Self.map(descriptor)
    } catch {
      try? descriptor.close()
      throw error
    }
  }

  private static func find(_ pid: pid_t) throws -> FileDescriptor {
    guard kill(pid, 0) == 0 || errno == EPERM else {
      throw CommandFailure("there is no process \(pid)", .unavailable)
    }
    let maps: [String]
    do {
      maps = try ProcessMaps.sharedFiles(of: pid)
    } catch let error as Errno {
      throw CommandFailure(
        "cannot look into process \(pid): \(error.description); try as its user", .unavailable)
    }
    var refusal: Errno?
    for path in maps {
      do {
        if let descriptor = try open(path, pid) { return descriptor }
      } catch {
        refusal = refusal ?? error
      }
    }
    if let refusal {
      throw CommandFailure(
        "cannot write to the trace of process \(pid): \(refusal.description)", .unavailable)
    }
    throw CommandFailure(
      "process \(pid) is not being recorded; start it with 'memtrace run'", .unavailable)
  }

  /// The file, if it is a trace that process `pid` writes; nil if it is something else.
  private static func open(_ path: String, _ pid: pid_t) throws(Errno) -> FileDescriptor? {
    // As the process sees it, which may be in a container.
    let file = FilePath("/proc/\(pid)/root\(path)")
    let reader: FileDescriptor
    do {
      reader = try FileDescriptor.open(file, .readOnly, options: [.closeOnExec, .nonBlocking])
    } catch {
      // Gone, or of someone else: not a trace that could be written to.
      return nil
    }
    defer { try? reader.close() }
    guard isTrace(reader, of: pid) else { return nil }
    do {
      return try FileDescriptor.open(file, .readWrite, options: [.closeOnExec, .nonBlocking])
    } catch {
      throw error as? Errno ?? .ioError
    }
  }

  private static func isTrace(_ file: FileDescriptor, of pid: pid_t) -> Bool {
    var header = mt_file_header()
    let count = withUnsafeMutableBytes(of: &header) {
      (try? file.read(fromAbsoluteOffset: 0, into: $0)) ?? 0
    }
    let magic = withUnsafeBytes(of: header.magic) { Array($0) }
    return count == MemoryLayout<mt_file_header>.size && magic == Array(MT_FILE_MAGIC.utf8)
      && header.version == MT_FORMAT_VERSION && header.byte_order == MT_BYTE_ORDER_MARK
      && ProcessMaps.processIDs(of: pid).contains(header.pid)
      && header.state == UInt64(MT_STATE_RECORDING.rawValue)
  }

  deinit {
    munmap(header, Self.headerByteCount)
    try? descriptor.close()
  }

  private static func map(_ descriptor: FileDescriptor) throws(Errno) -> UnsafeMutableRawPointer {
    guard
      let header = mmap(
        nil, headerByteCount, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor.rawValue, 0),
      header != MAP_FAILED
    else { throw Errno(rawValue: errno) }
    return header
  }

  /// Writes a mark where no one else writes.
  func append(_ mark: MarkChunk) throws {
    guard try word(\.state).load(ordering: .relaxed) == UInt64(MT_STATE_RECORDING.rawValue),
      kill(pid, 0) == 0 || errno == EPERM
    else { throw CommandFailure("process \(pid) is not being recorded any more", .unavailable) }
    do {
      // Only the sum matters: what is written there is checked by its own checksum.
      let offset = try word(\.end_offset)
        .loadThenWrappingIncrement(by: UInt64(mark.byteCount), ordering: .relaxed)
      let bytes = mark.bytes(at: offset)
      _ = try bytes.withUnsafeBytes {
        try descriptor.writeAll(toAbsoluteOffset: Int64(offset), $0)
      }
    } catch let error as Errno {
      throw CommandFailure(
        "cannot write to the trace of process \(pid): \(error.description)", .cannotCreate)
    }
  }

  /// A word of the header that changes while the program runs.
  private func word(
    _ field: KeyPath<mt_file_header, UInt64>
  ) throws(Errno) -> UnsafeAtomic<UInt64> {
    guard let place = MemoryLayout<mt_file_header>.offset(of: field) else {
      throw .invalidArgument
    }
    return UnsafeAtomic<UInt64>(
      at: (header + place).bindMemory(to: UnsafeAtomic<UInt64>.Storage.self, capacity: 1))
  }
}
