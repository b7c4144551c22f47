# SPDX-License-Identifier: Apache-2.0
# What: the Swift compiler and its package manager build this package's reader from nothing
# Needs: command -v swift
# Ignore: .*
# Limit: 900
# Explain: errors progress is told by time
program() {
  git -c safe.directory='*' -C "$PROJECT" archive HEAD Package.swift Sources CShim Tests | tar xf - &&
    swift build --product memtrace >log 2>&1
  echo "swift build: $?"
  .build/debug/memtrace --help | head -3
}
