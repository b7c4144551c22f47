// SPDX-License-Identifier: Apache-2.0
//
// What lies between the lines that a program's author wrote.

/// What a frame belongs to that is not the program's own.
enum PlumbingPart: String, CaseIterable, Sendable {
  case startUp = "start-up"
  case allocator = "the allocator"
  case libc = "libc"
  case cxxLibrary = "the C++ library"
  case cxxRuntime = "the C++ runtime"
  case languageLibrary = "the language's library"
  case node = "node"
  case python = "python"
  case java = "java"
  case memtrace = "memtrace"
  case unknown = "unknown code"

  /// Containers and allocators: what the author called to have memory, not what for.
  var isWrapper: Bool {
    switch self {
    case .allocator, .cxxLibrary, .languageLibrary: true
    default: false
    }
  }

  /// Some frames in words: `7 frames of node and start-up`.
  static func words(_ count: Int, of parts: [PlumbingPart]) -> String {
    let frames = Quantity.count(UInt64(count), "frame")
    switch parts.count {
    case 0: return frames
    case 1: return "\(frames) of \(parts[0].rawValue)"
    case 2: return "\(frames) of \(parts[0].rawValue) and \(parts[1].rawValue)"
    default: return "\(frames) of \(parts[0].rawValue), \(parts[1].rawValue) and others"
    }
  }
}
