// SPDX-License-Identifier: Apache-2.0
//
// The command on a screen of its own, as a person has it.

import Foundation
import Testing

extension BuiltCommand {
  /// What it shows on a terminal of so many columns.
  static func onTerminal(
    columns: UInt16, _ arguments: [String], environment: [String: String], status: Int32 = 0
  ) throws -> String {
    var terminal: Int32 = -1
    var screen: Int32 = -1
    var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    try #require(openpty(&terminal, &screen, nil, nil, &size) == 0)
    defer { close(terminal) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = environment
    process.standardInput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle(fileDescriptor: screen)
    try process.runWithoutBlockedSignals()
    close(screen)
    var shown: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 4096)
    // Ends with EIO when the last one who had the screen is gone.
    while case let count = read(terminal, &block, block.count), count > 0 {
      shown += block[..<count]
    }
    process.waitUntilExit()
    #expect(process.terminationStatus == status)
    return String(decoding: shown, as: UTF8.self).replacingOccurrences(of: "\r\n", with: "\n")
  }
}
