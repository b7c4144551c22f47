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

  /// The command of the pager to go through.
  private let pager: String?

  static let standardOutput = OutputFile(
    descriptor: .standardOutput, path: "standard output", temporaryPath: nil)

  /// Standard output, through a pager where it is a terminal and one is wanted.
  static func screen(pages: Bool) -> OutputFile {
    OutputFile(
      descriptor: .standardOutput, path: standardOutput.path, temporaryPath: nil,
      pager: pages && Terminal.output.isTerminal ? Pager.command() : nil)
  }

  private init(
    descriptor: FileDescriptor, path: String, temporaryPath: String?, pager: String? = nil
  ) {
    self.descriptor = descriptor
    self.path = path
    self.temporaryPath = temporaryPath
    self.pager = pager
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
    pager = nil
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
    if let pager = pager.flatMap({ Pager($0) }) { return try write(body, through: pager) }
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

  private func write(_ body: (ReportOutput) throws -> Void, through pager: Pager) throws {
    defer { pager.finish() }
    let output = ReportOutput { bytes in
      try bytes.withUnsafeBytes { _ = try pager.input.writeAll($0) }
    }
    do {
      try body(output)
      try output.finish()
    } catch let errno as Errno where errno == .brokenPipe {
      // The reader has seen enough.
    }
  }
}
