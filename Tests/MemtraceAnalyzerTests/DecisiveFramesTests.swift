// SPDX-License-Identifier: Apache-2.0
//
// Which frames of a stack are shown.

import Symbolication
import Testing

@testable import MemtraceAnalyzer

@Suite struct DecisiveFramesTests {
  private func frame(_ function: String?, _ image: String? = "/app/program") -> Frame {
    Frame(function: function, image: image, address: 1)
  }

  private func script(_ function: String, _ file: String) -> Frame {
    Frame(function: function, file: file, line: 3, address: 1, kind: .javascript)
  }

  /// Function names, and how many frames are left out between them.
  private func shown(_ frames: [Frame], limit: Int = 4) -> [String] {
    DecisiveFrames(frames, limit: limit).lines.map { line in
      switch line {
      case .frame(let frame): frame.function ?? "?"
      case .folded(let count, _), .omitted(let count): "+\(count)"
      case .repeated(let count, let times): "\(count)x\(times)"
      }
    }
  }

  private let libc = "/lib/x86_64-linux-gnu/libc.so.6"
  private let cxx = "/usr/lib/x86_64-linux-gnu/libstdc++.so.6"
  private let node = "/usr/local/bin/node"

  @Test func aShortStackIsShownWhole() {
    #expect(shown([frame("leak"), frame("main")]) == ["leak", "main"])
  }

  @Test func whatCallsMainIsLeftOutSilently() {
    let frames = [
      frame("leak"), frame("main"), frame("__libc_start_call_main", libc),
      frame("__libc_start_main_impl", libc), frame("_start"),
    ]
    #expect(shown(frames) == ["leak", "main"])
  }

  @Test func theFunctionThatAllocatesIsShownWithItsCallers() {
    let frames = [frame("strdup", libc), frame("make_name"), frame("main")]
    #expect(shown(frames) == ["strdup", "make_name", "main"])
  }

  @Test func theAllocatorBelowIsLeftOutSilently() {
    let frames = [
      frame("operator new(unsigned long)", cxx), frame("std::allocator<int>::allocate(int)"),
      frame("Cache::add(int)"), frame("operator new(unsigned long)", cxx), frame("main"),
    ]
    #expect(shown(frames) == ["Cache::add(int)", "+1", "main"])
    let alone = ["operator new(unsigned long)", "std::allocator<int>::allocate(int)"]
    #expect(shown(Array(frames.prefix(2))) == alone)
  }

  @Test func containersAreLeftOut() {
    let frames = [
      frame("__gnu_cxx::new_allocator<int>::allocate(unsigned long, void const*)"),
      frame("std::vector<int>::_M_realloc_insert<int>(int&&)"),
      frame("std::vector<int>::push_back(int&&)"), frame("Cache::add(int)"), frame("main"),
    ]
    #expect(shown(frames) == ["+2", "Cache::add(int)", "main"])
  }

  @Test func ofADeepStackTheInnermostOwnFramesAreShown() {
    let frames = (0..<50).map { frame("f\($0)") }
    #expect(shown(frames) == ["f0", "f1", "f2", "f3", "+46"])
  }

  @Test func aFunctionThatCallsItselfIsShownOnce() {
    let frames = [frame("leak")] + Array(repeating: frame("walk"), count: 12) + [frame("main")]
    #expect(shown(frames) == ["leak", "walk", "1x11", "main"])
  }

  @Test func whatCallsMainIsNotTakenForTheAllocator() {
    let frames = [frame(nil), frame(nil), frame("__libc_start_call_main", libc)]
    #expect(shown(frames) == ["?", "?"])
  }

  @Test func anAddonAndItsJavaScriptCallersBothShow() {
    let frames = [
      frame("make_buffer", "/app/build/addon.node"), frame("Leak", "/app/build/addon.node"),
      frame("Store", "/app/build/addon.node"), frame("Handle", "/app/build/addon.node"),
      frame("v8impl::(anonymous namespace)::FunctionCallbackWrapper::Invoke", node),
      frame("v8::internal::Builtin_HandleApiCall", node),
      script("handleRequest", "/app/server.js"), script("onRequest", "/app/server.js"),
      script("emit", "node:events"), frame("node::InternalMakeCallback", node),
    ]
    #expect(
      shown(frames) == [
        "make_buffer", "Leak", "+4", "handleRequest", "onRequest", "+2",
      ])
  }

  @Test func nodeAloneShowsWhoAllocates() {
    let frames = [
      frame("node::Environment::Environment()", node), frame("node::Start(int, char**)", node),
      frame("main", node), frame("__libc_start_call_main", libc),
    ]
    #expect(
      shown(frames) == [
        "node::Environment::Environment()", "node::Start(int, char**)", "main",
      ])
  }

  @Test func withoutNamesThereAreStillAddresses() {
    #expect(shown([frame(nil, nil), frame(nil, nil), frame(nil, nil)]) == ["?", "?", "+1"])
    #expect(shown([]) == [])
  }

  @Test func systemLibrariesComeBeforePlumbing() {
    let ssl = "/usr/lib/x86_64-linux-gnu/libssl.so.3"
    let frames = [frame("BIO_new", ssl), frame("uv__work", libc), frame("SSL_new", ssl)]
    #expect(shown(frames, limit: 2) == ["BIO_new", "+1", "SSL_new"])
  }
}
