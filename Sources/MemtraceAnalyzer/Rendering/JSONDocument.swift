// SPDX-License-Identifier: Apache-2.0
//
// How every JSON document of memtrace's begins and ends, and the lists and objects that they are made of.

/// A document of a public schema: `{"schema": ..., ...}`, its members on lines of their own.
enum JSONDocument {
  static func write(
    schema: String, to output: ReportOutput, _ body: (inout JSONWriter) -> Void
  ) {
    var json = JSONWriter(output)
    json.object(multiline: true) { json in
      json.member("schema", schema)
      body(&json)
    }
    output.write("\n")
  }
}

extension JSONWriter {
  /// A member that is an array, each element on a line of its own, as `body` writes it.
  mutating func lines<Elements: Sequence>(
    _ name: String, _ elements: Elements, _ body: (Elements.Element, inout Self) -> Void
  ) {
    key(name)
    array(multiline: true) { json in for element in elements { body(element, &json) } }
  }

  /// A member that is an array of objects, each on a line of its own; `body` writes their members.
  mutating func objects<Elements: Sequence>(
    _ name: String, _ elements: Elements, _ body: (Elements.Element, inout Self) -> Void
  ) {
    lines(name, elements) { element, json in json.object { json in body(element, &json) } }
  }

  /// A member that is an object, with its members on lines of their own if `multiline`.
  mutating func object(
    _ name: String, multiline: Bool = false, _ body: (inout Self) -> Void
  ) {
    key(name)
    object(multiline: multiline, body)
  }

  /// A member that is an object as `body` writes it, or null.
  mutating func optional<Value>(
    _ name: String, _ value: Value?, _ body: (Value, inout Self) -> Void
  ) {
    key(name)
    if let value { body(value, &self) } else { null() }
  }
}
