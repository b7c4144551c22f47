// SPDX-License-Identifier: Apache-2.0
//
// A stack as it came out of node v20.20.2, Examples/node-addon: every frame, names as they were.

import Symbolication

/// One real stack from an add-on's malloc to _start.
enum RealNodeStack {
  private static let node = "/usr/bin/node"
  private static let libc = "/lib/x86_64-linux-gnu/libc.so.6"
  private static let addon = "/app/build/addon.node"

  /// Innermost first.
  static let frames: [Frame] = [
    native("lose_block", addon, "/app/addon.c", 13),
    native("lose", addon, "/app/addon.c", 38),
    native(
      """
      v8impl::(anonymous namespace)::FunctionCallbackWrapper::Invoke(\
      v8::FunctionCallbackInfo<v8::Value> const&)
      """, node),
    native("v8::internal::FunctionCallbackArguments::Call(v8::internal::CallHandlerInfo)", node),
    native(
      """
      v8::internal::MaybeHandle<v8::internal::Object> v8::internal::(anonymous namespace)\
      ::HandleApiCallHelper<false>(v8::internal::Isolate*, \
      v8::internal::Handle<v8::internal::HeapObject>, \
      v8::internal::Handle<v8::internal::FunctionTemplateInfo>, \
      v8::internal::Handle<v8::internal::Object>, unsigned long*, int)
      """, node),
    native(
      "v8::internal::Builtin_HandleApiCall(int, unsigned long*, v8::internal::Isolate*)", node),
    native("Builtins_CEntry_Return1_ArgvOnStack_BuiltinExit", node),
    script("handleUpload", "/app/app.js", 12, 22),
    script("serve", "/app/app.js", 24, 15),
    script("(anonymous)", "/app/app.js", 1, 1),
    script("Module._compile", "node:internal/modules/cjs/loader", 1483, 37),
    script("Module._extensions..js", "node:internal/modules/cjs/loader", 1604, 37),
    script("Module.load", "node:internal/modules/cjs/loader", 1257, 33),
    script("Module._load", "node:internal/modules/cjs/loader", 1003, 24),
    script("executeUserEntryPoint", "node:internal/modules/run_main", 155, 31),
    script("(anonymous)", "node:internal/main/run_main_module", 1, 1),
    native("Builtins_JSEntryTrampoline", node),
    native("Builtins_JSEntry", node),
    native(
      """
      v8::internal::(anonymous namespace)::Invoke(v8::internal::Isolate*, \
      v8::internal::(anonymous namespace)::InvokeParams const&)
      """, node),
    native(
      """
      v8::internal::Execution::Call(v8::internal::Isolate*, \
      v8::internal::Handle<v8::internal::Object>, v8::internal::Handle<v8::internal::Object>, \
      int, v8::internal::Handle<v8::internal::Object>*)
      """, node),
    native(
      """
      v8::Function::Call(v8::Local<v8::Context>, v8::Local<v8::Value>, int, \
      v8::Local<v8::Value>*)
      """, node),
    native(
      """
      node::builtins::BuiltinLoader::CompileAndCall(v8::Local<v8::Context>, char const*, \
      node::Realm*)
      """, node),
    native("node::Realm::ExecuteBootstrapper(char const*)", node),
    native("node::StartExecution(node::Environment*, char const*)", node),
    native(
      """
      node::StartExecution(node::Environment*, \
      std::function<v8::MaybeLocal<v8::Value> (node::StartExecutionCallbackInfo const&)>)
      """, node),
    native(
      """
      node::LoadEnvironment(node::Environment*, \
      std::function<v8::MaybeLocal<v8::Value> (node::StartExecutionCallbackInfo const&)>, \
      std::function<void (node::Environment*, v8::Local<v8::Value>, v8::Local<v8::Value>)>)
      """, node),
    native("node::NodeMainInstance::Run()", node),
    native("node::Start(int, char**)", node),
    native("__libc_start_call_main", libc, "./csu/../sysdeps/nptl/libc_start_call_main.h", 58),
    native("__libc_start_main_impl", libc, "./csu/../csu/libc-start.c", 360),
    native("_start", node),
  ]

  private static func native(
    _ function: String, _ image: String, _ file: String? = nil, _ line: Int? = nil
  ) -> Frame {
    Frame(function: function, file: file, line: line, image: image, imageOffset: 1, address: 1)
  }

  private static func script(_ function: String, _ file: String, _ line: Int, _ column: Int)
    -> Frame
  {
    Frame(
      function: function, file: file, line: line, column: column, address: 1, kind: .javascript)
  }
}
