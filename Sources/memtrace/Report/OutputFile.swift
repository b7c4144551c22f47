// SPDX-License-Identifier: Apache-2.0
//
// Where a report goes: standard output, or a file that appears only when it is whole.

import Glibc
import MemtraceAnalyzer
import SystemPackage

/// Takes a report in pieces.
struct OutputFile {
  private let descriptor: FileDescriptor
  private let path: String
  /// Where a regular file is made before it takes its name; nil to write straight away.
  private let temporaryPath: String?

  static let standardOutput = OutputFile(
    descriptor: .standardOutput, path: "standard output", temporaryPath: nil)

  private init(descriptor: FileDescriptor, path: String, temporaryPath: String?) {
    self.descriptor = descriptor
    self.path = path
    self.temporaryPath = temporaryPath
  }

  /// A file at `path`, which must not be `input`: that is being read.
  init(path: String, notOverwriting input: String) throws {
    var status = stat()
    var inputStatus = stat()
    let exists = stat(path, &status) == 0
    if exists, stat(input, &inputStatus) == 0, status.st_dev == inputStatus.st_dev,
      status.st_ino == inputStatus.st_ino
    {
      throw CommandFailure("\(path) is the trace itself; name another file", .cannotCreate)
    }
    self.path = path
    // A pipe, /dev/null or a terminal is written to; a link keeps pointing where it does.
    var linkStatus = stat()
    let isPlain = !exists || status.st_mode & S_IFMT == S_IFREG
    let isLink = lstat(path, &linkStatus) == 0 && linkStatus.st_mode & S_IFMT == S_IFLNK
    temporaryPath = isPlain && !isLink ? "\(path).\(getpid()).tmp" : nil
    do {
      descriptor = try FileDescriptor.open(
        FilePath(temporaryPath ?? path), .writeOnly, options: [.create, .truncate, .closeOnExec],
        permissions: [.ownerReadWrite, .groupRead, .otherRead])
    } catch let errno as Errno {
      throw CommandFailure.cannotCreate(path, errno)
    }
  }

  /// Writes what `body` makes, and gives the file its name.
  func write(_ body: (ReportOutput) throws -> Void) throws {
    let descriptor = descriptor
    let output = ReportOutput { bytes in
      try bytes.withUnsafeBytes { _ = try descriptor.writeAll($0) }
    }
    do {
      try body(output)
      try output.finish()
      guard path != Self.standardOutput.path else { return }
      try descriptor.close()
      if let temporaryPath, rename(temporaryPath, path) != 0 { throw Errno(rawValue: errno) }
    } catch {
      if let temporaryPath { unlink(temporaryPath) }
      if let errno = error as? Errno { throw CommandFailure.cannotCreate(path, errno) }
      throw error
    }
  }
}
