// SPDX-License-Identifier: Apache-2.0
//
// What node's own library does in native code; prints sums and digests, the same in every run.
'use strict';

const assert = require('assert');
const childProcess = require('child_process');
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const { pipeline } = require('stream/promises');
const vm = require('vm');
const zlib = require('zlib');

const text = Array.from({ length: 20000 }, (_, i) => `line ${i * 7919 % 20011}`).join('\n');
const digest = (data) => crypto.createHash('sha256').update(data).digest('hex').slice(0, 16);

async function ciphers() {
  const key = crypto.scryptSync('password', 'salt', 32, { N: 1024 });
  const cipher = crypto.createCipheriv('aes-256-gcm', key, Buffer.alloc(12));
  console.log('cipher', digest(Buffer.concat([cipher.update(text), cipher.final()])));
  const derived = await Promise.all(Array.from({ length: 16 }, (_, i) => new Promise((done, fail) =>
    crypto.pbkdf2('p', `s${i}`, 2000, 32, 'sha512', (e, k) => e ? fail(e) : done(k)))));
  console.log('pbkdf2', digest(Buffer.concat(derived)));
  const { privateKey, publicKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
  console.log('signed', crypto.verify('sha256', text, publicKey, crypto.sign('sha256', text, privateKey)));
}

async function compression() {
  console.log('gzip', digest(zlib.gunzipSync(zlib.gzipSync(text))));
  console.log('brotli', digest(zlib.brotliDecompressSync(zlib.brotliCompressSync(text))));
  fs.writeFileSync('text', text);
  await Promise.all(Array.from({ length: 20 }, (_, i) => pipeline(
    fs.createReadStream('text'), zlib.createGzip({ level: 1 }), fs.createWriteStream(`text.${i}.gz`))));
  console.log('streams', digest(zlib.gunzipSync(fs.readFileSync('text.19.gz'))));
  for (let i = 0; i < 20; i++) fs.unlinkSync(`text.${i}.gz`);
}

async function children() {
  const outputs = await Promise.all(Array.from({ length: 6 }, (_, i) => new Promise((done) =>
    childProcess.execFile(process.execPath, ['-p', `${i} * 2`], (error, out) => done(out.trim())))));
  console.log('children', outputs.join());
  const child = childProcess.fork(path.join(__dirname, 'library.js'), ['child']);
  console.log('message', await new Promise((done) => child.on('message', done)));
  child.kill('SIGTERM');
  console.log('killed by', await new Promise((done) => child.on('exit', (c, signal) => done(signal))));
  console.log('shell', childProcess.spawnSync('exit 7', { shell: true }).status);
}

function javascript() {
  const bytes = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1,
    0, 7, 7, 1, 3, 97, 100, 100, 0, 0, 10, 9, 1, 7, 0, 32, 0, 32, 1, 106, 11);
  console.log('wasm', new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.add(2, 3));
  for (let i = 0; i < 50; i++) vm.runInNewContext('x = Array.from({ length: 1000 }, (_, i) => i)', {});
  const map = new Map(Array.from({ length: 50000 }, (_, i) => [`k${i}`, { i }]));
  console.log('map', map.size, JSON.stringify([...map].slice(0, 2)));
  console.log('regexp', text.match(/line (\d)\1/g).length);
  const deep = (n) => { try { return deep(n + 1); } catch { return n > 1000; } };
  console.log('deep', deep(0));
  assert.throws(() => Buffer.alloc(2 ** 54));
}

(async () => {
  if (process.argv[2] === 'child') {
    process.send({ from: 'child' });
    setInterval(() => {}, 1000);
    return;
  }
  await ciphers();
  await compression();
  await children();
  javascript();
  process.on('exit', (code) => console.log('exit', code));
  process.exitCode = 6;
})();
