// SPDX-License-Identifier: Apache-2.0
//
// Memory over time, for a report that is looked at with a range brushed on it: what was seen from
// outside, and what each site held at each of several instants, by when it was allocated.

/// A trace's memory over the time asked for.
package struct MemoryHistory: Sendable {
  package enum CurveKind: String, Sendable {
    case rss
    case pss
    case cgroup
    case jsHeap
    case jsExternal
  }

  /// One quantity as it was sampled.
  package struct Curve: Sendable {
    package var kind: CurveKind
    /// Ascending by time.
    package var points: [(nanoseconds: UInt64, byteCount: UInt64)]

    package init(kind: CurveKind, points: [(nanoseconds: UInt64, byteCount: UInt64)]) {
      self.kind = kind
      self.points = points
    }
  }

  /// An instant, behind all events up to and with it.
  package struct Instant: Hashable, Sendable {
    package var nanoseconds: UInt64
    /// The mark that is there.
    package var label: String?
    package var outstandingBytes: UInt64 = 0
    package var outstandingCount: UInt64 = 0
    /// The most that was outstanding since the instant before, and when.
    package var peakBytes: UInt64 = 0
    package var peakNanoseconds: UInt64 = 0
    /// Mapped beside the heap.
    package var mappedBytes: UInt64 = 0

    package init(nanoseconds: UInt64, label: String? = nil) {
      self.nanoseconds = nanoseconds
      self.label = label
    }
  }

  /// What one site allocated between two instants.
  package struct Cohort: Sendable {
    /// Which of the report's sites; their count: one that the report does not list.
    package var site: Int
    /// The instant that ends the interval, by place.
    package var instant: Int
    package var allocatedBytes: UInt64 = 0
    package var allocationCount: UInt64 = 0
    package var temporaryCount: UInt64 = 0
    /// What of it was outstanding from which instant on.
    package var changes: [SiteChange] = []

    package init(site: Int, instant: Int) {
      self.site = site
      self.instant = instant
    }
  }

  /// A garbage collection.
  package struct Collection: Hashable, Sendable {
    package var nanoseconds: UInt64
    package var isMajor: Bool

    package init(nanoseconds: UInt64, isMajor: Bool) {
      self.nanoseconds = nanoseconds
      self.isMajor = isMajor
    }
  }

  package var curves: [Curve] = []
  package var collections: [Collection] = []
  package var instants: [Instant] = []
  /// Whether the first instant is where the time asked for begins; else that is the trace's start.
  package var beginsAtFirstInstant = false
  /// By site, then by instant.
  package var cohorts: [Cohort] = []

  package init() {}
}
