// SPDX-License-Identifier: Apache-2.0
//
// Commands that start another program, and do not hand on what a recording needs: the environment,
// the same root, the same machine.

/// What a command's first word does to the program that it starts.
struct LauncherCheck {
  /// The words of the command, its program first.
  let command: [String]

  private struct Launcher {
    let names: [String]
    let meaning: String
    var prevents = true
    /// The words that make it so; none: it always is.
    var options: [String] = []
  }

  private static let launchers = [
    Launcher(
      names: ["env"],
      meaning:
        "starts the program with an empty environment, without LD_PRELOAD; set the variables "
        + "behind it: env -i LD_PRELOAD=... CMD",
      options: ["-i", "-", "--ignore-environment"]),
    Launcher(
      names: ["env"],
      meaning: "takes LD_PRELOAD from the program; leave that out",
      options: ["-uLD_PRELOAD", "--unset=LD_PRELOAD", "LD_PRELOAD"]),
    Launcher(
      names: ["sudo", "su", "doas", "pkexec", "runuser"],
      meaning: "does not hand LD_PRELOAD on to the program; run memtrace itself by it: "
        + "sudo memtrace run -- CMD"),
    Launcher(
      names: ["docker", "podman", "nerdctl", "kubectl", "lxc-attach", "machinectl"],
      meaning: "starts the program in a container, by another process: the library, libunwind8 and "
        + "LD_PRELOAD must be in there (docker run -v, -e)"),
    Launcher(
      names: ["chroot", "nsenter", "bwrap", "flatpak", "snap", "firejail", "toolbox", "distrobox"],
      meaning: "starts the program in another root: the library and libunwind8 must be there under "
        + "the same paths, and a folder for the trace"),
    Launcher(
      names: [
        "systemd-run", "systemctl", "service", "at", "batch", "ssh", "screen", "tmux", "pm2",
      ],
      meaning: "has the program started by another process, which does not have this environment; "
        + "set LD_PRELOAD where that one takes it from (a unit's Environment=)"),
    Launcher(
      names: ["valgrind", "rr", "qemu-x86_64", "heaptrack", "gdbserver"],
      meaning:
        "comes between the program and its allocator; the times, and perhaps the blocks, are "
        + "those of that tool", prevents: false),
  ]

  /// Those that hand everything on, and then are the program, or wait for it.
  private static let passing: Set<Substring> = [
    "env", "nohup", "nice", "ionice", "setsid", "stdbuf", "time", "timeout", "chrt", "taskset",
    "numactl", "setarch", "strace", "ltrace", "perf", "setpriv", "xargs", "unbuffer",
  ]

  private var name: Substring? { command.first?.split(separator: "/").last }

  /// The command that a launcher starts which hands everything on; nil when this is none.
  var launched: [String]? {
    guard let name, Self.passing.contains(name) else { return nil }
    // Which options take a word is theirs to know: what is a program is taken for it.
    let rest = command.dropFirst().drop {
      $0.hasPrefix("-") || $0.contains("=") || ProgramCheck.resolve($0) == nil
    }
    return rest.isEmpty ? nil : Array(rest)
  }

  func findings() -> [Finding] {
    guard let name else { return [] }
    let options = command.dropFirst().prefix { $0.hasPrefix("-") || $0 == "LD_PRELOAD" }
    return Self.launchers
      .filter { launcher in
        launcher.names.contains(String(name))
          && (launcher.options.isEmpty || options.contains(where: launcher.options.contains))
      }
      .map { launcher in
        let text = "\(name) \(launcher.meaning)"
        return launcher.prevents ? .bad("launcher", text) : .doubtful("launcher", text)
      }
  }
}
