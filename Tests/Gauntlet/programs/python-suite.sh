# SPDX-License-Identifier: Apache-2.0
# What: python3's own tests: threads, ctypes, subprocesses, signals, ssl, sqlite, asyncio
# Packages: python3 libpython3.11-testsuite
# Needs: /usr/bin/python3 -c 'import test.test_threading'
# Limit: 900
program() {
  # Each by itself, so that it is named what fails. Those that fail natively, too, do not matter.
  local module
  # test_pass_fds_redirected tries every descriptor number with fstat, and so finds ours.
  for module in test_threading test_thread test_ctypes test_subprocess test_multiprocessing_fork \
    test_signal test_ssl test_mmap test_json test_re test_pickle test_sqlite3 test_zlib \
    test_hashlib test_fork1 test_os test_posix test_select test_queue test_exceptions; do
    timeout 600 /usr/bin/python3 -m test -q -i test_pass_fds_redirected "$module" \
      >"$TMPDIR/output" 2>&1
    echo "$module: $? $(grep -E '^(test|Tests) result' "$TMPDIR/output" | head -1)"
  done
}
