# SPDX-License-Identifier: Apache-2.0
# What: gcc and g++ at -O2, and with link-time optimization; the objects are compared
# Packages: gcc g++
# Needs: command -v gcc && command -v g++
# Limit: 120
program() {
  cat >a.cpp <<'C'
#include <algorithm>
#include <functional>
#include <iostream>
#include <map>
#include <regex>
#include <string>
#include <unordered_map>
#include <vector>
template <int N> struct factorial { static constexpr long value = N * factorial<N - 1>::value; };
template <> struct factorial<0> { static constexpr long value = 1; };
int main() {
  std::map<std::string, std::vector<int>> words;
  for (int i = 0; i < 1000; i++) words[std::to_string(i % 37)].push_back(i);
  std::regex pattern("([a-z]+)[0-9]{2}");
  std::smatch match;
  std::string text = "abc12";
  std::cout << words.size() << ' ' << std::regex_match(text, match, pattern) << ' '
            << factorial<12>::value << '\n';
}
C
  for i in {1..150}; do
    echo "static int f$i(int x) { return x * $i + (x >> 2); } int g$i(int x) { return f$i(x) ^ $i; }"
  done >b.c
  echo 'int main(void) { return g7(3) & 63; }' >>b.c
  sed -i '1i int g7(int);' b.c
  g++ -O2 -g -std=c++17 -o a a.cpp && ./a
  gcc -O2 -Wall -c -o b.o b.c && gcc -o b b.o && ./b
  echo "b: $?"
  gcc -O2 -flto=2 -o b-lto b.c && ./b-lto
  echo "b-lto: $?"
  gcc -O2 -c nothing.c
  echo 'int x = ;' | gcc -x c -c -o /dev/null -
}
