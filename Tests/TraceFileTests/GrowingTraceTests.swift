// SPDX-License-Identifier: Apache-2.0

import Glibc
import MemtraceTestSupport
import Testing
import TraceFile

@Suite struct GrowingTraceTests {
  /// A view of a heap at one instant: no block begins twice, none ends that did not begin.
  ///
  /// The second process number is of none that could be looked at, as in another container.
  @Test(arguments: [getpid(), .max])
  func aTraceIsConsistentHoweverItGrowsMeanwhile(pid: Int32) throws {
    let writer = try LiveWriter(threadCount: 3, pid: pid)
    defer { writer.stop() }
    var grown = 0
    var eventCount: UInt64 = 0
    for _ in 0..<60 {
      let file = try writer.temporary.open()
      #expect(file.damage.isEmpty)
      #expect(file.isStillRunning || pid == .max)
      var live: Set<Address> = []
      var wrong = 0
      var last = Ticks(0)
      let statistics = try file.forEachEvent { event in
        let isRight =
          event.kind == .allocated
          ? live.insert(event.address).inserted : live.remove(event.address) != nil
        if !isRight || event.ticks < last { wrong += 1 }
        last = event.ticks
      }
      #expect(wrong == 0)
      #expect(statistics.damage.isEmpty)
      if statistics.eventCount > eventCount { grown += 1 }
      eventCount = statistics.eventCount
    }
    #expect(grown > 10)
  }

  @Test func nothingIsMissingOnceTheWriterHasStopped() throws {
    let writer = try LiveWriter(threadCount: 3, pid: getpid())
    usleep(100_000)
    writer.stop()
    let file = try writer.temporary.open()
    #expect(!file.isStillRunning)
    #expect(file.damage.isEmpty)
    var expected: UInt64 = 1
    var gaps = 0
    let statistics = try file.forEachEvent { event in
      if event.ticks.rawValue != expected { gaps += 1 }
      expected = event.ticks.rawValue + 1
    }
    #expect(gaps == 0)
    #expect(statistics.eventCount > 100)
    #expect(statistics.damage.isEmpty)
  }
}
