// swift-tools-version: 6.0
// SPDX-License-Identifier: Apache-2.0
//
// What measures memtrace beside its peers. A package of its own: nobody who builds memtrace builds
// it. It knows the two products by their paths alone.
import PackageDescription

let package = Package(
  name: "memtrace-benchmarks",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0")
  ],
  targets: [
    // Calls that Swift does not see.
    .target(name: "CProcess"),
    .executableTarget(
      name: "bench",
      dependencies: [
        "CProcess", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .testTarget(name: "benchTests", dependencies: ["bench"]),
  ],
  cLanguageStandard: .c11
)
