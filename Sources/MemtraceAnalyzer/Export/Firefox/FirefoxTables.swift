// SPDX-License-Identifier: Apache-2.0
//
// The tables of a thread of the Firefox Profiler: allocations refer to stacks, those to frames,
// those to functions, all to texts. Columns, not rows, as the format has them.

import Symbolication
import TraceFile

/// Tables of a thread.
struct FirefoxTables {
  private static let notKnown: Int32 = -2

  private struct Allocation {
    var nanoseconds: UInt64
    var amount: UInt64
    /// -1: none was recorded.
    var stack: Int32
  }

  private struct Function {
    var name: Int
    var file: Int
    var frame: Frame
    var library: Int
  }

  private struct FrameRow {
    var function: Int
    var address: UInt64?
    var depth: Int
    var line: Int
    var column: Int
    var isJavaScript: Bool
  }

  /// Paths of the images that functions are in.
  private(set) var libraries: [String] = []
  private let source: ExportSource
  private var allocations: [Allocation] = []
  private var stackFrames: [Int32] = []
  private var stackPrefixes: [Int32] = []
  private var stackNumbers: [UInt64: Int32] = [:]
  private var stackOfStep: [Int32] = []
  private var frameRows: [FrameRow] = []
  /// By address, outermost first.
  private var framesOfAddress: [UInt32: [Int32]] = [:]
  private var functions: [Function] = []
  private var functionNumbers: [FunctionIdentity: Int] = [:]
  private var libraryNumbers: [String: Int] = [:]
  private var texts: [String] = []
  private var textNumbers: [String: Int] = [:]
  private var marks: [(name: Int, nanoseconds: UInt64)] = []

  init(_ source: ExportSource) {
    self.source = source
    let order = source.order
    stackOfStep = [Int32](repeating: Self.notKnown, count: source.sites.steps.count)
    for site in source.sites.totals {
      let amount = order.amount(of: site)
      guard amount > 0 else { continue }
      allocations.append(
        Allocation(
          nanoseconds: source.clock.nanoseconds(at: site.lastTicks), amount: amount,
          stack: stack(endingWith: source.sites.end(of: site))))
    }
    stackOfStep = []
    stackNumbers = [:]
    allocations.sort { $0.nanoseconds < $1.nanoseconds }
    for mark in source.report.marks {
      marks.append((text(PrintableText.escaped(mark.name)), mark.nanoseconds))
    }
  }

  private mutating func text(_ text: String) -> Int {
    if let number = textNumbers[text] { return number }
    textNumbers[text] = texts.count
    texts.append(text)
    return texts.count - 1
  }

  /// The row of a stack that ends with a step; each step is looked at once.
  private mutating func stack(endingWith end: UInt32) -> Int32 {
    let steps = source.sites.steps
    var path: [UInt32] = []
    var step = end
    while step > StackPaths.missing, stackOfStep[Int(step)] == Self.notKnown {
      path.append(step)
      step = steps[Int(step)].caller
    }
    var prefix = step > StackPaths.missing ? stackOfStep[Int(step)] : -1
    for step in path.reversed() {
      for frame in frames(of: steps[Int(step)].meaning) {
        let key = UInt64(UInt32(bitPattern: prefix)) << 32 | UInt64(UInt32(bitPattern: frame))
        if let known = stackNumbers[key] {
          prefix = known
          continue
        }
        let number = Int32(truncatingIfNeeded: stackFrames.count)
        stackNumbers[key] = number
        stackFrames.append(frame)
        stackPrefixes.append(prefix)
        prefix = number
      }
      stackOfStep[Int(step)] = prefix
    }
    return prefix
  }

  private mutating func frames(of address: UInt32) -> [Int32] {
    if let known = framesOfAddress[address] { return known }
    var rows: [Int32] = []
    for (depth, frame) in source.report.frames[address].reversed().enumerated() {
      rows.append(Int32(truncatingIfNeeded: frameRows.count))
      let isScript = frame.kind == .javascript
      frameRows.append(
        FrameRow(
          function: function(frame), address: frame.imageOffset, depth: depth,
          line: frame.line ?? -1, column: isScript ? frame.column ?? -1 : -1,
          isJavaScript: isScript))
    }
    framesOfAddress[address] = rows
    return rows
  }

  private mutating func function(_ frame: Frame) -> Int {
    let identity = FunctionIdentity(frame)
    if let number = functionNumbers[identity] { return number }
    functionNumbers[identity] = functions.count
    var library = -1
    if let image = frame.image {
      library = libraryNumbers[image] ?? libraries.count
      if library == libraries.count { libraries.append(image) }
      libraryNumbers[image] = library
    }
    functions.append(
      Function(
        name: text(FrameLabel.name(of: frame)),
        file: frame.file.map { text(PrintableText.escaped($0)) } ?? -1, frame: frame,
        library: library))
    return functions.count - 1
  }

  // MARK: Columns

  func writeAllocations(_ json: inout JSONWriter) {
    json.key("nativeAllocations")
    json.object { json in
      json.key("time")
      json.array { json in for row in allocations { json.milliseconds(row.nanoseconds) } }
      json.column("weight", allocations.lazy.map(\.amount))
      json.member("weightType", "bytes")
      json.optionalColumn("stack", allocations.lazy.map(\.stack))
      json.member("length", allocations.count)
    }
  }

  func writeMarks(_ json: inout JSONWriter) {
    json.key("markers")
    json.object { json in
      json.key("data")
      json.array { json in for _ in marks { json.null() } }
      json.column("name", marks.map(\.name))
      json.key("startTime")
      json.array { json in for mark in marks { json.milliseconds(mark.nanoseconds) } }
      json.key("endTime")
      json.array { json in for _ in marks { json.null() } }
      json.column("phase", marks.map { _ in 0 })
      json.column("category", marks.map { _ in FirefoxExporter.otherCategory })
      json.member("length", marks.count)
    }
  }

  func writeStacks(_ json: inout JSONWriter) {
    json.key("stackTable")
    json.object { json in
      json.column("frame", stackFrames)
      json.optionalColumn("prefix", stackPrefixes)
      json.column("category", stackFrames.lazy.map { category(frameRows[Int($0)]) })
      json.column("subcategory", stackFrames.lazy.map { _ in 0 })
      json.member("length", stackFrames.count)
    }
    json.key("frameTable")
    json.object { json in
      json.column("address", frameRows.map { $0.address.map { Int64(clamping: $0) } ?? -1 })
      json.column("inlineDepth", frameRows.map(\.depth))
      json.column("category", frameRows.map(category))
      json.column("subcategory", frameRows.map { _ in 0 })
      json.column("func", frameRows.map(\.function))
      for name in ["nativeSymbol", "innerWindowID", "implementation"] {
        json.optionalColumn(name, frameRows.map { _ in -1 })
      }
      json.optionalColumn("line", frameRows.map(\.line))
      json.optionalColumn("column", frameRows.map(\.column))
      json.member("length", frameRows.count)
    }
  }

  private func category(_ row: FrameRow) -> Int {
    row.isJavaScript ? FirefoxExporter.javaScriptCategory : FirefoxExporter.nativeCategory
  }

  func writeFunctions(_ json: inout JSONWriter) {
    json.key("funcTable")
    json.object { json in
      json.column("name", functions.map(\.name))
      for column in ["isJS", "relevantForJS"] {
        json.key(column)
        json.array { json in
          for function in functions { json.value(function.frame.kind == .javascript) }
        }
      }
      // A resource for each library, in their order.
      json.column("resource", functions.map(\.library))
      json.optionalColumn("fileName", functions.map(\.file))
      let places = functions.map { $0.frame.kind == .javascript ? $0.frame : Frame(address: 0) }
      json.optionalColumn("lineNumber", places.map { $0.line ?? -1 })
      json.optionalColumn("columnNumber", places.map { $0.column ?? -1 })
      json.member("length", functions.count)
    }
    json.key("nativeSymbols")
    json.object { json in
      for column in ["libIndex", "address", "name", "functionSize"] {
        json.key(column)
        json.array { _ in }
      }
      json.member("length", 0)
    }
  }

  func writeTexts(_ json: inout JSONWriter) {
    var texts = texts
    let names = libraries.map { path in
      texts.append(PrintableText.escaped(path.split(separator: "/").last.map(String.init) ?? path))
      return texts.count - 1
    }
    json.key("resourceTable")
    json.object { json in
      json.column("lib", libraries.indices)
      json.column("name", names)
      json.optionalColumn("host", names.map { _ in -1 })
      // 1: a library.
      json.column("type", names.map { _ in 1 })
      json.member("length", libraries.count)
    }
    json.key("stringArray")
    json.array(multiline: true) { json in for text in texts { json.value(text) } }
  }
}
