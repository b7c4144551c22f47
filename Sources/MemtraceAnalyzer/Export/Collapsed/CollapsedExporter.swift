// SPDX-License-Identifier: Apache-2.0
//
// Stacks in one line each, outermost first, with how much: what flamegraph.pl, inferno and many
// others read.

import Symbolication

/// Writes collapsed stacks.
struct CollapsedExporter: Exporter {
  func export(_ source: ExportSource, to output: ReportOutput) {
    let order = source.order
    let frames = source.report.frames
    var names = FrameTexts(frames, separator: ";")
    source.sites.forEachStack { site, stack in
      let amount = order.amount(of: site)
      guard amount > 0 else { return }
      if stack.addresses.isEmpty { output.write(FrameLabel.noStack) }
      if stack.isTruncated { output.write("\(FrameLabel.noOuterFrames);") }
      output.write(
        bytes: names.joined(stack.addresses.reversed()) { Self.text(of: frames[$0]) })
      output.write(" ")
      output.write(decimal: amount)
      output.write("\n")
    }
  }

  /// The frames of an address, outermost first.
  private static func text(of frames: [Frame]) -> String {
    frames.reversed().map { name(of: $0) }.joined(separator: ";")
  }

  /// A name without what separates names, marked as flamegraph.pl colors them: `_[j]` generated
  /// code, `_[i]` inlined.
  private static func name(of frame: Frame) -> String {
    var name = FrameLabel.name(of: frame)
    if name.utf8.contains(UInt8(ascii: ";")) { name = String(name.map { $0 == ";" ? ":" : $0 }) }
    if frame.kind == .javascript { return name + "_[j]" }
    return frame.isInlined ? name + "_[i]" : name
  }
}
