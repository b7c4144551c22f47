// SPDX-License-Identifier: Apache-2.0
//
// The bytes of a file, read where asked. Never mapped: a mapped file that someone shortens
// raises SIGBUS in whoever reads it, a read that comes back short raises nothing.

import Glibc
import SystemPackage

/// An open regular file.
///
/// Reading is positional, so threads may share one.
final class FileBytes: Sendable {
  let path: FilePath
  /// Where the file lives, as `stat` has it.
  let device: UInt64
  let inode: UInt64
  private let descriptor: FileDescriptor

  /// Opens `path`, without waiting for a writer if it is a FIFO.
  init(path: FilePath) throws(TraceFileError) {
    self.path = path
    do {
      descriptor = try FileDescriptor.open(
        path, .readOnly, options: [.nonBlocking, .closeOnExec], retryOnInterrupt: true)
    } catch Errno.noSuchFileOrDirectory {
      throw .noSuchFile(path: path.string)
    } catch let error as Errno {
      // Sockets say ENXIO.
      throw error == .noSuchAddressOrDevice
        ? .notAFile(path: path.string)
        : .cannotRead(path: path.string, errno: error.rawValue)
    } catch {
      throw .cannotRead(path: path.string, errno: EIO)
    }
    var status = stat()
    let result = fstat(descriptor.rawValue, &status)
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    // From here on all is initialized, so a throw runs deinit, which closes the file.
    guard result == 0 else { throw .cannotRead(path: path.string, errno: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path: path.string) }
  }

  deinit {
    try? descriptor.close()
  }

  /// How long the file is now.
  func byteCount() -> UInt64 {
    var status = stat()
    guard fstat(descriptor.rawValue, &status) == 0 else { return 0 }
    return UInt64(max(0, status.st_size))
  }

  /// Fills `buffer` from `offset` on; fewer bytes where the file ends or cannot be read.
  func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    var count = 0
    while count < buffer.count {
      let (position, overflow) = offset.addingReportingOverflow(UInt64(count))
      guard !overflow, let place = Int64(exactly: position) else { break }
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
      guard
        let got = try? descriptor.read(fromAbsoluteOffset: place, into: rest), got > 0
      else { break }
      count += got
    }
    return count
  }

  /// Up to `byteCount` bytes from `offset` on.
  func read(at offset: UInt64, byteCount: Int) -> [UInt8] {
    // For none the standard library would write a zero into the storage that all empty arrays share.
    guard byteCount > 0 else { return [] }
    return [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
      count = read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
    }
  }

  /// `SEEK_DATA` of <unistd.h>, which Swift does not see: glibc has it for _GNU_SOURCE only.
  private static let seekData: Int32 = 3

  /// Where, from `offset` on, the file next holds bytes that are stored and so may not be zero;
  /// `offset` itself if the file system does not tell; `nil` if nothing but a gap follows.
  func nextStoredByte(from offset: UInt64) -> UInt64? {
    guard let place = Int64(exactly: offset) else { return nil }
    let found = lseek(descriptor.rawValue, off_t(place), Self.seekData)
    if found >= 0 { return max(offset, UInt64(found)) }
    return errno == ENXIO ? nil : offset
  }
}
