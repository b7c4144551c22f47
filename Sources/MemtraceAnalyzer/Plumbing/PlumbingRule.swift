// SPDX-License-Identifier: Apache-2.0
//
// One line of the table that says what is plumbing.

import Symbolication

/// How to recognize frames of one part, and why they tell a reader nothing.
struct PlumbingRule: Sendable {
  enum Sign: Sendable {
    /// Functions of images; arguments and result are not looked at.
    case functions(Set<String>)
    /// Functions of images whose qualified names begin so.
    case functionPrefixes([String])
    /// Generated code that belongs to no source, whose names begin so.
    case generatedPrefixes([String])
    /// Images whose file names begin so.
    case imagePrefixes([String])
    /// Sources whose paths begin so.
    case filePrefixes([String])
    /// An address of which neither image nor name is known.
    case nowhere
  }

  let part: PlumbingPart
  let sign: Sign
  let reason: String

  init(_ part: PlumbingPart, _ sign: Sign, because reason: String) {
    self.part = part
    self.sign = sign
    self.reason = reason
  }

  func covers(_ frame: FrameNames) -> Bool {
    switch sign {
    case .functions(let names):
      return frame.function.map { names.contains(String($0)) } ?? false
    case .functionPrefixes(let prefixes):
      guard let function = frame.function else { return false }
      return prefixes.contains { function.hasPrefix($0) }
    case .generatedPrefixes(let prefixes):
      return frame.generatedNames.contains { name in prefixes.contains { name.hasPrefix($0) } }
    case .imagePrefixes(let prefixes):
      guard let image = frame.imageName else { return false }
      return prefixes.contains { image.hasPrefix($0) }
    case .filePrefixes(let prefixes):
      guard let file = frame.file else { return false }
      return prefixes.contains { file.hasPrefix($0) }
    case .nowhere:
      return frame.isNowhere
    }
  }
}

/// The names of a frame, as the rules look at them.
struct FrameNames {
  /// Of code in an image: the function without result and arguments.
  let function: Substring?
  /// Of code in none and without a source: the same, and the name as it was written.
  let generatedNames: [Substring]
  /// The last component of the image's path.
  let imageName: Substring?
  let file: String?
  /// Neither image nor name is known.
  let isNowhere: Bool

  init(_ frame: Frame) {
    let hasImage = frame.image != nil
    let qualified = frame.function.map(FunctionName.qualified)
    function = hasImage ? qualified : nil
    generatedNames =
      hasImage || frame.file != nil ? [] : [qualified, frame.function?[...]].compactMap { $0 }
    imageName = frame.image.map { $0[...].split(separator: "/").last ?? $0[...] }
    file = frame.file
    isNowhere = !hasImage && frame.function == nil
  }
}
