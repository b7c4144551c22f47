// SPDX-License-Identifier: Apache-2.0
//
// Debug information from servers: asked for when the user has set some up, and never otherwise.

import Foundation
import Testing

@Suite(.enabled(if: BuildIDServer.hasClient)) struct DebuginfodTests {
  private func environment(_ program: TracedBinary, url: String) -> [String: String] {
    [
      "DEBUGINFOD_URLS": url, "DEBUGINFOD_CACHE_PATH": program.folder.path + "/downloads",
      "DEBUGINFOD_TIMEOUT": "20",
    ]
  }

  /// Takes the debug information out of the program, and gives it.
  private func separated(_ program: TracedBinary) throws -> Data {
    let debugFile = program.folder.path + "/separate"
    try output("objcopy", ["--only-keep-debug", program.path, debugFile])
    try output("strip", [program.path])
    return try Data(contentsOf: URL(fileURLWithPath: debugFile))
  }

  @Test func debugInformationIsFetchedByBuildID() throws {
    let program = try TracedBinary()
    let path = "/buildid/\(program.hexadecimalBuildID)/debuginfo"
    let server = try BuildIDServer([path: try separated(program)])
    defer { server.stop() }
    #expect(try program.frames()[0]["function"] as? String == nil)
    let frame = try program.frames(environment: environment(program, url: server.url))[0]
    #expect(frame["function"] as? String == "lose_block")
    #expect(frame["line"] as? Int == 2)
    #expect(server.requests == [path])
  }

  @Test func aProgramThatIsGoneIsFetchedByBuildID() throws {
    let program = try TracedBinary()
    let path = "/buildid/\(program.hexadecimalBuildID)/executable"
    let content = try Data(contentsOf: URL(fileURLWithPath: program.path))
    let server = try BuildIDServer([path: content])
    defer { server.stop() }
    try FileManager.default.removeItem(atPath: program.path)
    let frame = try program.frames(environment: environment(program, url: server.url))[0]
    #expect(frame["function"] as? String == "lose_block")
    #expect(frame["line"] as? Int == 2)
    #expect(frame["image"] as? String == program.path)
    #expect(server.requests.first == path)
  }

  @Test func whatAServerGivesOfAnotherBuildIsNotUsed() throws {
    let program = try TracedBinary()
    let other = try TracedBinary(["-DOTHER=1", "-O2"])
    #expect(other.buildID != program.buildID)
    _ = try separated(program)
    let path = "/buildid/\(program.hexadecimalBuildID)/"
    let server = try BuildIDServer([
      path + "debuginfo": try separated(other),
      path + "executable": try Data(contentsOf: URL(fileURLWithPath: other.path)),
    ])
    defer { server.stop() }
    let variables = environment(program, url: server.url)
    #expect(try program.frames(environment: variables)[0]["function"] as? String == nil)
    try FileManager.default.removeItem(atPath: program.path)
    #expect(try program.frames(environment: variables)[0]["function"] as? String == nil)
    #expect(server.requests.contains(path + "debuginfo"))
    #expect(server.requests.contains(path + "executable"))
  }

  @Test func aServerThatHasNothingOrIsNotThereCostsNamesOnly() throws {
    let program = try TracedBinary()
    _ = try separated(program)
    let server = try BuildIDServer([:])
    #expect(
      try program.frames(environment: environment(program, url: server.url))[0]["function"]
        as? String == nil)
    server.stop()
    #expect(!server.requests.isEmpty)
    let gone = try program.frames(environment: environment(program, url: server.url))
    #expect(gone[0]["function"] as? String == nil)
  }

  /// A library in front of libc that leaves a file when a socket of the Internet's is made.
  private static let witness = """
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <fcntl.h>
    #include <stdlib.h>
    #include <sys/socket.h>
    #include <unistd.h>
    int socket(int domain, int type, int protocol) {
      if (domain == AF_INET || domain == AF_INET6)
        close(open(getenv("WITNESS"), O_CREAT | O_WRONLY, 0600));
      int (*real)(int, int, int) = (int (*)(int, int, int))dlsym(RTLD_NEXT, "socket");
      return real(domain, type, protocol);
    }
    """

  @Test(arguments: [nil, ""]) func nothingIsAskedForUnlessTheUserWantsIt(url: String?) throws {
    let program = try TracedBinary()
    let path = "/buildid/\(program.hexadecimalBuildID)/debuginfo"
    let server = try BuildIDServer([path: try separated(program)])
    defer { server.stop() }
    let library = try program.folder.compile(
      Self.witness, as: "witness.so", ["-shared", "-fPIC", "-ldl"])
    let evidence = program.folder.path + "/evidence"
    var variables = environment(program, url: server.url)
    variables["LD_PRELOAD"] = library
    variables["WITNESS"] = evidence
    // The witness sees what it is there to see.
    #expect(try program.frames(environment: variables)[0]["line"] as? Int == 2)
    #expect(FileManager.default.fileExists(atPath: evidence))
    try FileManager.default.removeItem(atPath: evidence)
    try FileManager.default.removeItem(atPath: program.folder.path + "/downloads")
    variables["DEBUGINFOD_URLS"] = url
    let asked = server.requests.count
    #expect(try program.frames(environment: variables)[0]["line"] as? Int == nil)
    // Neither for a program that is gone.
    try FileManager.default.removeItem(atPath: program.path)
    #expect(try program.frames(environment: variables)[0]["line"] as? Int == nil)
    #expect(!FileManager.default.fileExists(atPath: evidence))
    #expect(!FileManager.default.fileExists(atPath: program.folder.path + "/downloads"))
    #expect(server.requests.count == asked)
  }
}
