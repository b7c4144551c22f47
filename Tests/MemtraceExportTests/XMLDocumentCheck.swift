// SPDX-License-Identifier: Apache-2.0
//
// Whether a text is well-formed XML.

import Foundation

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// The verdict of a parser.
struct XMLDocumentCheck {
  let isWellFormed: Bool

  init(_ text: String) throws {
    isWellFormed = XMLParser(data: Data(text.utf8)).parse()
  }
}
