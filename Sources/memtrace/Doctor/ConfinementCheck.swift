// SPDX-License-Identifier: Apache-2.0
//
// What this session was forbidden, and the programs that it starts with it. Whether that is what
// the library needs, the trial tells; these lines say where to look when it fails.

import Glibc

/// Looks at the kernel's words for how this process is confined.
struct ConfinementCheck {
  /// As in /proc/self/attr/apparmor/current: "docker-default (enforce)"; of SELinux in
  /// /proc/self/attr/current: "system_u:system_r:httpd_t:s0".
  let profile: String
  /// As in /proc/self/status.
  let status: String
  /// Whether SELinux enforces its policy.
  let enforcesPolicy: Bool

  static var ofThisProcess: ConfinementCheck {
    func text(_ path: String) -> String { (try? TextFile.read(path)) ?? "" }
    // Before Linux 5.8 AppArmor had no folder of its own.
    let profile = text("/proc/self/attr/apparmor/current")
    return ConfinementCheck(
      profile: profile.isEmpty ? text("/proc/self/attr/current") : profile,
      status: text("/proc/self/status"),
      enforcesPolicy: text("/sys/fs/selinux/enforce").hasPrefix("1"))
  }

  /// Whether a set-user-id program gets no more rights than its user, and so is no exception.
  var gainsNoPrivileges: Bool { field("NoNewPrivs") == "1" }

  func findings() -> [Finding] {
    var findings: [Finding] = []
    let name = profile.prefix { $0 != "\n" && $0 != "\0" }
    if name.hasSuffix("(enforce)") {
      findings.append(
        .doubtful(
          "confinement",
          "AppArmor confines this session (\(name)): its profile must allow to read and map the "
            + "library (mr) and to write the trace (rw)"))
    } else if enforcesPolicy {
      findings.append(
        .doubtful(
          "confinement",
          "SELinux is in force (\(name)): a program that enters another domain when it is started "
            + "is not handed LD_PRELOAD, and its domain must be allowed to write the trace"))
    }
    if field("Seccomp") == "2" {
      findings.append(
        .doubtful(
          "confinement",
          "a seccomp filter is in force, as in containers; the trial tells whether it lets pass "
            + "what the library needs"))
    }
    return findings
  }

  private func field(_ name: String) -> String? {
    status.split(separator: "\n").first { $0.hasPrefix("\(name):") }
      .map { $0.dropFirst(name.count + 1).filter { !$0.isWhitespace } }
  }
}
