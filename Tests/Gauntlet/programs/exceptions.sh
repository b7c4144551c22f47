# SPDX-License-Identifier: Apache-2.0
# What: a million C++ exceptions through eight frames that allocate
# Packages: g++
# Needs: command -v g++
# Ignore: .*
# Limit: 180
program() {
  g++ -O1 -g -fno-builtin -o exceptions \
    "$PROJECT/Tests/MemtraceEndToEndTests/Fixtures/torture/exceptions.cpp" && ./exceptions 1000000
}
