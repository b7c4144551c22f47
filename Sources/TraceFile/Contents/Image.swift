// SPDX-License-Identifier: Apache-2.0
//
// An ELF file that was mapped for some part of the recording.

/// A loaded ELF file and the epochs in which its addresses were its own.
package struct Image: Hashable, Sendable {
  /// Lowest address mapped, and the one behind the highest.
  package let start: UInt64
  package let end: UInt64
  /// Run-time address less address in the file.
  package let loadBias: UInt64
  package let path: String
  package let buildID: [UInt8]
  /// Stacks of an epoch from `loadEpoch` up to, not including, `unloadEpoch` may lie in it.
  package let loadEpoch: UInt32
  package var unloadEpoch: UInt32?
  package let loadTicks: Ticks
  package var unloadTicks: Ticks?

  package init(
    start: UInt64, end: UInt64, loadBias: UInt64, path: String, buildID: [UInt8] = [],
    loadEpoch: UInt32 = 0, unloadEpoch: UInt32? = nil, loadTicks: Ticks = Ticks(0),
    unloadTicks: Ticks? = nil
  ) {
    self.start = start
    self.end = end
    self.loadBias = loadBias
    self.path = path
    self.buildID = buildID
    self.loadEpoch = loadEpoch
    self.unloadEpoch = unloadEpoch
    self.loadTicks = loadTicks
    self.unloadTicks = unloadTicks
  }

  /// Whether `address`, seen in a stack of `epoch`, lies in this image.
  package func contains(_ address: UInt64, epoch: UInt32) -> Bool {
    start <= address && address < end && loadEpoch <= epoch
      && epoch < (unloadEpoch ?? .max)
  }
}
