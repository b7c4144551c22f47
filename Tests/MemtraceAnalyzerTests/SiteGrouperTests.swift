// SPDX-License-Identifier: Apache-2.0
//
// Stacks added up by function, image and JavaScript function.

import Symbolication
import Testing
import TraceFile

@testable import MemtraceAnalyzer

@Suite struct SiteGrouperTests {
  private static let app = "/app/program"
  private static let libc = "/lib/libc.so.6"

  private let frames = FrameTable([
    [
      Frame(
        function: "operator new(unsigned long)", image: "/lib/libstdc++.so.6", imageOffset: 1,
        address: 1)
    ],
    [
      Frame(function: "copy", file: "a.c", line: 3, image: app, address: 2, isInlined: true),
      Frame(function: "make", file: "a.c", line: 8, image: app, address: 2),
    ],
    [Frame(function: "copy", file: "a.c", line: 4, image: app, address: 3)],
    [Frame(function: "main", file: "a.c", line: 20, image: app, address: 4)],
    [Frame(function: "handle", file: "/app.js", line: 5, column: 9, address: 5, kind: .javascript)],
    [Frame(function: "handle", file: "/app.js", line: 7, column: 9, address: 6, kind: .javascript)],
    [Frame(function: "emit", file: "node:events", line: 9, address: 7, kind: .javascript)],
    [Frame(image: "/app/stripped.so", imageOffset: 0x10, address: 8)],
    [Frame(image: "/app/stripped.so", imageOffset: 0x20, address: 9)],
    [Frame(function: "getline", image: libc, address: 10)],
  ])

  private func site(_ addresses: [UInt32], _ byteCount: UInt64) -> Site {
    var book = SiteBook(stack: StackID(UInt32(byteCount)))
    book.began(byteCount, .malloc, at: Ticks(byteCount))
    return Site(
      totals: SiteTotals(book, firstTicks: Ticks(byteCount)), firstNanoseconds: byteCount,
      lastNanoseconds: byteCount + 5,
      stack: ReportStack(addresses: addresses))
  }

  /// What each group is of, and its bytes.
  private func groups(
    _ key: SiteGroupKey, _ sites: [Site], passesOverPlumbing: Bool = true
  ) -> [String] {
    var grouper = SiteGrouper(by: key, frames: frames, passesOverPlumbing: passesOverPlumbing)
    return grouper.groups(of: sites, order: .outstanding).map { group in
      let subject =
        switch group.subject {
        case .function(let frame):
          "\(frame.function ?? "+\(frame.imageOffset ?? 0)"):\(frame.line.map(String.init) ?? "-")"
        case .image(let path): path
        case .none: "none"
        }
      return "\(subject) \(group.totals.outstandingBytes)/\(group.siteCount)"
    }
  }

  @Test func theInnermostFunctionOfTheProgramAnswers() {
    let sites = [
      site([0, 1, 3], 100), site([0, 2, 3], 10), site([9, 3], 1), site([2, 3], 1000),
    ]
    #expect(groups(.function, sites) == ["copy:- 1110/3", "main:20 1/1"])
    #expect(
      groups(.function, sites, passesOverPlumbing: false) == [
        "copy:4 1000/1", "operator new(unsigned long):- 110/2", "getline:- 1/1",
      ])
  }

  @Test func theLineIsKeptWhereAllCallsAreOnIt() {
    #expect(groups(.function, [site([2, 3], 1), site([2], 2)]) == ["copy:4 3/2"])
    #expect(groups(.function, [site([2], 1), site([1], 2)]) == ["copy:- 3/2"])
  }

  @Test func functionsWithoutNamesAreTheirAddresses() {
    #expect(
      groups(.function, [site([7], 1), site([8], 2), site([7, 3], 4)]) == [
        "+16:- 5/2", "+32:- 2/1",
      ])
  }

  @Test func imagesAnswerForNativeCode() {
    let sites = [
      site([0, 1, 3], 1), site([9, 4], 2), site([7, 5], 4), site([5, 9], 8), site([4], 16),
    ]
    #expect(
      groups(.image, sites) == [
        "none 16/1", "/lib/libc.so.6 10/2", "/app/stripped.so 4/1", "/app/program 1/1",
      ])
    #expect(groups(.image, sites, passesOverPlumbing: false).contains("/lib/libstdc++.so.6 1/1"))
  }

  @Test func javaScriptFunctionsOfOneNameAreToldApartByTheirPlace() {
    let sites = [
      site([2, 4, 6], 1), site([2, 6, 4], 2), site([2, 5], 4), site([2, 6], 8), site([2, 3], 16),
      site([], 32),
    ]
    #expect(
      groups(.js, sites) == ["none 48/2", "emit:9 8/1", "handle:7 4/1", "handle:5 3/2"])
    #expect(
      groups(.js, sites, passesOverPlumbing: false) == [
        "none 48/2", "emit:9 10/2", "handle:7 4/1", "handle:5 1/1",
      ])
  }

  @Test(arguments: SiteGroupKey.allCases, [true, false])
  func groupsAddUpToTheTotals(key: SiteGroupKey, passesOverPlumbing: Bool) {
    var random = SystemRandomNumberGenerator()
    let sites = (1...500).map { number in
      site(
        (0..<Int.random(in: 0...6, using: &random)).map { _ in
          .random(in: 0..<10, using: &random)
        }, UInt64(number))
    }
    for order in SiteOrder.allCases {
      var grouper = SiteGrouper(by: key, frames: frames, passesOverPlumbing: passesOverPlumbing)
      let groups = grouper.groups(of: sites, order: order)
      var sum = SiteSums()
      for group in groups {
        sum.add(group.totals)
        sum.siteCount += group.siteCount - 1
        #expect(group.firstNanoseconds <= group.lastNanoseconds)
      }
      #expect(sum == SiteSums(of: sites.map(\.totals)))
      let amounts = groups.map { order.amount(of: $0.totals) }
      #expect(amounts == amounts.sorted(by: >))
    }
  }
}
