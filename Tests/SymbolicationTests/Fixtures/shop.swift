// SPDX-License-Identifier: Apache-2.0
//
// Swift code of which the optimizer leaves little in its place.

struct Shelf {
  var prices: [String: [Int]] = [:]

  mutating func add(_ price: Int) {
    prices["\(price)", default: []].append(price)
  }

  var totals: [(String, Int)] {
    prices.mapValues { $0.reduce(0, +) }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}

var shelf = Shelf()
for price in 0..<CommandLine.arguments.count { shelf.add(price) }
print(shelf.totals.map { "\($0)" }.joined())
