# SPDX-License-Identifier: Apache-2.0
#
# What scripts do: text into objects and back, dictionaries, sorting, regular expressions, classes.
# CPython cuts blocks of up to 512 bytes out of arenas of its own; what reaches malloc is the rest.
# The sum at the end is the same in every run. Usage: python3 objects.py
import json
import re
import sys


class Item:
    def __init__(self, number, name, tags):
        self.number = number
        self.name = name
        self.tags = tags


def make(count):
    return [Item(i, "item %d" % (i * 7919 % count), ["t%d" % (i % 13)] * (i % 40)) for i in range(count)]


def index(items):
    by_tag = {}
    for item in items:
        for tag in item.tags:
            by_tag.setdefault(tag, []).append(item.number)
    return by_tag


def words(text):
    counts = {}
    for word in re.findall(r"[a-z]+ (\d+)", text):
        counts[word] = counts.get(word, 0) + 1
    return counts


def work(round_number):
    items = make(2000 + round_number)
    items.sort(key=lambda item: item.name)
    text = json.dumps([vars(item) for item in items])
    parsed = json.loads(text)
    blob = b"".join(bytes(item["name"], "ascii") * 20 for item in parsed)
    return len(text) + len(index(items)) + len(words(text)) + len(blob) % 1009


rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 40
print(sum(work(number) for number in range(rounds)))
