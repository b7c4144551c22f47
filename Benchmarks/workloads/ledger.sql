-- SPDX-License-Identifier: Apache-2.0
--
-- A ledger in memory: 60,000 rows, two indices, joins, groups, JSON and a good many small
-- statements, all in one connection. Usage: sqlite3 :memory: < ledger.sql
CREATE TABLE account(id INTEGER PRIMARY KEY, name TEXT, branch INTEGER);
CREATE TABLE entry(id INTEGER PRIMARY KEY, account INTEGER, amount INTEGER, note TEXT);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
INSERT INTO account SELECT i, printf('account %05d', i * 7919 % 2000), i % 37 FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
INSERT INTO entry
SELECT i, 1 + i * 104729 % 2000, i * 31 % 1000 - 400, json_object('n', i, 'text', hex(i * i)) FROM n;
CREATE INDEX entry_account ON entry(account, amount);
CREATE INDEX account_name ON account(name);
SELECT branch, count(*), sum(amount) FROM entry JOIN account ON account.id = entry.account
GROUP BY branch ORDER BY 3 DESC LIMIT 3;
SELECT sum(json_extract(note, '$.n')), max(json_extract(note, '$.text')) FROM entry;
SELECT length(group_concat(name, ',')) FROM account WHERE name GLOB '*9*';
UPDATE entry SET note = upper(note) WHERE amount > 300;
DELETE FROM entry WHERE account IN (SELECT id FROM account WHERE branch = 5);
SELECT sum((SELECT sum(amount) FROM entry WHERE entry.account = account.id)) FROM account;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000)
SELECT sum(length(printf('%d %s', i, json_array(i, hex(i), replace(hex(i), '1', 'one'))))) FROM n;
SELECT count(DISTINCT substr(note, 1, 12)), total(amount) FROM entry;
