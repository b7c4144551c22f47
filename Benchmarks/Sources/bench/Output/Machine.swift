// SPDX-License-Identifier: Apache-2.0
//
// The machine the figures belong to.

import Foundation

/// What a figure of speed cannot be read without.
struct Machine: Codable, Sendable {
  let processor: String
  let coreCount: Int
  let isVirtual: Bool
  let memoryBytes: Int
  let kernel: String
  let system: String
  let cLibrary: String
  /// The load average over one minute before the first run and after the last.
  let loadBefore: Double
  var loadAfter: Double?

  /// This machine, now.
  static func current(_ probe: Probe) -> Machine {
    let processors = text("/proc/cpuinfo").split(separator: "\n")
    let model = processors.first { $0.hasPrefix("model name") }
    let memory = text("/proc/meminfo").split(separator: "\n").first { $0.hasPrefix("MemTotal") }
    let system = text("/etc/os-release").split(separator: "\n")
      .first { $0.hasPrefix("PRETTY_NAME=") }
    var names = utsname()
    uname(&names)
    let kernel = withUnsafeBytes(of: &names.release) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    return Machine(
      processor: model.flatMap { $0.split(separator: ":").last }
        .map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown",
      coreCount: ProcessInfo.processInfo.activeProcessorCount,
      isVirtual: processors.contains { $0.hasPrefix("flags") && $0.contains(" hypervisor") },
      memoryBytes: (memory?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0)
        * 1024,
      kernel: kernel,
      system: system.map { String($0.dropFirst("PRETTY_NAME=".count)).replacing("\"", with: "") }
        ?? "",
      cLibrary: probe.firstLine(of: ["getconf", "GNU_LIBC_VERSION"]), loadBefore: load())
  }

  /// The load average over one minute.
  static func load() -> Double {
    text("/proc/loadavg").split(separator: " ").first.flatMap { Double($0) } ?? 0
  }

  /// One paragraph, for people.
  var description: String {
    let memory = Double(memoryBytes) / Double(1 << 30)
    return "\(processor), \(coreCount) cores\(isVirtual ? ", a virtual machine" : ""), "
      + "\(Figure.number(memory)) GiB; \(system), Linux \(kernel), \(cLibrary); load average "
      + "\(Figure.number(loadBefore)) before\(loadAfter.map { " and \(Figure.number($0)) after" } ?? "")"
  }

  private static func text(_ path: String) -> String {
    (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
  }
}
