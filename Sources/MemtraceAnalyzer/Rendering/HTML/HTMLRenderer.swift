// SPDX-License-Identifier: Apache-2.0
//
// The report as one page that works wherever a browser is: no network, no second file. Its policy
// names the one script and the one style that may run, by their digests; whatever a name in the
// trace says, nothing else does.

import ReportPage

/// Writes reports as a page.
package struct HTMLRenderer: ReportRenderer {
  /// Most sites that a page lists one by one; what the others hold is summed up.
  package static let defaultSiteLimit = 100_000

  private let options: HTMLOptions

  package init(options: HTMLOptions = HTMLOptions()) {
    self.options = options
  }

  package func render(_ report: LeakReport, to output: ReportOutput) {
    let script = ReportPage.script
    let style = ReportPage.style
    let verdict = TextVerdict(report: report).paragraphs
    for piece in ReportPage.template {
      switch piece {
      case .text(let text): output.write(text)
      case .policy: output.write(Self.policy)
      case .style: output.write(style)
      case .script: output.write(script)
      case .title: output.write(Self.escaped(PageData.title(of: report)))
      case .verdict: output.write(verdict.first.map { Self.escaped($0.text) } ?? "")
      case .data: PageData(report, options).write(to: output)
      }
    }
  }

  /// What the page may do: run and look as its own texts say, nothing else.
  private static let policy: String = {
    func source(_ text: String) -> String {
      "'sha256-\(ColumnBytes.base64(SHA256.digest(Array(text.utf8))))'"
    }
    return """
      default-src 'none'; script-src \(source(ReportPage.script)); \
      style-src \(source(ReportPage.style)); base-uri 'none'; form-action 'none'; \
      require-trusted-types-for 'script'; trusted-types 'none'
      """
  }()

  /// Text between tags.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in PageStrings.fit(text).unicodeScalars {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }
}

/// What a page is made with besides the report.
package struct HTMLOptions: Sendable {
  /// A folder with the program's sources, lines of which the page shows; nil: none.
  package var sourceDirectory: String?

  package init() {}
}
