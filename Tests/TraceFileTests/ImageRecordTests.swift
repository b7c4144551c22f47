// SPDX-License-Identifier: Apache-2.0

import CTraceFormat
import MemtraceTestSupport
import Testing
import TraceFile

@Suite struct ImageRecordTests {
  @Test func anImageIsReadWithAllItsFields() throws {
    let trace = TraceBuilder()
    trace.image(
      "/lib/libc.so.6", start: 0x7000, end: 0x9000, loadBias: 0x6000, buildID: [1, 2, 3],
      epoch: 2, at: 44)
    let images = try TemporaryTrace(trace).open().images
    #expect(
      images == [
        Image(
          start: 0x7000, end: 0x9000, loadBias: 0x6000, path: "/lib/libc.so.6",
          buildID: [1, 2, 3], loadEpoch: 2, loadTicks: Ticks(44))
      ])
  }

  @Test func anImageThatGoesHasAnEndAndTheNextAtItsPlaceHasNone() throws {
    let trace = TraceBuilder()
    trace.image("/a.so", start: 0x1000, end: 0x2000, epoch: 0, at: 1)
    trace.image("/b.so", start: 0x5000, end: 0x6000, epoch: 0, at: 2)
    trace.image("/a.so", start: 0x1000, end: 0x2000, epoch: 1, at: 3, event: MT_IMAGE_UNLOADED)
    trace.image("/c.so", start: 0x1000, end: 0x3000, epoch: 1, at: 4)
    let images = try TemporaryTrace(trace).open().images
    #expect(images.map(\.path) == ["/a.so", "/b.so", "/c.so"])
    #expect(images.map(\.unloadEpoch) == [1, nil, nil])
    #expect(images.map(\.unloadTicks) == [Ticks(3), nil, nil])
    #expect(images[0].contains(0x1800, epoch: 0))
    #expect(!images[0].contains(0x1800, epoch: 1))
    #expect(images[2].contains(0x1800, epoch: 1))
    #expect(!images[2].contains(0x1800, epoch: 0))
    #expect(!images[2].contains(0x3000, epoch: 1))
  }

  @Test func anImageThatOnlyGoesWasThereFromTheStart() throws {
    let trace = TraceBuilder()
    trace.image("/a.so", start: 0x1000, end: 0x2000, epoch: 4, at: 9, event: MT_IMAGE_UNLOADED)
    let images = try TemporaryTrace(trace).open().images
    #expect(images.map(\.loadEpoch) == [0])
    #expect(images.map(\.unloadEpoch) == [4])
  }

  @Test func anImageThatEndsBeforeItBeginsIsDamage() throws {
    let trace = TraceBuilder()
    let offset = trace.image("/a.so", start: 0x2000, end: 0x1000)
    let file = try TemporaryTrace(trace).open()
    #expect(file.images.isEmpty)
    #expect(file.damage == [.malformedChunk(byteOffset: UInt64(offset), kind: 18)])
  }
}
