// SPDX-License-Identifier: Apache-2.0
//
// A small program that the standard library makes large: nearly all of it is
// inlined, ten functions deep in places, under names that fill pages.

#include <algorithm>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <regex>
#include <sstream>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

int main(int argc, char **argv)
{
    std::map<std::string, std::vector<std::unique_ptr<int>>> owners;
    std::unordered_map<std::string, std::function<int(int)>> functions;
    for (int i = 0; i < argc; i++) {
        owners[argv[i]].push_back(std::make_unique<int>(i));
        functions[argv[i]] = [i](int number) { return number * i; };
    }
    std::regex expression("a(b|c)*d");
    std::smatch match;
    std::string text = argv[0];
    std::cout << std::regex_search(text, match, expression)
              << functions[text](3);

    std::vector<std::variant<int, std::string>> values;
    for (auto &owner : owners) {
        values.push_back(owner.first);
        values.push_back(static_cast<int>(owner.second.size()));
    }
    std::sort(values.begin(), values.end());
    std::stable_sort(values.begin(), values.end(), [](auto &left, auto &right) {
        return left.index() < right.index();
    });
    std::ostringstream output;
    for (auto &value : values)
        std::visit([&](auto &content) { output << content; }, value);
    std::cout << output.str();
}
