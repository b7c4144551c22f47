// SPDX-License-Identifier: Apache-2.0
//
// A cluster of three http workers under load from this process; one of them is killed and
// replaced meanwhile. Then an https server. Everything on loopback. Reads key.pem and cert.pem.
'use strict';

const cluster = require('cluster');
const fs = require('fs');
const http = require('http');
const https = require('https');
const zlib = require('zlib');

const requestCount = 3000;

function serve() {
  http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => { body += chunk; });
    request.on('end', () => {
      const answer = JSON.stringify({ url: request.url, body: body.length, list: [...Array(50).keys()] });
      response.setHeader('content-encoding', 'gzip');
      response.end(zlib.gzipSync(answer));
    });
  }).listen(0, '127.0.0.1');
}

function ask(agent, port, number) {
  return new Promise((done) => {
    const options = { agent, port, host: '127.0.0.1', path: `/${number}`, method: 'POST' };
    const request = http.request(options, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => {
        const answer = JSON.parse(zlib.gunzipSync(Buffer.concat(parts)));
        done(answer.url === `/${number}` && answer.body === number % 2000);
      });
      response.on('error', () => done(ask(agent, port, number)));
    });
    request.on('error', () => done(ask(agent, port, number))); // its worker was the one killed
    request.end('x'.repeat(number % 2000));
  });
}

async function load(port) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
  let next = 0, right = 0;
  await Promise.all(Array.from({ length: 16 }, async () => {
    while (next < requestCount) {
      const number = next++;
      if (number === 1000) Object.values(cluster.workers)[0].process.kill('SIGKILL');
      if (await ask(agent, port, number)) right++;
    }
  }));
  agent.destroy();
  return right;
}

async function secure() {
  const options = { key: fs.readFileSync('key.pem'), cert: fs.readFileSync('cert.pem') };
  const server = https.createServer(options, (request, response) => response.end('secret'));
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  const answers = await Promise.all(Array.from({ length: 60 }, () => new Promise((done, fail) =>
    https.get({ port, host: '127.0.0.1', rejectUnauthorized: false, agent: false }, (response) =>
      response.on('data', (data) => done(String(data)))).on('error', fail))));
  console.log('https', answers.filter((answer) => answer === 'secret').length);
  server.close();
}

if (cluster.isWorker) {
  serve();
} else {
  let port, listening = 0, ended = 0, isClosing = false;
  cluster.on('listening', async (worker, address) => {
    port = address.port;
    if (++listening !== 3) return;
    console.log('right', await load(port));
    isClosing = true;
    cluster.disconnect(async () => {
      console.log('killed', ended);
      await secure();
      process.exit(2);
    });
  });
  cluster.on('exit', (worker, code, signal) => {
    if (isClosing || signal !== 'SIGKILL') return;
    ended++;
    cluster.fork();
  });
  for (let i = 0; i < 3; i++) cluster.fork();
}
