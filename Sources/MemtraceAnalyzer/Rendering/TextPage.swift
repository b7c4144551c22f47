// SPDX-License-Identifier: Apache-2.0
//
// A page of text: lines that fit the screen, emphasis where it shows.

/// What the parts of a text report are written on.
struct TextPage {
  /// A piece of a line, in one style; its text is fit for a screen.
  struct Piece {
    var text: String
    var style: TextStyle

    init(_ text: String, _ style: TextStyle = .plain) {
      self.text = text
      self.style = style
    }
  }

  /// Where lines of prose are broken when no screen says where.
  private static let proseWidth = 100

  private let output: ReportOutput
  let options: TextOptions

  init(_ output: ReportOutput, _ options: TextOptions) {
    self.output = output
    self.options = options
  }

  /// Columns that a line may take.
  var width: Int { max(20, options.width ?? .max) }

  func bytes(_ number: UInt64) -> String {
    Quantity.bytes(number, exactly: options.showsExactBytes)
  }

  func blank() {
    output.write("\n")
  }

  /// One line; its last pieces are cut where it is too wide.
  func line(_ pieces: Piece...) {
    line(pieces)
  }

  func line(_ pieces: [Piece]) {
    var room = width
    var line = ""
    for piece in pieces where room > 0 {
      let text = cut(shown(piece.text), to: room)
      room -= PrintableText.width(text)
      line += piece.style.apply(to: text, ifColored: options.usesColor)
    }
    output.write(line + "\n")
  }

  /// A line to be copied, which must not be cut: the screen may break it.
  func command(_ text: String, indent: Int) {
    let margin = String(repeating: " ", count: indent)
    output.write(margin + TextStyle.strong.apply(to: shown(text), ifColored: options.usesColor))
    blank()
  }

  /// The text as the screen can show it.
  private func shown(_ text: String) -> String {
    options.isASCII ? PrintableText.ascii(text) : text
  }

  private func cut(_ text: String, to room: Int) -> String {
    PrintableText.cut(text, to: room, ellipsis: options.isASCII ? "~" : "…")
  }

  func heading(_ text: String, _ remark: String = "") {
    blank()
    line(Piece(text, .heading), Piece(remark.isEmpty ? "" : "  " + remark, .faint))
  }

  /// Prose, broken into lines; those after the first are indented by two more.
  func paragraph(_ text: String, indent: Int = 0, style: TextStyle = .plain, hanging: Int = 0) {
    let room = min(options.width.map { max($0, 20) } ?? Self.proseWidth, Self.proseWidth)
    let lines = PrintableText.wrapped(shown(text), to: max(10, room - indent - hanging))
    for (index, line) in lines.enumerated() {
      let margin = String(repeating: " ", count: indent + (index == 0 ? 0 : hanging))
      let text = cut(line, to: room - margin.count)
      output.write(margin + style.apply(to: text, ifColored: options.usesColor) + "\n")
    }
  }
}
