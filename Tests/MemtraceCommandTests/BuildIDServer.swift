// SPDX-License-Identifier: Apache-2.0
//
// As much of a debuginfod server as a client needs: GET /buildid/ID/debuginfo and .../executable.

import Foundation
import Synchronization

/// Serves files by build-id on a port of the loopback interface.
final class BuildIDServer: Sendable {
  /// Whether elfutils' client library is there; elfutils loads it when it is needed.
  static let hasClient = dlopen("libdebuginfod.so.1", RTLD_LAZY) != nil

  private let listener: Int32
  private let files: [String: Data]
  private let state = Mutex<[String]>([])
  let url: String

  /// Paths that were asked for, in order.
  var requests: [String] { state.withLock { $0 } }

  /// Starts to serve contents by their path, such as `/buildid/0a1b/debuginfo`.
  init(_ files: [String: Data]) throws {
    self.files = files
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var byteCount = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutablePointer(to: &address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(listener, address, byteCount) == 0 && listen(listener, 16) == 0
          && getsockname(listener, address, &byteCount) == 0
      }
    }
    guard isListening else { throw CocoaError(.fileNoSuchFile) }
    self.listener = listener
    url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
    Thread.detachNewThread { [self] in
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        answer(connection)
        close(connection)
      }
    }
  }

  /// Ends the thread, which holds this object.
  func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  private func answer(_ connection: Int32) {
    var request: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !request.suffix(4).elementsEqual(Array("\r\n\r\n".utf8)) {
      let count = read(connection, &buffer, buffer.count)
      guard count > 0 else { return }
      request += buffer[..<count]
    }
    let words = String(decoding: request, as: UTF8.self).split(separator: " ")
    guard words.count > 1 else { return }
    let path = String(words[1])
    state.withLock { $0.append(path) }
    let content = files[path]
    let head = """
      HTTP/1.1 \(content == nil ? "404 Not Found" : "200 OK")\r
      Content-Length: \(content?.count ?? 0)\r
      Connection: close\r
      \r

      """
    var rest = (Data(head.utf8) + (content ?? Data()))[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(connection, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
