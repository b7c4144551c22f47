# SPDX-License-Identifier: Apache-2.0
# What: initdb, pgbench with four clients, SIGKILL of the server under load, crash recovery, checks
# Packages: postgresql postgresql-contrib
# Needs: ls /usr/lib/postgresql/*/bin/initdb && getent passwd postgres
# Ignore: .*
# Limit: 240
program() {
  # A server does not run as root; where we are root, the user postgres does it all.
  cat >script <<'S'
bin=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
export PGDATA=$1/data PGHOST=$1 PGUSER=postgres PATH=$bin:$PATH
cd "$1"
initdb -A trust -U postgres >/dev/null || exit 1
echo "listen_addresses = ''
unix_socket_directories = '$1'
fsync = off
max_parallel_workers_per_gather = 2" >>data/postgresql.conf
pg_ctl -w -l log start >/dev/null || exit 2
createdb bank && pgbench -q -i -s 2 bank >/dev/null 2>&1
pgbench -n -c 4 -j 2 -t 250 bank 2>/dev/null | grep 'actually processed' | head -1
pgbench -n -c 4 -j 2 -t 100000 bank >/dev/null 2>&1 &
load=$!
until [ "$(psql -Atc 'select count(*) > 1500 from pgbench_history' bank)" = t ]; do sleep 0.05; done
kill -KILL "$(head -1 data/postmaster.pid)"
wait $load
rm -f data/postmaster.pid
pg_ctl -w -l log2 start >/dev/null || exit 3
grep -c 'automatic recovery' log2
psql -At bank <<'Q'
select (select sum(abalance) from pgbench_accounts) = (select coalesce(sum(delta), 0) from pgbench_history);
select (select sum(bbalance) from pgbench_branches) = (select coalesce(sum(delta), 0) from pgbench_history);
create extension amcheck;
select count(bt_index_check(c.oid, true)) > 0 from pg_class c join pg_am a on a.oid = c.relam where a.amname = 'btree' and c.relpersistence = 'p';
select count(*) from generate_series(1, 200000) a join generate_series(1, 200000) b on a = b;
select md5(string_agg(i::text, ',' order by i desc)) from generate_series(1, 50000) i;
select json_agg(x) ->> 2 from (select i, i * i from generate_series(1, 1000) i) x;
Q
pg_ctl -w -m fast stop >/dev/null
echo "stopped: $?"
S
  mkdir cluster
  if [ "$(id -u)" -eq 0 ]; then
    chmod 755 . && chown postgres cluster
    setpriv --reuid=postgres --regid=postgres --init-groups bash script "$PWD/cluster"
  else
    bash script "$PWD/cluster"
  fi
}
