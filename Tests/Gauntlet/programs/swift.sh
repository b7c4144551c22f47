# SPDX-License-Identifier: Apache-2.0
# What: the Swift compiler and its package manager build two targets of this package from nothing
# Needs: command -v swift
# Ignore: .*
# Limit: 1200
# Explain: errors progress is told by time
program() {
  # The dependencies are taken from the user's own cache, where they are. Objects are compared by
  # their sums, but for SystemPackage's: they hold the sum of a C module, which holds the time, and
  # differ natively from one build to the next. All else that was built is compared by name.
  local cache target
  cache=$(getent passwd "$(id -u)" | cut -d: -f6)/.cache/org.swift.swiftpm
  git -c safe.directory='*' -C "$PROJECT" archive HEAD Package.swift Sources CShim Tests | tar xf -
  for target in Symbolication TraceFile; do
    swift build -j 2 --disable-index-store --cache-path "$cache" --target $target >log 2>&1
    echo "swift build $target: $?"
  done
  cd .build/debug/ || return
  find . -name '*.o' -not -path '*/SystemPackage.build/*' -exec sha256sum {} + | sort -k2
  find . -type f | sort
}
