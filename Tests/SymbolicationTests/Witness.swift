// SPDX-License-Identifier: Apache-2.0
//
// Tools that name addresses as we do, and a form in which both can be compared.

import Foundation
import Testing

@testable import Symbolication

/// A frame in the form that all can be brought into.
struct WitnessedFrame: Hashable, CustomStringConvertible {
  var function: String
  var file: String
  var line: Int

  init(_ frame: Frame) {
    self.init(
      function: frame.function ?? "", file: frame.line == nil ? "" : frame.file ?? "",
      line: frame.line ?? 0)
  }

  init(function: String, file: String, line: Int) {
    self.function = function
    self.file = (file as NSString).standardizingPath
    self.line = line
  }

  var description: String { "\(function) \(file):\(line)" }

  /// Whether two demanglers' or compilers' spellings mean one function, at one place.
  func agrees(with other: WitnessedFrame) -> Bool {
    file == other.file && line == other.line && hasSameName(as: other)
  }

  /// Whether two demanglers' or compilers' spellings mean one function.
  func hasSameName(as other: WitnessedFrame) -> Bool {
    function == other.function || Self.plain(function) == Self.plain(other.function)
  }

  /// Without scope, parameters, template arguments and what compilers append to parts of
  /// functions.
  private static func plain(_ name: String) -> Substring {
    let name = name.replacingOccurrences(of: "(anonymous namespace)", with: "anonymous")
    let end = name.firstIndex { "(<[.@".contains($0) } ?? name.endIndex
    let scoped = name[..<end].split(separator: " ").last ?? ""
    return scoped.split(separator: ":").last ?? ""
  }
}

/// A tool that names addresses.
enum Witness: String, CaseIterable, CustomTestStringConvertible {
  case elfutils = "eu-addr2line"
  case llvm = "llvm-symbolizer"

  var testDescription: String { rawValue }
  var isInstalled: Bool { Tool(rawValue) != nil }

  /// What it says of addresses of a file: innermost function first.
  ///
  /// Names are read by our own demangler: elfutils knows neither Rust's nor Swift's.
  func frames(_ path: String, _ addresses: [UInt64]) throws -> [UInt64: [WitnessedFrame]] {
    let arguments =
      switch self {
      case .elfutils: ["-i", "-f", "-a", "-A", "-e", path]
      case .llvm: ["--inlines", "--output-style=GNU", "-a", "--no-demangle", "-e", path]
      }
    let input = addresses.map { "0x" + String($0, radix: 16) }.joined(separator: "\n") + "\n"
    guard let tool = Tool(rawValue) else { throw Tool.Failure(description: "no \(rawValue)") }
    return parsed(try tool.run(arguments, input: input, mayFail: true))
  }

  /// Both print the address, then a line with the function and one with the place, each frame;
  /// elfutils nothing at all for some addresses, and fails.
  private func parsed(_ output: String) -> [UInt64: [WitnessedFrame]] {
    var result: [UInt64: [WitnessedFrame]] = [:]
    var address: UInt64 = 0
    var function: String?
    for text in output.split(separator: "\n") {
      if text.hasPrefix("0x"), let number = UInt64(text.dropFirst(2), radix: 16) {
        address = number
        result[address] = []
      } else if let name = function {
        result[address]?.append(frame(name, text))
        function = nil
      } else {
        function = text == "??" ? "" : String(text)
      }
    }
    return result
  }

  /// From `file:line`, `file:line:column` or either with ` (discriminator N)`.
  private func frame(_ function: String, _ place: Substring) -> WitnessedFrame {
    let linkerName = function.components(separatedBy: " inlined at ")[0]
      .components(separatedBy: "@@")[0]
    let parts = place.split(separator: " (", maxSplits: 1)[0].split(separator: ":")
    let number = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    return WitnessedFrame(
      function: Demangler.demangle(linkerName), file: number == 0 ? "" : String(parts[0]),
      line: number)
  }
}
