// SPDX-License-Identifier: Apache-2.0
//
// Reads what a workload says of its own time.

extension Workload.Timing {
  /// The time of a run, from outside or from what the program printed.
  func runTime(
    wholeMilliseconds: Double, processorTime: Duration, output: String
  ) throws -> RunTime {
    let processor = processorTime.milliseconds
    // heaptrack's script prints to the same stream.
    let line = output.split(separator: "\n").last { $0.contains(" wall") } ?? ""
    let numbers = line.split(separator: " ").compactMap { Double($0) }
    switch self {
    case .whole:
      return RunTime(wall: wholeMilliseconds, processorMilliseconds: processor)
    case .inner:
      guard let wall = numbers.first else {
        throw RunError.unexpectedOutput("the workload", wanted: "its milliseconds")
      }
      return RunTime(wall: wall, processorMilliseconds: processor)
    case .pair:
      guard numbers.count == 2 else {
        throw RunError.unexpectedOutput("the workload", wanted: "its two times a pair")
      }
      return RunTime(
        wall: numbers[0], processorMilliseconds: processor, pairProcessorNanoseconds: numbers[1])
    }
  }
}
