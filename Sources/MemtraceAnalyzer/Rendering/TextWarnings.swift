// SPDX-License-Identifier: Apache-2.0
//
// The part of a text report that says how far the rest can be relied on.

/// Writes the warnings.
struct TextWarnings {
  let warnings: [ReportWarning]

  func write(on page: TextPage) {
    guard !warnings.isEmpty else { return }
    page.heading("To be known")
    for warning in warnings { write(warning, on: page) }
  }

  /// Those that change what the first lines mean.
  func writeBriefly(on page: TextPage) {
    let grave = warnings.filter(\.isGrave)
    guard !grave.isEmpty else { return }
    page.blank()
    for warning in grave { write(warning, on: page) }
  }

  private func write(_ warning: ReportWarning, on page: TextPage) {
    page.paragraph(
      "! " + PrintableText.escaped(warning.description), indent: 2,
      style: warning.isGrave ? .warning : .plain, hanging: 2)
  }
}
