// SPDX-License-Identifier: Apache-2.0
//
// The Firefox Profiler cannot be had where these tests run. So the profile is held to what its own types say of
// version 48 (src/types/profile.js of firefox-devtools/profiler): every member that must be there, of its
// type, and none that the tool does not know. JSONFormatTests has what the tables refer to.

import Foundation
import Testing

@testable import MemtraceAnalyzer

@Suite struct FirefoxTypeTests {
  /// A type of JSON; `?`: or null; what may be left out stands among the optional members.
  private indirect enum Kind: Sendable {
    case number, text, flag
    case nothing
    case array(Kind)
    case object(ObjectType)
    case optional(Kind)

    func accepts(_ value: Any, _ path: String, _ complain: (String) -> Void) {
      switch (self, value) {
      case (.optional, is NSNull), (.nothing, is NSNull): return
      case (.optional(let kind), _): kind.accepts(value, path, complain)
      case (.flag, let number as NSNumber) where Self.isFlag(number): return
      case (.number, let number as NSNumber) where !Self.isFlag(number): return
      case (.text, is String): return
      case (.array(let kind), let array as [Any]):
        for (index, element) in array.enumerated() {
          kind.accepts(element, "\(path)[\(index)]", complain)
        }
      case (.object(let type), let object as [String: Any]): type.check(object, path, complain)
      default: complain("\(path) is \(value)")
      }
    }

    private static func isFlag(_ number: NSNumber) -> Bool {
      String(cString: number.objCType) == "c" || String(cString: number.objCType) == "B"
    }
  }

  private struct ObjectType: Sendable {
    var required: [String: Kind] = [:]
    var optional: [String: Kind] = [:]

    func check(_ object: [String: Any], _ path: String, _ complain: (String) -> Void) {
      for (name, kind) in required {
        guard let value = object[name] else {
          complain("\(path).\(name) is missing")
          continue
        }
        kind.accepts(value, "\(path).\(name)", complain)
      }
      for (name, value) in object where required[name] == nil {
        guard let kind = optional[name] else {
          complain("\(path).\(name) is not known")
          continue
        }
        kind.accepts(value, "\(path).\(name)", complain)
      }
    }
  }

  /// A table: columns, and how long they are.
  private static func table(_ columns: [String: Kind], more: [String: Kind] = [:]) -> Kind {
    let arrays = columns.mapValues { Kind.array($0) }
    return .object(
      ObjectType(required: arrays.merging(more) { $1 }.merging(["length": .number]) { $1 }))
  }

  private static let number = Kind.number
  private static let numberOrNull = Kind.optional(.number)

  private static let meta = ObjectType(
    required: [
      "interval": .number, "startTime": .number, "processType": .number, "product": .text,
      "stackwalk": .number, "version": .number, "preprocessedProfileVersion": .number,
      "markerSchema": .array(.nothing),
      "categories": .array(
        .object(
          ObjectType(required: [
            "name": .text, "color": .text, "subcategories": .array(.text),
          ]))),
    ],
    optional: [
      "profilingStartTime": .number, "profilingEndTime": .number, "importedFrom": .text,
      "arguments": .text, "symbolicated": .flag, "sourceCodeIsNotOnSearchfox": .flag,
      "platform": .text, "oscpu": .text,
      "extensions": table(["id": .text, "name": .text, "baseURL": .text]),
    ])

  private static let thread = ObjectType(
    required: [
      "processType": .text, "processStartupTime": .number, "processShutdownTime": numberOrNull,
      "registerTime": .number, "unregisterTime": numberOrNull, "pausedRanges": .array(.nothing),
      "name": .text, "isMainThread": .flag, "pid": .text, "tid": .number,
      "samples": table(
        ["eventDelay": number, "stack": numberOrNull, "time": number],
        more: ["weight": .nothing, "weightType": .text]),
      "markers": table([
        "data": .nothing, "name": number, "startTime": numberOrNull, "endTime": numberOrNull,
        "phase": number, "category": number,
      ]),
      "stackTable": table([
        "frame": number, "prefix": numberOrNull, "category": number, "subcategory": number,
      ]),
      "frameTable": table([
        "address": number, "inlineDepth": number, "category": numberOrNull,
        "subcategory": numberOrNull, "func": number, "nativeSymbol": numberOrNull,
        "innerWindowID": numberOrNull, "implementation": numberOrNull, "line": numberOrNull,
        "column": numberOrNull,
      ]),
      "funcTable": table([
        "name": number, "isJS": .flag, "relevantForJS": .flag, "resource": number,
        "fileName": numberOrNull, "lineNumber": numberOrNull, "columnNumber": numberOrNull,
      ]),
      "resourceTable": table([
        "lib": numberOrNull, "name": number, "host": numberOrNull, "type": number,
      ]),
      "nativeSymbols": table([
        "libIndex": number, "address": number, "name": number, "functionSize": numberOrNull,
      ]),
      "stringArray": .array(.text),
    ],
    optional: [
      "processName": .text,
      "nativeAllocations": table(
        ["time": number, "weight": number, "stack": numberOrNull], more: ["weightType": .text]),
    ])

  private static let profile = ObjectType(
    required: [
      "meta": .object(meta), "threads": .array(.object(thread)),
      "libs": .array(
        .object(
          ObjectType(required: [
            "arch": .text, "name": .text, "path": .text, "debugName": .text, "debugPath": .text,
            "breakpadId": .text, "codeId": .optional(.text),
          ]))),
    ],
    optional: [
      "counters": .array(
        .object(
          ObjectType(required: [
            "name": .text, "category": .text, "description": .text, "pid": .text,
            "mainThreadIndex": .number, "samples": table(["time": number, "count": number]),
          ])))
    ])

  @Test(arguments: [SiteOrder.outstanding, .total])
  func everyMemberIsOfTheTypeThatTheToolDeclares(metric: SiteOrder) throws {
    let text = try ExportFixture().exportText(.firefox, metric)
    let value = try #require(
      JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    var complaints: [String] = []
    Self.profile.check(value, "profile") { complaints.append($0) }
    #expect(complaints == [])
    #expect((value["counters"] as? [Any])?.count == 1)
  }

  @Test func whatIsOfAnotherTypeWouldBeSeen() {
    var complaints: [String] = []
    Self.profile.check(
      ["meta": ["interval": "1"], "threads": [["isMainThread": 1]], "libs": [], "other": 1], "p"
    ) { complaints.append($0) }
    for text in [
      "p.meta.interval is 1", "p.meta.product is missing", "p.threads[0].isMainThread is 1",
      "p.other is not known",
    ] { #expect(complaints.contains(text), "\(text)") }
  }
}
