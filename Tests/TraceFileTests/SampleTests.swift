// SPDX-License-Identifier: Apache-2.0

import CTraceFormat
import MemtraceTestSupport
import Testing
import TraceFile

@Suite struct SampleTests {
  @Test func onlyFieldsThatWereTakenHaveAValue() throws {
    let trace = TraceBuilder()
    trace.sample(at: 20, [.rssBytes: 4096, .arenaTopBytes: 3])
    trace.sample(at: 10, [.pssBytes: 0])
    let samples = try TemporaryTrace(trace).open().samples
    #expect(samples.map(\.ticks) == [Ticks(10), Ticks(20)])
    #expect(samples[0][.pssBytes] == 0)
    #expect(samples[0][.rssBytes] == nil)
    #expect(samples[1][.rssBytes] == 4096)
    #expect(samples[1][.arenaTopBytes] == 3)
    #expect(samples[1] == Sample(ticks: Ticks(20), [.rssBytes: 4096, .arenaTopBytes: 3]))
  }

  @Test func theFieldsAreThoseOfTheFormat() {
    #expect(Sample.Field.allCases.count == Int(MT_SAMPLE_FIELD_COUNT.rawValue))
    #expect(Sample.Field.arenaTopBytes.rawValue == Int(MT_SAMPLE_ARENA_TOP_BYTES.rawValue))
    #expect(
      Sample.Field.samplingNanoseconds.rawValue == Int(MT_SAMPLE_SAMPLING_NANOSECONDS.rawValue))
    #expect(Sample.Field.threadCount.rawValue == Int(MT_SAMPLE_THREADS.rawValue))
    #expect(Sample.Field.machineBytes.rawValue == Int(MT_SAMPLE_MACHINE_BYTES.rawValue))
    #expect(Sample.Field.cgroupBytes.rawValue == Int(MT_SAMPLE_CGROUP_BYTES.rawValue))
    #expect(Sample.Field.systemNanoseconds.rawValue == Int(MT_SAMPLE_SYSTEM_NANOSECONDS.rawValue))
  }

  @Test func aSampleOfAnEarlierVersionLacksTheLaterFields() throws {
    let trace = TraceBuilder()
    var earlier = mt_sample()
    earlier.clock = trace.pair(at: 7)
    earlier.valid = .max
    earlier.fields.0 = 4096
    earlier.fields.15 = 3
    let bytes = withUnsafeBytes(of: earlier) { Array($0) }
    trace.sealedChunk(MT_CHUNK_SAMPLE, Array(bytes[..<160]))
    let file = try TemporaryTrace(trace).open()
    let sample = try #require(file.samples.first)
    #expect(file.damage.isEmpty)
    #expect(sample[.rssBytes] == 4096)
    #expect(sample[.arenaTopBytes] == 3)
    #expect(sample[.anonymousBytes] == nil)
  }

  @Test func aSampleOfALaterVersionHasMoreThanIsReadHere() throws {
    let trace = TraceBuilder()
    var later = mt_sample()
    later.clock = trace.pair(at: 7)
    later.valid = .max
    later.fields.0 = 4096
    let bytes = withUnsafeBytes(of: later) { Array($0) }
    trace.sealedChunk(MT_CHUNK_SAMPLE, bytes + [UInt8](repeating: 0xff, count: 800))
    let file = try TemporaryTrace(trace).open()
    #expect(file.damage.isEmpty)
    #expect(file.samples.map { $0[.rssBytes] } == [4096])
    #expect(file.samples.map { $0[.samplingNanoseconds] } == [0])
  }

  @Test func aSampleWithoutItsInstantIsDamage() throws {
    let trace = TraceBuilder()
    let offset = trace.sealedChunk(MT_CHUNK_SAMPLE, [UInt8](repeating: 0, count: 24))
    let file = try TemporaryTrace(trace).open()
    #expect(file.samples.isEmpty)
    #expect(file.damage == [.malformedChunk(byteOffset: UInt64(offset), kind: 20)])
  }

  @Test func aTraceWithoutAnEndEndsWithItsLatestSampleOrMark() throws {
    let trace = TraceBuilder(pid: 0)
    trace.sample(at: 20)
    #expect(try TemporaryTrace(trace).open().endTicks == Ticks(20))
    trace.mark("m", at: 30)
    #expect(try TemporaryTrace(trace).open().endTicks == Ticks(30))
  }
}
