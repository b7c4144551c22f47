# SPDX-License-Identifier: Apache-2.0
# What: python3's own tests, those that are quick
# Packages: python3 libpython3.11-testsuite
# Needs: /usr/bin/python3 -c 'import test.test_json, test.test_gc'
# Limit: 120
program() {
  local module
  for module in test_gc test_weakref test_array test_struct test_mmap; do
    /usr/bin/python3 -m test -q "$module" 2>&1 | grep -E '^Tests result|failed|error' | sed "s/^/$module: /"
  done
}
