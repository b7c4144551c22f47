// SPDX-License-Identifier: Apache-2.0
//
// Which frames tell a reader nothing, on a real stack and on the names that come close.

import Symbolication
import Testing

@testable import MemtraceAnalyzer

@Suite struct PlumbingTableTests {
  private func native(_ function: String?, _ image: String? = "/app/program", file: String? = nil)
    -> Frame
  {
    Frame(function: function, file: file, image: image, address: 1)
  }

  private func script(_ function: String, _ file: String?) -> Frame {
    Frame(function: function, file: file, line: 1, address: 1, kind: .javascript)
  }

  @Test func ofARealNodeStackFiveFramesAreTheProgramsOwn() {
    let own = RealNodeStack.frames.filter { FrameRank($0) == .own }.map(\.function)
    #expect(own == ["lose_block", "lose", "handleUpload", "serve", "(anonymous)"])
    let parts = RealNodeStack.frames.compactMap { FrameRank($0).part }
    #expect(parts.filter { $0 == .node }.count == 23)
    #expect(parts.suffix(3) == [.startUp, .startUp, .startUp])
    #expect(parts.count == 26)
  }

  @Test func aRealNodeStackFoldsToWhatItsAuthorWrote() {
    let lines = DecisiveFrames(RealNodeStack.frames, limit: nil).lines.map { line in
      if case .frame(let frame) = line { frame.function ?? "?" } else { line.words ?? "?" }
    }
    #expect(
      lines == [
        "lose_block", "lose", "5 frames of node", "handleUpload", "serve", "(anonymous)",
        "18 frames of node",
      ])
  }

  @Test func withoutFoldingEveryFrameIsThere() {
    let lines = DecisiveFrames(RealNodeStack.frames, limit: nil, folds: false).lines
    #expect(lines == RealNodeStack.frames.map(StackLine.frame))
  }

  @Test(arguments: [
    ("operator new(unsigned long)", PlumbingPart.allocator),
    ("operator new[](unsigned long, std::nothrow_t const&)", .allocator),
    ("std::allocator<int>::allocate(unsigned long)", .allocator),
    ("alloc::raw_vec::RawVec<T,A>::grow_one", .allocator),
    ("std::vector<int>::push_back(int&&)", .cxxLibrary),
    ("void std::vector<app::Item>::_M_realloc_insert<app::Item>(app::Item&&)", .cxxLibrary),
    ("core::ops::function::FnOnce::call_once", .languageLibrary),
    ("<alloc::vec::Vec<T> as core::clone::Clone>::clone", .languageLibrary),
    ("Napi::ObjectWrap<Session>::ConstructorCallbackWrapper(napi_env__*)", .node),
    ("v8::Local<v8::Value> v8::Local<v8::Value>::New(v8::Isolate*, int)", .node),
    ("uv_run", .node),
    ("__libc_start_main_impl", .startUp),
    ("clone3", .startUp),
  ])
  func plumbingCompiledIntoTheProgramIsKnownByItsName(function: String, part: PlumbingPart) {
    #expect(FrameRank(native(function)) == .plumbing(part))
  }

  @Test(arguments: [
    "std::unique_ptr<app::Item> app::make<app::Item>(int)", "app::operator new_item(int)",
    "std::function<void ()> app::callback()", "main", "node_create(int)", "uvula()", "starts(int)",
    "app::(anonymous namespace)::clone(std::string const&)", "cloned", "my_malloc",
    "app::Vector<std::string>::push(v8::Local<v8::Value>)",
    "app::Item::operator std::string() const",
  ])
  func whatOnlyLooksLikePlumbingIsTheProgramsOwn(function: String) {
    #expect(FrameRank(native(function)) == .own)
  }

  @Test func javaScriptIsJudgedByItsFile() {
    #expect(FrameRank(script("emit", "node:events")) == .plumbing(.node))
    #expect(FrameRank(script("(anonymous)", "[eval]-wrapper")) == .plumbing(.node))
    #expect(FrameRank(script("typed", "[eval]")) == .own)
    #expect(FrameRank(script("clone", "/srv/app.js")) == .own)
    #expect(FrameRank(script("uv_run", "/srv/app.js")) == .own)
    #expect(FrameRank(script("evaled", "<anonymous>")) == .own)
    #expect(FrameRank(script("handle", "/srv/node_modules/express/index.js")) == .library)
    #expect(FrameRank(script("wasm-function[0]", nil)) == .own)
    #expect(FrameRank(script("RegExp:a(b|c)", nil)) == .plumbing(.node))
    #expect(FrameRank.isOfProgram(script("handle", "/srv/node_modules/express/index.js")))
    #expect(!FrameRank.isOfProgram(script("emit", "node:events")))
  }

  @Test func imagesWithoutNamesAreKnownByTheirFiles() {
    let system = "/usr/lib/x86_64-linux-gnu"
    #expect(FrameRank(native(nil, "\(system)/libstdc++.so.6")) == .plumbing(.cxxRuntime))
    #expect(FrameRank(native(nil, "\(system)/libc.so.6")) == .plumbing(.libc))
    #expect(FrameRank(native(nil, "/usr/local/bin/node")) == .plumbing(.node))
    #expect(FrameRank(native(nil, "/opt/x/libnode.so.115")) == .plumbing(.node))
    #expect(FrameRank(native("SSL_new", "\(system)/libssl.so.3")) == .library)
    #expect(FrameRank(native(nil, "\(system)/nodejs/addon.node")) == .own)
    #expect(FrameRank(native(nil, "/app/libcache.so")) == .own)
    #expect(FrameRank(native(nil, nil)) == .plumbing(.unknown))
    #expect(!FrameRank.isOfProgram(native("SSL_new", "\(system)/libssl.so.3")))
  }

  @Test func otherMakersOfCodeAreJudgedByWhatTheySay() {
    #expect(FrameRank(native("handle", nil, file: "/srv/app.py")) == .own)
    #expect(
      FrameRank(native("_find", nil, file: "<frozen importlib._bootstrap>")) == .plumbing(.python))
    #expect(FrameRank(native("Ljava/lang/Thread;::run", nil)) == .plumbing(.java))
    #expect(FrameRank(native("StubRoutines (1)", nil)) == .plumbing(.java))
    #expect(FrameRank(native("Lcom/example/Server;::handle", nil)) == .own)
    #expect(
      FrameRank(native("void java.nio.DirectByteBuffer.<init>(int)", nil)) == .plumbing(.java))
    #expect(FrameRank(native("void com.example.Server.handle(java.lang.String)", nil)) == .own)
    #expect(FrameRank(native("clone", nil)) == .own)
    #expect(
      FrameRank(native("std::sync::Once::call", file: "/rustc/9fc6b4/library/std/src/sync/once.rs"))
        == .plumbing(.languageLibrary))
  }

  @Test func everyRuleGivesItsReason() {
    for rule in PlumbingTable.rules {
      #expect(rule.reason.count > 8)
    }
    let reasons = Set(PlumbingTable.rules.map(\.reason))
    #expect(reasons.count == PlumbingTable.rules.count)
  }

  @Test func whatTellsMoreComesFirst() {
    let ranks: [FrameRank] = [
      .own, .library, .plumbing(.node), .plumbing(.allocator), .plumbing(.startUp),
    ]
    #expect(ranks.reversed().sorted() == ranks)
    #expect(FrameRank.plumbing(.libc) == .plumbing(.libc))
    #expect(!(FrameRank.plumbing(.libc) < .plumbing(.node)))
  }

  @Test func partsAreNamedInTheOrderTheyStand() {
    #expect(PlumbingPart.words(1, of: [.libc]) == "1 frame of libc")
    #expect(PlumbingPart.words(7, of: [.node, .startUp]) == "7 frames of node and start-up")
    #expect(
      PlumbingPart.words(1200, of: [.allocator, .cxxLibrary, .node])
        == "1,200 frames of the allocator, the C++ library and others")
  }
}
