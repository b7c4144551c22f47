// SPDX-License-Identifier: Apache-2.0
//
// The lines of source that frames are at, where someone named a folder with the sources. A path in
// a trace is only ever looked for below that folder: a trace cannot have other files shown.

import Symbolication
import SystemPackage

/// Lines of source for a page.
struct PageSources {
  /// Lines shown on each side of a frame's.
  private static let contextCount = 3
  private static let fileByteLimit = 8 << 20
  private static let lineLimit = 200
  /// So much of source a page has room for.
  private static let byteBudget = 4 << 20

  /// Some lines of one file.
  private struct Excerpt {
    var frame: Int
    var firstLine: Int
    var lines: [String]
  }

  private var excerpts: [Excerpt] = []
  private let isAsked: Bool
  private var missingFileCount = 0

  /// Looks up the lines of the program's own frames first, then of the libraries'.
  init(_ frames: [Frame], _ directory: String?, _ strings: inout PageStrings) {
    isAsked = directory != nil
    guard let directory else { return }
    var files: [String: [Substring]?] = [:]
    var room = Self.byteBudget
    for wanted in 0...1 {
      for (index, frame) in frames.enumerated() where PageFrames.part(of: frame) == wanted {
        guard room > 0, let path = frame.file, let line = frame.line, line > 0 else { continue }
        if files[path] == nil { files[path] = .some(Self.lines(of: path, below: directory)) }
        guard let lines = files[path] ?? nil, line <= lines.count else { continue }
        let first = max(1, line - Self.contextCount)
        let last = min(lines.count, line + Self.contextCount)
        let texts = lines[first - 1..<last].map {
          PageStrings.fit(String($0.prefix(Self.lineLimit)).replacingTabs())
        }
        room -= texts.reduce(0) { $0 + $1.utf8.count }
        excerpts.append(Excerpt(frame: index, firstLine: first, lines: texts))
      }
    }
    missingFileCount = files.values.count { $0 == nil }
  }

  func write(_ json: inout JSONWriter) {
    json.key("sources")
    json.object(multiline: true) { json in
      json.member("isAsked", isAsked)
      json.member("missingFileCount", missingFileCount)
      json.key("excerpts")
      json.array(multiline: true) { json in
        for excerpt in excerpts {
          json.object { json in
            json.member("frame", excerpt.frame)
            json.member("first", excerpt.firstLine)
            json.key("lines")
            json.array { json in for line in excerpt.lines { json.value(line) } }
          }
        }
      }
    }
  }

  /// The lines of a source: of the file at its whole path below the folder, else at the longest
  /// end of its path that is there.
  private static func lines(of path: String, below directory: String) -> [Substring]? {
    let components = path.split(separator: "/").filter { $0 != "." }
    guard !components.isEmpty, !components.contains(".."), !path.utf8.contains(0) else {
      return nil
    }
    for start in components.indices {
      let file = FilePath(directory).appending(components[start...].joined(separator: "/"))
      if let text = contents(of: file) {
        return text.split(omittingEmptySubsequences: false) { $0.isNewline }
      }
    }
    return nil
  }

  /// A regular file of a bearable length.
  private static func contents(of path: FilePath) -> String? {
    // Not to wait for a writer where the path is that of a pipe.
    guard
      let descriptor = try? FileDescriptor.open(
        path, .readOnly, options: [.closeOnExec, .nonBlocking])
    else { return nil }
    defer { try? descriptor.close() }
    guard let end = try? descriptor.seek(offset: 0, from: .end), end > 0,
      end <= Int64(fileByteLimit)
    else { return nil }
    var bytes = [UInt8](repeating: 0, count: Int(end))
    let count = try? bytes.withUnsafeMutableBytes {
      try descriptor.read(fromAbsoluteOffset: 0, into: $0)
    }
    guard let count, count > 0 else { return nil }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}

extension String {
  /// Tabs as spaces, four at most; a page has no other stops.
  fileprivate func replacingTabs() -> String {
    guard utf8.contains(UInt8(ascii: "\t")) else { return self }
    var result = ""
    for character in self {
      if character == "\t" {
        repeat { result.append(" ") } while result.utf8.count % 4 != 0
      } else {
        result.append(character)
      }
    }
    return result
  }
}
