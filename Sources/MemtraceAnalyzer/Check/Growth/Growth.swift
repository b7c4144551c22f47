// SPDX-License-Identifier: Apache-2.0
//
// What grows by iteration, as a value without any text.

/// Sites that keep something of every batch of iterations.
package struct Growth: Sendable {
  /// What a batch added that was still there at the last mark.
  package struct Batch: Hashable, Sendable {
    package var byteCount: UInt64
    package var blockCount: UInt64

    package init(byteCount: UInt64 = 0, blockCount: UInt64 = 0) {
      self.byteCount = byteCount
      self.blockCount = blockCount
    }
  }

  /// A site and what each batch left there.
  package struct Site: Sendable {
    /// Its outstanding blocks are those of all batches.
    package var site: CheckedSite
    package var batches: [Batch]
    package var bytesPerIteration: Double
    package var blocksPerIteration: Double
  }

  package var marks: BatchMarks
  package var batchCount: Int
  /// What grows, the fastest first.
  package var sites: [Site] = []
  /// Sites that kept something of some batch, and are not judged to grow.
  package var settledSiteCount: UInt64 = 0

  package var bytesPerIteration: Double { sites.reduce(0) { $0 + $1.bytesPerIteration } }
  package var blocksPerIteration: Double { sites.reduce(0) { $0 + $1.blocksPerIteration } }
}
