# SPDX-License-Identifier: Apache-2.0
# What: tables, indexes, a vacuum, full-text search and integrity checks
# Packages: sqlite3
# Needs: command -v sqlite3
# Quick: yes
# Limit: 60
program() {
  sqlite3 base.db <<'S'
create table t(id integer primary key, name text, value real);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 60000)
insert into t select i, 'name' || (i * 7919 % 60013), i * 0.5 from n;
create index by_name on t(name);
create virtual table words using fts5(body);
insert into words select name || ' ' || hex(id) from t limit 10000;
select count(*) from words where words match 'name7919';
update t set value = value + 1 where id % 3 = 0;
delete from t where id % 7 = 0;
vacuum;
pragma integrity_check;
select count(*), round(sum(value)) from t;
select name from t order by name desc limit 2;
select group_concat(x) from (select json_extract('{"a":' || id || '}', '$.a') x from t limit 5);
insert into t values (1, 'twice', 0);
S
  sqlite3 base.db .dump | sha256sum
}
