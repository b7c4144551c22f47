// SPDX-License-Identifier: Apache-2.0
//
// The words for what is missing from a trace.

import CTraceFormat

extension TraceDamage: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unwrittenChunk(let offset, let count):
      """
      \(count) bytes at offset \(offset) were reserved but not written: the process was killed \
      just then (no events are lost by it)
      """
    case .truncatedFile(let offset, let missing):
      "the file ends at offset \(offset), \(missing) bytes too early"
    case .unreadableBytes(let offset, let count):
      "\(count) bytes at offset \(offset) are not readable"
    case .wrongChecksum(let offset, let kind):
      "the \(Self.name(ofKind: kind)) at offset \(offset) has a wrong checksum; left out"
    case .malformedChunk(let offset, let kind):
      "the \(Self.name(ofKind: kind)) at offset \(offset) contradicts itself; left out"
    case .duplicateChunk(let offset, let kind):
      "the \(Self.name(ofKind: kind)) at offset \(offset) repeats another; left out"
    case .missingEvents(let window, let sequences):
      sequences.lowerBound == sequences.upperBound
        ? "the events of window \(window), part \(sequences.lowerBound), are missing"
        : """
        the events of window \(window), parts \(sequences.lowerBound) to \
        \(sequences.upperBound), are missing
        """
    case .missingWindow(let window):
      "the newest events of window \(window) are missing"
    case .missingCodeNames(let ordinals):
      """
      names of generated code are missing (chunks \(ordinals.lowerBound) to \
      \(ordinals.upperBound))
      """
    case .malformedEvents(let offset, let window):
      "the events of window \(window) from offset \(offset) on cannot be decoded"
    case .brokenStacks(let count):
      "\(count) stack nodes have no readable caller; their stacks are cut there"
    case .unknownStacks(let count):
      "\(count) references to stacks that are not in the trace"
    case .unusableClock:
      "the length of a tick is not known; times are not to be trusted"
    case .missingProcess:
      "the trace does not say which program was traced"
    }
  }

  private static func name(ofKind kind: UInt16) -> String {
    switch UInt32(kind) {
    case MT_CHUNK_WINDOW.rawValue: "window"
    case MT_CHUNK_STACKS.rawValue: "table of stacks"
    case MT_CHUNK_CODE_NAMES.rawValue: "table of code names"
    case MT_CHUNK_EVENTS.rawValue: "chunk of events"
    case MT_CHUNK_PROCESS.rawValue: "process record"
    case MT_CHUNK_IMAGE.rawValue: "image record"
    case MT_CHUNK_MARK.rawValue: "mark"
    case MT_CHUNK_SAMPLE.rawValue: "sample"
    case MT_CHUNK_JS_MEMORY.rawValue: "record of JavaScript's memory"
    case MT_CHUNK_GC.rawValue: "list of garbage collections"
    default: "chunk of kind \(kind)"
    }
  }
}
