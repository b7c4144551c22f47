// SPDX-License-Identifier: Apache-2.0
//
// Memory over time and what is to be thought of it, as one value without any text.

import TraceFile

/// What a trace says about how memory moved.
package struct Timeline: Sendable {
  package var trace: TraceSummary
  /// The span that was asked for, in nanoseconds since the start of the trace.
  package var interval: ClosedRange<UInt64>
  package var isPartOfTrace: Bool
  /// The part of it that patterns are about: start-up and the frees of an orderly exit left out.
  package var judged: ClosedRange<UInt64>
  package var series: TimelineSeries
  package var malloc: GrowthPattern
  package var mmap: GrowthPattern
  /// nil without samples.
  package var rss: GrowthPattern?
  /// nil where there is no JavaScript heap.
  package var javaScriptHeap: GrowthPattern?
  package var verdict: Verdict
  /// What the resident memory consists of at both ends of `judged`; empty without samples.
  package var parts: [MemoryPart]
  /// Sites that go on growing, the fastest first; as many as were asked for.
  package var growingSites: [GrowingSite]
  package var growingSiteCount: Int
  /// Mappings that go on growing, likewise.
  package var growingMappings: [GrowingSite]
  /// Large and sudden allocations and marks, by time.
  package var events: [TimelineEvent]
  /// Where a spike came from; nil where there is none.
  package var spike: SpikeComposition?
  package var collector: CollectorPressure?
  /// What grew between marks, by the name of the mark that begins the interval.
  package var operations: [OperationGrowth]
  package var death: Death?
  package var warnings: [ReportWarning]
  package var frames: FrameTable
  /// Of so many instants one knows the sites' amounts (`SiteHistory.siteStride`).
  package var siteStride: Int
  /// The pattern of what is mapped and no JavaScript heap.
  var otherMmap = GrowthPattern(.flat)
  var growthOfSites = SiteGrowthSums()
  /// Threads at the start and at the end of what was judged; the end is not below the start.
  var threadCounts: ClosedRange<UInt64>?

  /// How long it is that was judged.
  package var judgedHours: Double {
    Double(judged.upperBound - judged.lowerBound) / 3600e9
  }
}

/// All sites that grow, listed or not, but for those of a JavaScript engine.
struct SiteGrowthSums: Sendable {
  var bytesPerHour = 0.0
  /// Of that, memory of Buffers and the like.
  var externalBytesPerHour = 0.0
  /// Of that, through the program's own code.
  var ownBytesPerHour = 0.0
  var growthBytes: UInt64 = 0
  var siteCount = 0

  mutating func add(_ site: GrowingSite, _ frames: FrameTable) {
    guard !site.isOfEngine else { return }
    bytesPerHour += site.pattern.bytesPerHour
    growthBytes &+= site.growthBytes
    siteCount += 1
    if site.isExternal { externalBytesPerHour += site.pattern.bytesPerHour }
    if frames.frames(of: site.stack).contains(where: FrameRank.isOfProgram) {
      ownBytesPerHour += site.pattern.bytesPerHour
    }
  }
}

/// Values at equal distances in time; those not known are nil.
package struct TimelineSeries: Sendable {
  /// Since the start of the trace.
  package var nanoseconds: [UInt64] = []
  package var mallocBytes: [UInt64] = []
  package var mallocCount: [UInt64] = []
  /// The most in the interval that ends there.
  package var mallocPeakBytes: [UInt64] = []
  package var allocatedBytes: [UInt64] = []
  package var freedBytes: [UInt64] = []
  package var allocationCount: [UInt64] = []
  /// Memory and files mapped beside the heap, a JavaScript engine's heap among them.
  package var mmapBytes: [UInt64] = []
  /// Empty where there is no JavaScript heap.
  package var javaScriptHeapBytes: [UInt64?] = []
  /// Of it, what holds objects, the dead ones since the last collection included; nil where the
  /// engine did not say.
  package var javaScriptUsedBytes: [UInt64?] = []
  /// Of it, what is known to be mapped.
  var mappedHeapBytes: [UInt64] = []
  package var rssBytes: [UInt64?] = []
  package var cgroupBytes: [UInt64?] = []
  package var cgroupLimitBytes: [UInt64?] = []
  /// Free, but kept by the allocator.
  package var allocatorFreeBytes: [UInt64?] = []
}

/// A site that goes on growing.
package struct GrowingSite: Sendable {
  package var pattern: GrowthPattern
  package var endAmount: SiteAmount
  /// Bytes it holds more at the end of what was judged than at its beginning.
  package var growthBytes: UInt64
  package var stack: ReportStack
  /// Whether it is memory of Buffers and the like, which JavaScript objects keep.
  package var isExternal = false
  /// Whether a JavaScript engine allocates it for itself, under no add-on or library: it grows with
  /// the engine's heap.
  package var isOfEngine = false
}

/// Something that happened at one instant.
package struct TimelineEvent: Sendable {
  package enum Kind: Sendable {
    case large(LargeAllocation)
    case mark(MarkSummary)
  }

  package var kind: Kind

  package var nanoseconds: UInt64 {
    switch kind {
    case .large(let large): large.nanoseconds
    case .mark(let mark): mark.nanoseconds
    }
  }
}

/// What a peak consisted of.
package struct SpikeComposition: Sendable {
  package struct Part: Sendable {
    package var amount: SiteAmount
    package var stack: ReportStack
  }

  package var nanoseconds: UInt64
  package var outstandingBytes: UInt64
  /// The largest first.
  package var parts: [Part]
}

/// How hard a garbage collector had to work.
package struct CollectorPressure: Hashable, Sendable {
  package var minorCount = 0
  package var majorCount = 0
  package var otherCount = 0
  package var totalNanoseconds: UInt64 = 0
  package var longestNanoseconds: UInt64 = 0
  /// Over which it was counted.
  package var spanNanoseconds: UInt64 = 0
  /// Of native memory, in the same span.
  package var allocatedBytes: UInt64 = 0
  /// In use behind the first and the last collection of the whole heap, where a log says so.
  package var firstUsedBytes: UInt64?
  package var lastUsedBytes: UInt64?

  /// Of all time, what collections took.
  package var timeShare: Double {
    spanNanoseconds == 0 ? 0 : Double(totalNanoseconds) / Double(spanNanoseconds)
  }
}

/// What one operation, the time from a mark to the next, makes of memory.
package struct OperationGrowth: Sendable {
  /// The mark that begins it, a number at its end left out.
  package var name: String
  package var count = 0
  /// Net growth of live malloc over all of them.
  package var growthBytes: Int64 = 0
  package var growthCount: Int64 = 0
  package var allocatedBytes: UInt64 = 0
  package var nanoseconds: UInt64 = 0
  /// In how many of them live malloc grew.
  package var growingCount = 0
  package var rssGrowthBytes: Int64?
  /// What grew most in them.
  package var topStack: ReportStack?
  package var topGrowthBytes: Int64 = 0
}
