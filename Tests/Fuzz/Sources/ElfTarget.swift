// SPDX-License-Identifier: Apache-2.0
//
// An ELF file with its debug information, asked for the names of addresses all over it; a package
// of debug information (.dwp) beside a linked file that refers to it; and a program, as doctor
// looks at it.

import Glibc
import ProgramFile

@testable import Symbolication

enum ElfTarget {
  private static let addressCount = 64

  static func file(_ input: [UInt8]) {
    guard let memory = MemoryFile(input) else { return }
    Cost.bounded(input.count) { ask(memory.path) }
  }

  /// Whatever begins like one: ELF, or a script.
  static func program(_ input: [UInt8]) {
    guard let memory = MemoryFile(input) else { return }
    Cost.bounded(input.count) {
      guard case .elf(let program) = ExecutableFile(path: memory.path) else { return }
      precondition(!program.machineName.isEmpty, "every machine has a name")
    }
  }

  /// The input as the package of a linked file that is there (Tests/Fuzz/run), and is what it is.
  static func package(_ input: [UInt8]) {
    guard let linked = getenv("MEMTRACE_FUZZ_LINKED").map({ String(cString: $0) }) else {
      preconditionFailure("MEMTRACE_FUZZ_LINKED names no file")
    }
    let package = open("\(linked).dwp", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    let count = input.withUnsafeBytes { write(package, $0.baseAddress, $0.count) }
    close(package)
    guard count == input.count else { return }
    Cost.bounded(input.count) { ask(linked) }
  }

  /// Whatever the file says of its build-id and its size: that it is the image's is decided
  /// elsewhere.
  private static func ask(_ path: String) {
    let places = FilePlaces(sysroot: nil)
    let open = { try? ElfFile(path: path, places: places) }
    guard let file = open() else { return }
    let image = LoadedImage(
      path: path, buildID: file.buildID, start: 0, end: 1 << 20, loadBias: 0)
    _ = file.isMappedLike(image)
    _ = file.loadBias(of: image)
    var names = ElfImageNames(file: file, reopening: open)
    // Dense where small files have their code.
    let addresses = (0..<addressCount).map { UInt64($0 * $0 + 0x1000) }
    for functions in names.functions(at: addresses) {
      precondition(!functions.isEmpty, "an address has at least itself for a function")
    }
    for fault in names.faults {
      _ = SymbolicationWarning.debugInformation(path: path, fault).description
    }
    _ = open()?.findDebugFile()
  }
}
