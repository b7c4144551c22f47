// SPDX-License-Identifier: Apache-2.0
//
// Whether the loader will put the library into a given program, and whether the program will
// then call it.

import Glibc
import ProgramFile

/// Looks at one program.
struct ProgramCheck {
  private static let scriptDepthLimit = 4

  let program: String

  func findings() -> [Finding] {
    guard let path = Self.resolve(program) else {
      return [.bad("program", "\(program) is not in PATH; give its path")]
    }
    return [.good("program", path)] + Self.confinement(of: path) + check(path, depth: 0)
  }

  /// Whether a path is that of a program that is started in a world of its own.
  static func confinement(of path: String) -> [Finding] {
    var resolved = path
    if let real = realpath(path, nil) {
      resolved = String(cString: real)
      Glibc.free(real)
    }
    for place in [path, resolved] {
      if place.hasPrefix("/snap/") || place.hasSuffix("/snapd/snap") || place == "/usr/bin/snap" {
        return [
          .bad(
            "confinement",
            "\(path) is a snap, which starts in a root of its own and without LD_PRELOAD; "
              + "install the program in another way")
        ]
      }
      if place.contains("/flatpak/exports/") || place.contains("/flatpak/app/") {
        return [
          .bad(
            "confinement",
            "\(path) is a flatpak, which starts in a root of its own; "
              + "install the program in another way")
        ]
      }
    }
    return []
  }

  private func check(_ path: String, depth: Int) -> [Finding] {
    guard access(path, X_OK) == 0 else { return [.bad("program", "\(path) is not executable")] }
    let privileges = Self.privileges(of: path)
    switch ExecutableFile(path: path) {
    case .script(let interpreter, let argument):
      return privileges + checkScript(interpreter, argument, depth: depth)
    case .elf(let elf): return privileges + Self.check(elf, at: path)
    case .other:
      return [.doubtful("program", "\(path) is neither ELF nor a script; a shell may run it")]
    case .unreadable:
      return [.doubtful("program", "\(path) cannot be read; nothing can be said of it")]
    }
  }

  private func checkScript(_ interpreter: String, _ argument: String?, depth: Int) -> [Finding] {
    // #!/usr/bin/env node
    let isEnv = interpreter.hasSuffix("/env")
    let words = argument?.split(separator: " ").map(String.init) ?? []
    let named = isEnv ? words.first { !$0.hasPrefix("-") && !$0.contains("=") } : nil
    let real = named.flatMap(Self.resolve) ?? interpreter
    let finding = Finding.good("script", "run by \(real); that is what is recorded")
    guard depth < Self.scriptDepthLimit else { return [finding] }
    guard access(real, F_OK) == 0 else {
      return [.bad("script", "its interpreter \(real) is not there")]
    }
    return [finding] + check(real, depth: depth + 1)
  }

  private static func check(_ elf: ElfExecutable, at path: String) -> [Finding] {
    guard elf.machine == ElfExecutable.ownMachine, elf.is64Bit else {
      return [
        .bad(
          "architecture",
          "the program is for \(elf.machineName), the library for this machine's own; "
            + "the loader will leave the library out")
      ]
    }
    guard let interpreter = elf.interpreter else { return [withoutLoader(elf, at: path)] }
    var findings: [Finding] = []
    if interpreter.contains("ld-musl") {
      findings.append(
        .bad("libc", "the program uses musl (\(interpreter)); the library is for glibc"))
    } else if access(interpreter, X_OK) != 0 {
      findings.append(.bad("libc", "its loader \(interpreter) is not there"))
    } else if !isSystemLoader(interpreter) {
      findings.append(
        .doubtful(
          "libc",
          "the program has a loader and a libc of its own (\(interpreter)), which must be glibc 2.34 "
            + "or later; the trial was run with this system's"))
    } else {
      findings.append(.good("linking", "dynamically, by \(interpreter)"))
      findings.append(
        .good(
          "limits",
          "what a library allocates that the program loads with RTLD_DEEPBIND is not recorded; "
            + "that cannot be told beforehand"))
    }
    if elf.isGo {
      findings.append(
        .doubtful(
          "allocator",
          "the program is Go's, which takes its memory from the kernel by itself; what C code in it "
            + "allocates is recorded, nothing else (Go has runtime/pprof)"))
    }
    if let sanitizer = elf.sanitizer {
      findings.append(
        .bad(
          "sanitizer",
          "the program was built with \(sanitizer), whose runtime has an allocator of its own and "
            + "must come first; build it without, or use its own leak check"))
    } else if elf.definesMalloc {
      findings.append(
        .doubtful(
          "allocator",
          "the program brings its own malloc and calls that one; what it allocates by it is "
            + "not recorded"))
    }
    return findings
  }

  /// A program that asks for no loader: linked statically, or the loader itself.
  private static func withoutLoader(_ elf: ElfExecutable, at path: String) -> Finding {
    if let name = path.split(separator: "/").last, name.hasPrefix("ld-linux") {
      return .doubtful(
        "linking",
        "\(path) is the loader itself: the program behind it is recorded under the loader's name")
    }
    return .bad(
      "linking",
      elf.isGo
        ? "the program is Go's and statically linked: no library can be preloaded into it, and its "
          + "heap is not malloc's (Go has runtime/pprof)"
        : "the program is statically linked: no library can be preloaded into it; "
          + "link it dynamically")
  }

  /// Whether it is the loader that comes with this system's libc.
  private static func isSystemLoader(_ interpreter: String) -> Bool {
    ["/lib64/", "/lib/", "/usr/lib64/", "/usr/lib/"].contains { folder in
      interpreter.hasPrefix(folder) && interpreter.dropFirst(folder.count).hasPrefix("ld-linux")
    }
  }

  /// Programs that run with more rights than their user: the loader preloads nothing from outside
  /// the system's folders there.
  private static func privileges(of path: String) -> [Finding] {
    let remedy = "the loader will ignore the library; run a copy of it without those rights"
    var status = stat()
    guard stat(path, &status) == 0, !ConfinementCheck.ofThisProcess.gainsNoPrivileges else {
      return []
    }
    // For root a program that is set to root gains nothing, and is not restricted.
    let changesUser = status.st_mode & S_ISUID != 0 && status.st_uid != geteuid()
    let changesGroup =
      status.st_mode & S_ISGID != 0 && status.st_mode & S_IXGRP != 0
      && status.st_gid != getegid()
    if changesUser || changesGroup {
      return [.bad("privileges", "\(path) is set-\(changesUser ? "user" : "group")-id: \(remedy)")]
    }
    if geteuid() != 0, hasCapabilities(path) {
      return [.bad("privileges", "\(path) has file capabilities: \(remedy)")]
    }
    return []
  }

  /// Whether the file gives rights by itself, as ping does on some systems.
  private static func hasCapabilities(_ path: String) -> Bool {
    // <sys/xattr.h> is not part of Swift's Glibc module: the function is asked for by name.
    typealias Getxattr =
      @convention(c) (UnsafePointer<CChar>, UnsafePointer<CChar>, UnsafeMutableRawPointer?, Int)
      -> Int
    guard let library = dlopen(nil, RTLD_NOW) else { return false }
    defer { dlclose(library) }
    guard let symbol = dlsym(library, "getxattr") else { return false }
    return unsafeBitCast(symbol, to: Getxattr.self)(path, "security.capability", nil, 0) > 0
  }

  /// The file that a shell would run.
  static func resolve(_ program: String) -> String? {
    func isFile(_ path: String) -> Bool {
      var status = stat()
      return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }
    if program.contains("/") { return isFile(program) ? program : nil }
    let folders = Terminal.environment("PATH") ?? "/usr/local/bin:/usr/bin:/bin"
    for folder in folders.split(separator: ":", omittingEmptySubsequences: false) {
      let path = folder.isEmpty ? program : "\(folder)/\(program)"
      if isFile(path), access(path, X_OK) == 0 { return path }
    }
    return nil
  }
}
