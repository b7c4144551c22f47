// SPDX-License-Identifier: Apache-2.0
//
// The page of the HTML report, as it is written in Resources/, for the renderer that fills it in.
// A module of its own, so that only a change of the page builds it again.

/// What the page is made of.
package enum ReportPage {
  /// A piece of the page, or what is to be put in its place.
  package enum Piece: Equatable, Sendable {
    case text(String)
    case policy
    case title
    case style
    case verdict
    case data
    case script
  }

  /// The modules of the script, each behind those that it imports from.
  private static let modules = [
    PackageResources.format_mjs, PackageResources.columns_mjs, PackageResources.history_mjs,
    PackageResources.model_mjs, PackageResources.forest_mjs, PackageResources.palette_mjs,
    PackageResources.dom_mjs, PackageResources.stack_mjs, PackageResources.graph_mjs,
    PackageResources.table_mjs, PackageResources.curves_mjs, PackageResources.chart_mjs,
    PackageResources.range_mjs, PackageResources.sections_mjs, PackageResources.page_mjs,
  ]

  package static let style = text(PackageResources.report_css)

  /// The modules as one: a page has no second file to import from.
  package static let script = modules.map { joined(text($0)) }.joined(separator: "\n")

  package static let template = pieces(of: text(PackageResources.template_html))

  /// A module without its imports and exports; names are told apart by a test.
  static func joined(_ module: String) -> String {
    module.split(separator: "\n", omittingEmptySubsequences: false)
      .filter { !$0.hasPrefix("import ") }
      .map { $0.hasPrefix("export ") ? $0.dropFirst("export ".count) : $0 }
      .joined(separator: "\n")
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  /// The text and what stands in it as `{{name}}`.
  static func pieces(of template: String) -> [Piece] {
    let names: [Substring: Piece] = [
      "policy": .policy, "title": .title, "style": .style, "verdict": .verdict, "data": .data,
      "script": .script,
    ]
    var pieces: [Piece] = []
    var rest = template[...]
    while let open = rest.firstRange(of: "{{"),
      let close = rest[open.upperBound...].firstRange(of: "}}")
    {
      pieces.append(.text(String(rest[..<open.lowerBound])))
      if let piece = names[rest[open.upperBound..<close.lowerBound]] { pieces.append(piece) }
      rest = rest[close.upperBound...]
    }
    return pieces + [.text(String(rest))]
  }
}
