# SPDX-License-Identifier: Apache-2.0
# What: redis-server (its own jemalloc) under redis-benchmark; snapshots by fork; its own checks after
# Packages: redis-server redis-tools
# Needs: command -v redis-server && command -v redis-benchmark
# Ignore: .*
# Limit: 120
program() {
  redis-server --port 0 --unixsocket "$PWD/socket" --daemonize no --save '' --appendonly yes \
    --dir "$PWD" --loglevel warning >log 2>&1 &
  local server=$! cli="redis-cli -s $PWD/socket"
  until $cli ping 2>/dev/null | grep -q PONG; do kill -0 $server || return 1; sleep 0.05; done
  redis-benchmark -s "$PWD/socket" -n 20000 -c 20 -r 1000 -d 100 -q \
    -t set,get,incr,lpush,rpop,sadd,hset,zadd,mset | wc -l >/dev/null
  $cli eval 'for i = 1, 5000 do redis.call("set", "k" .. i, string.rep("x", i % 300)) end return 1' 0
  $cli flushall >/dev/null
  $cli eval 'for i = 1, 5000 do redis.call("hset", "h" .. (i % 50), "f" .. i, i) end return 2' 0
  $cli debug digest 2>/dev/null | head -1
  $cli dbsize
  $cli bgsave >/dev/null
  until $cli info persistence | grep -q 'rdb_bgsave_in_progress:0'; do sleep 0.05; done
  $cli bgrewriteaof >/dev/null
  until $cli info persistence | grep -q 'aof_rewrite_in_progress:0'; do sleep 0.05; done
  $cli info persistence | grep -E 'rdb_last_bgsave_status|aof_last_bgrewrite_status|aof_last_write_status'
  $cli memory doctor >/dev/null
  $cli shutdown
  wait $server
  echo "server: $?"
  redis-check-rdb dump.rdb | grep -c 'RDB looks OK'
  redis-check-aof appendonlydir/*.manifest | grep -c 'is valid'
}
