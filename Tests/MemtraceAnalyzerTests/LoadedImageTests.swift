// SPDX-License-Identifier: Apache-2.0
//
// A trace's images on their way to the symbolicator.

import CTraceFormat
import MemtraceTestSupport
import Symbolication
import Testing
import TraceFile

@testable import MemtraceAnalyzer

@Suite struct LoadedImageTests {
  @Test func aRelativePathCountsFromWhereTheProgramBegan() throws {
    let builder = TraceBuilder()
    builder.process(executable: "/srv/app/program", directory: "/srv/app")
    let paths = [
      "/srv/app/program", "./libplugin.so", "plugins/../liba.so", "././libb.so",
      "linux-vdso.so.1", "[vdso]", "",
    ]
    for (index, path) in paths.enumerated() {
      let start = UInt64(index + 1) << 20
      builder.image(path, start: start, end: start + 0x1000)
    }
    builder.end(at: 1)
    let images = LoadedImage.images(of: try TemporaryTrace(builder).open())
    #expect(
      images.map(\.path) == [
        "/srv/app/program", "/srv/app/libplugin.so", "/srv/app/plugins/../liba.so",
        "/srv/app/libb.so", "linux-vdso.so.1", "[vdso]", "",
      ])
  }

  @Test func aRelativePathOfAnUnknownFolderStaysAsItIs() throws {
    let builder = TraceBuilder()
    builder.process(directory: "")
    builder.image("./libplugin.so", start: 0x1000, end: 0x2000)
    builder.end(at: 1)
    let images = LoadedImage.images(of: try TemporaryTrace(builder).open())
    #expect(images.map(\.path) == ["./libplugin.so"])
  }

  @Test func anImageCarriesTheInstantAtWhichItWasSeen() throws {
    let builder = TraceBuilder()
    builder.image("/a", start: 0x1000, end: 0x2000, at: 0)
    builder.image("/b", start: 0x3000, end: 0x4000, at: 5_000_000)
    builder.end(at: 10_000_000)
    let trace = try TemporaryTrace(builder).open()
    let start = trace.clock.startRealtimeNanoseconds
    #expect(start > 0)
    let instants = LoadedImage.images(of: trace).map { ($0.recordedNanoseconds ?? 0) - start }
    #expect(instants == [0, trace.clock.nanoseconds(at: Ticks(5_000_000))])
  }
}
