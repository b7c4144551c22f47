// SPDX-License-Identifier: Apache-2.0
//
// The page as it is put together of its modules.

import MemtraceTestSupport
import Testing

@testable import ReportPage

@Suite struct PageModuleTests {
  @Test func theModulesDoWhatTheyPromise() throws {
    try NodeTest.expectPasses("Scripts/page.test.mjs")
  }

  /// The modules become one script, in which a name can be declared once: as a module node parses
  /// it strictly.
  @Test func theModulesAreOneScriptTogether() throws {
    let folder = try ScratchFolder()
    let file = try folder.file("page.mjs", ReportPage.script)
    let result = try Program.run("node", ["--check", file])
    #expect(result.status == 0, "\(result.errors)")
    #expect(!ReportPage.script.contains("\nimport ") && !ReportPage.script.contains("\nexport "))
  }

  /// A script that held it would end there.
  @Test func noSourceEndsItsOwnElement() {
    #expect(!ReportPage.script.lowercased().contains("</script"))
    #expect(!ReportPage.script.contains("<!--"))
    #expect(!ReportPage.style.lowercased().contains("</style"))
  }

  @Test func nothingIsEverMadeOfMarkup() {
    for sink in [
      "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function",
      ".href", "localStorage", "fetch(", "XMLHttpRequest", "import(", "setTimeout",
    ] {
      #expect(!ReportPage.script.contains(sink), "\(sink)")
    }
  }

  @Test func theTemplateHasAPlaceForEverything() {
    let pieces = ReportPage.template
    for piece in [
      ReportPage.Piece.policy, .title, .style, .verdict, .data, .script,
    ] {
      #expect(pieces.contains(piece), "\(piece)")
    }
    #expect(
      ReportPage.pieces(of: "a{{title}}b{{x}}c") == [.text("a"), .title, .text("b"), .text("c")])
  }

  @Test func aModuleIsJoinedWithoutItsImports() {
    let module = "import { a } from './a.mjs';\nexport function b() {}\nconst c = 'export ';\n"
    #expect(ReportPage.joined(module) == "function b() {}\nconst c = 'export ';\n")
  }
}
