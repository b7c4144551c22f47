// SPDX-License-Identifier: Apache-2.0
//
// node-sqlite3 as a service uses it: a connection that stays, one that comes and goes, statements,
// errors, blobs.
'use strict';

const assert = require('node:assert');
const { addon } = require('./folder.js');

const sqlite3 = addon('sqlite3/lib/sqlite3.js');

/** The callback API as promises. */
const call = (object, method, ...values) => new Promise((resolve, reject) => {
  object[method](...values, (error, result) => (error ? reject(error) : resolve(result)));
});

const open = () => new Promise((resolve, reject) => {
  const database = new sqlite3.Database(':memory:', (error) =>
    error ? reject(error) : resolve(database));
});

let connection;

async function insert(database, i) {
  const statement = database.prepare('INSERT INTO users (name, score, picture) VALUES (?, ?, ?)');
  await call(statement, 'run', `user ${i} ä ${'x'.repeat(i % 50)}`, i / 3, Buffer.alloc(100 + i % 50));
  await call(statement, 'run', null, null, null);
  await call(statement, 'finalize');
}

async function query(database, i) {
  const rows = await call(database, 'all', 'SELECT * FROM users WHERE score >= $least', { $least: 0 });
  assert.strictEqual(rows.length, 1);
  assert.strictEqual(rows[0].score, i / 3);
  const row = await call(database, 'get', 'SELECT count(*) AS n FROM users');
  assert.strictEqual(row.n, 2);
  await assert.rejects(call(database, 'run', 'SELECT a FROM nowhere'), /no such table/);
}

async function iteration(i) {
  connection ??= await open();
  await call(connection, 'exec',
    'CREATE TABLE IF NOT EXISTS users (name TEXT, score REAL, picture BLOB); DELETE FROM users');
  await insert(connection, i);
  await query(connection, i);
  const other = await open();
  await call(other, 'exec', 'CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)');
  await call(other, 'close');
}

/** Prepares a statement and keeps it: what a program forgets to finalize. */
async function forgetfulIteration() {
  connection ??= await open();
  const statement = connection.prepare('SELECT 1 AS one');
  await call(statement, 'get');
  kept.push(statement);
}
const kept = [];

module.exports = { forgetfulIteration, iteration, iterations: 20 };
