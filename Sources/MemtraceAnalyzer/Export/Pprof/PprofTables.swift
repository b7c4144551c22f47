// SPDX-License-Identifier: Apache-2.0
//
// The tables that the samples of a profile for pprof refer to: texts, functions, locations and
// mappings, each once.

import PprofMessages
import Symbolication
import TraceFile

/// Tables under construction.
struct PprofTables {
  private let frames: FrameTable
  private let images: [Image]
  private var texts: [String: Int64] = ["": 0]
  private var textList = [""]
  private var functionIDs: [FunctionIdentity: UInt64] = [:]
  private var functions: [PprofFunction] = []
  /// By address; locations that no stack has are not written.
  private var isUsed: [Bool]
  /// For stacks that were not recorded: pprof drops samples without a location.
  private var usesNoStack = false

  init(_ source: ExportSource) {
    frames = source.report.frames
    // The program comes first, as pprof wants it.
    let program = source.report.trace.executable
    images =
      source.images.filter { $0.path == program } + source.images.filter { $0.path != program }
    isUsed = [Bool](repeating: false, count: frames.indices.count)
  }

  mutating func text(_ text: String) -> Int64 {
    if let index = texts[text] { return index }
    let index = Int64(textList.count)
    texts[text] = index
    textList.append(text)
    return index
  }

  mutating func valueType(_ type: String, _ unit: String) -> PprofValueType {
    var result = PprofValueType()
    result.type = text(type)
    result.unit = text(unit)
    return result
  }

  mutating func sample(of site: Site, _ measures: [SiteOrder]) -> PprofSample {
    var sample = PprofSample()
    for address in site.stack.addresses {
      isUsed[Int(address)] = true
      sample.locationID.append(UInt64(address) + 1)
    }
    if site.stack.addresses.isEmpty {
      usesNoStack = true
      sample.locationID.append(UInt64(isUsed.count) + 1)
    }
    sample.value = measures.map { Int64(clamping: $0.amount(of: site.totals)) }
    return sample
  }

  /// Puts the tables into `profile`, texts last.
  mutating func finish(_ profile: inout PprofProfile) {
    var mappings = images.enumerated().map { mapping($1, id: UInt64($0) + 1) }
    profile.location = frames.indices.filter { isUsed[Int($0)] }.map { location($0, &mappings) }
    if usesNoStack {
      var location = PprofLocation()
      location.id = UInt64(isUsed.count) + 1
      location.line = [line(of: Frame(function: FrameLabel.noStack, address: 0))]
      profile.location.append(location)
    }
    profile.mapping = mappings
    profile.function = functions
    profile.stringTable = textList
  }

  private mutating func mapping(_ image: Image, id: UInt64) -> PprofMapping {
    var mapping = PprofMapping()
    mapping.id = id
    mapping.memoryStart = image.start
    mapping.memoryLimit = image.end
    mapping.filename = text(PrintableText.escaped(image.path))
    mapping.buildID = text(
      image.buildID.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
    // Looked up already; pprof need not try again.
    mapping.hasFunctions_p = true
    return mapping
  }

  private mutating func location(_ address: UInt32, _ mappings: inout [PprofMapping])
    -> PprofLocation
  {
    var location = PprofLocation()
    location.id = UInt64(address) + 1
    let frames = self.frames[address]
    location.line = frames.map { line(of: $0) }
    guard let frame = frames.first else { return location }
    location.address = frame.address
    if let index = images.firstIndex(where: { Self.holds($0, frame) }) {
      location.mappingID = UInt64(index) + 1
      if frames.contains(where: { $0.file != nil }) { mappings[index].hasFilenames_p = true }
      if frames.contains(where: { $0.line != nil }) { mappings[index].hasLineNumbers_p = true }
      if frames.contains(where: \.isInlined) { mappings[index].hasInlineFrames_p = true }
    }
    return location
  }

  private static func holds(_ image: Image, _ frame: Frame) -> Bool {
    // The path of a frame is absolute, that of an image as the loader has it.
    guard let path = frame.image, image.start <= frame.address, frame.address <= image.end else {
      return false
    }
    return path == image.path || path.hasSuffix(image.path) || image.path.isEmpty
  }

  private mutating func line(of frame: Frame) -> PprofLine {
    var line = PprofLine()
    line.line = Int64(frame.line ?? 0)
    let identity = FunctionIdentity(frame)
    if let id = functionIDs[identity] {
      line.functionID = id
      return line
    }
    var function = PprofFunction()
    function.id = UInt64(functions.count) + 1
    function.name = text(FrameLabel.name(of: frame))
    function.systemName = function.name
    function.filename = text(frame.file.map(PrintableText.escaped) ?? "")
    if frame.kind == .javascript { function.startLine = Int64(frame.line ?? 0) }
    functionIDs[identity] = function.id
    functions.append(function)
    line.functionID = function.id
    return line
  }
}
