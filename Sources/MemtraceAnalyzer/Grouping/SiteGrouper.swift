// SPDX-License-Identifier: Apache-2.0
//
// Puts sites into groups, each into one.

import Symbolication

/// Groups the sites of a report.
struct SiteGrouper {
  /// What tells groups apart.
  private enum Identity: Hashable {
    case function(FunctionIdentity)
    case image(String)
    case none
  }

  private let key: SiteGroupKey
  private var responsible: ResponsibleFrames

  init(by key: SiteGroupKey, frames: FrameTable, passesOverPlumbing: Bool) {
    self.key = key
    responsible = ResponsibleFrames(frames, passesOverPlumbing: passesOverPlumbing)
  }

  /// The groups of `sites`, in the order of `order`.
  mutating func groups(of sites: some Sequence<Site>, order: SiteOrder) -> [SiteGroup] {
    var groups: [SiteGroup] = []
    var places: [Identity: Int] = [:]
    for site in sites {
      let (identity, subject) = subject(of: site.stack)
      if let place = places[identity] {
        groups[place].add(site, subject)
      } else {
        places[identity] = groups.count
        groups.append(SiteGroup(subject, site))
      }
    }
    return groups.sorted { order.isBefore($0.totals, $1.totals) }
  }

  private mutating func subject(of stack: ReportStack) -> (Identity, SiteGroup.Subject) {
    switch key {
    case .image:
      let frame = responsible.frame(of: stack) { $0.image != nil }
      guard let image = frame?.image else { return (.none, .none) }
      return (.image(image), .image(image))
    case .function, .stack:
      return Self.function(responsible.frame(of: stack) { _ in true })
    case .js:
      return Self.function(responsible.frame(of: stack) { $0.kind == .javascript })
    }
  }

  private static func function(_ frame: Frame?) -> (Identity, SiteGroup.Subject) {
    guard let frame else { return (.none, .none) }
    return (.function(FunctionIdentity(frame)), .function(frame))
  }
}
