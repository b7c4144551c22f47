// SPDX-License-Identifier: Apache-2.0
//
// A trace's images, as the symbolicator wants to have them.

import Symbolication
import SystemPackage
import TraceFile

extension LoadedImage {
  /// The images of `trace`, in its order.
  static func images(of trace: TraceFile) -> [LoadedImage] {
    trace.images.map { image in
      LoadedImage(
        path: absolutePath(image.path, directory: trace.process.directory),
        buildID: image.buildID, start: image.start, end: image.end, loadBias: image.loadBias,
        recordedNanoseconds: recordedNanoseconds(image, clock: trace.clock))
    }
  }

  /// A relative path as counted from where the program began.
  ///
  /// The loader keeps a path as it was given: in LD_LIBRARY_PATH, to dlopen, as a NEEDED with a
  /// slash. It counted from where the process was then, as a rule where it began.
  private static func absolutePath(_ path: String, directory: String) -> String {
    guard !path.isEmpty, !path.hasPrefix("/"), !isKernelCode(path), directory.hasPrefix("/") else {
      return path
    }
    var relative = path[...]
    while relative.hasPrefix("./") { relative = relative.dropFirst(2) }
    return FilePath(directory).appending(String(relative)).string
  }

  private static func recordedNanoseconds(_ image: Image, clock: TraceClock) -> UInt64? {
    let start = clock.startRealtimeNanoseconds
    return start == 0 ? nil : start &+ clock.nanoseconds(at: image.loadTicks)
  }
}
