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
    #expect(Sample.Field.cgroupBytes.rawValue == Int(MT_SAMPLE_CGROUP_BYTES.rawValue))
    #expect(Sample.Field.systemNanoseconds.rawValue == Int(MT_SAMPLE_SYSTEM_NANOSECONDS.rawValue))
  }

  @Test func aTraceWithoutAnEndEndsWithItsLatestSampleOrMark() throws {
    let trace = TraceBuilder(pid: 0)
    trace.sample(at: 20)
    #expect(try TemporaryTrace(trace).open().endTicks == Ticks(20))
    trace.mark("m", at: 30)
    #expect(try TemporaryTrace(trace).open().endTicks == Ticks(30))
  }
}
