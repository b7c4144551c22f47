// swift-tools-version: 6.0
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

let package = Package(
  name: "memtrace",
  products: [
    .executable(name: "memtrace", targets: ["memtrace"]),
    .library(name: "MemtraceAnalyzer", targets: ["MemtraceAnalyzer"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-atomics", from: "1.3.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
  ],
  targets: [
    // The trace format, as the shim's own C header has it.
    .systemLibrary(name: "CTraceFormat", path: "CShim/include"),
    // elfutils and libiberty: names and lines from ELF and DWARF.
    .systemLibrary(
      name: "CElfutils", path: "Sources/CElfutils",
      pkgConfig: "libdw", providers: [.apt(["libdw-dev", "libelf-dev", "libiberty-dev"])]),

    // zlib: formats that are compressed.
    .systemLibrary(
      name: "CZlib", path: "Sources/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

    // One hint to the processor.
    .systemLibrary(name: "CPrefetch", path: "Sources/CPrefetch"),

    // Bytes to events.
    .target(
      name: "TraceFile",
      dependencies: [
        "CTraceFormat", "CPrefetch",
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    // Addresses to names.
    .target(name: "Symbolication", dependencies: ["CElfutils"]),
    // The messages of pprof's format: generated code, kept apart.
    .target(
      name: "PprofMessages",
      dependencies: [.product(name: "SwiftProtobuf", package: "swift-protobuf")],
      exclude: ["profile.proto"]),
    // The page of the HTML report, as text.
    .target(name: "ReportPage", resources: [.embedInCode("Resources")]),
    // Events to a report.
    .target(
      name: "MemtraceAnalyzer",
      dependencies: [
        "TraceFile", "Symbolication", "ReportPage", "CTraceFormat", "CPrefetch", "CZlib",
        "PprofMessages",
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    // What kind of program a file is.
    .target(
      name: "ProgramFile",
      dependencies: [.product(name: "SystemPackage", package: "swift-system")]),
    // The command.
    .executableTarget(
      name: "memtrace",
      dependencies: [
        "MemtraceAnalyzer", "ProgramFile", "TraceFile", "CTraceFormat",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Atomics", package: "swift-atomics"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]),

    // Traces made in memory, a symbolicator that makes names up, snapshots.
    .target(
      name: "MemtraceTestSupport",
      dependencies: [
        "MemtraceAnalyzer", "TraceFile", "Symbolication", "CTraceFormat",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/MemtraceTestSupport"),
    .testTarget(
      name: "TraceFileTests",
      dependencies: [
        "TraceFile", "MemtraceTestSupport", "CTraceFormat",
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    .testTarget(
      name: "SymbolicationTests", dependencies: ["Symbolication"], exclude: ["Fixtures"]),
    .testTarget(
      name: "MemtraceAnalyzerTests",
      dependencies: ["MemtraceAnalyzer", "MemtraceTestSupport", "CTraceFormat"],
      exclude: ["Snapshots"]),
    // Every format of an export, opened by the tool it is for.
    .testTarget(
      name: "MemtraceExportTests",
      dependencies: [
        "MemtraceAnalyzer", "MemtraceTestSupport", "TraceFile", "Symbolication", "CTraceFormat",
        "PprofMessages", "CZlib", .product(name: "SystemPackage", package: "swift-system"),
      ],
      exclude: ["Browser"]),
    .testTarget(
      name: "MemtraceCommandTests",
      dependencies: [
        "memtrace", "MemtraceTestSupport", "TraceFile", "CTraceFormat",
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    // The page of the HTML report: its modules in node, itself in a browser.
    .testTarget(
      name: "ReportPageTests",
      dependencies: [
        "ReportPage", "MemtraceAnalyzer", "MemtraceTestSupport", "Symbolication", "TraceFile",
      ],
      exclude: ["Browser", "Scripts"]),
    // Real programs under the real shim. Fixtures are programs that the tests compile.
    .testTarget(
      name: "MemtraceEndToEndTests",
      dependencies: [
        "MemtraceAnalyzer", "TraceFile",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      exclude: ["Fixtures"]),
  ],
  cLanguageStandard: .c11
)

// The fuzzers (Tests/Fuzz/run) have libFuzzer's main function, and are built for it alone.
if Context.environment["MEMTRACE_FUZZ"] == "1" {
  package.targets.append(
    .executableTarget(
      name: "fuzz",
      dependencies: [
        "MemtraceAnalyzer", "MemtraceTestSupport", "TraceFile", "Symbolication", "ProgramFile",
        "CTraceFormat", .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/Fuzz/Sources",
      swiftSettings: [.unsafeFlags(["-parse-as-library"])]))
}
