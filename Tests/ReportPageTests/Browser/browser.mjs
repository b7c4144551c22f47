// SPDX-License-Identifier: Apache-2.0
//
// A headless Chromium, driven through the DevTools protocol over a pipe: no port, no library.
// Waits for what the browser reports, never for time.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A browser with a profile of its own, which goes with it. */
export class Browser {
  #next = 1;
  #waiting = new Map();
  #listeners = new Set();

  static async start() {
    const browser = new Browser();
    browser.profile = mkdtempSync(join(tmpdir(), 'memtrace-browser-'));
    browser.process = spawn('chromium', [
      '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage',
      '--no-first-run', '--disable-extensions', '--disable-background-networking',
      '--disable-component-update', '--hide-scrollbars', '--remote-debugging-pipe',
      '--force-color-profile=srgb', `--user-data-dir=${browser.profile}`, 'about:blank',
    ], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    browser.#read(browser.process.stdio[4]);
    browser.process.on('exit', () => {
      for (const { reject } of browser.#waiting.values()) reject(new Error('the browser ended'));
    });
    await browser.send('Target.setDiscoverTargets', { discover: true });
    return browser;
  }

  #read(stream) {
    let rest = Buffer.alloc(0);
    stream.on('data', (data) => {
      rest = Buffer.concat([rest, data]);
      for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
        this.#receive(JSON.parse(rest.subarray(0, end).toString()));
        rest = rest.subarray(end + 1);
      }
    });
  }

  #receive(message) {
    const waiting = this.#waiting.get(message.id);
    if (waiting) {
      this.#waiting.delete(message.id);
      if (message.error) waiting.reject(new Error(`${waiting.method}: ${message.error.message}`));
      else waiting.resolve(message.result);
      return;
    }
    for (const listener of this.#listeners) listener(message);
  }

  send(method, params = {}, sessionId = undefined) {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, method });
      this.process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  listen(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Opens a page of a file, as it looks in a window of that size. */
  async open(file, { width = 1440, height = 1000, scheme = 'light', scale = 1, bypassesPolicy = false } = {}) {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    const page = new BrowserPage(this, sessionId, targetId);
    await page.open(file, { width, height, scheme, scale, bypassesPolicy });
    return page;
  }

  async close() {
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    await this.send('Browser.close').catch(() => {});
    await ended;
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** One page, and what it complained about. */
export class BrowserPage {
  constructor(browser, sessionId, targetId) {
    this.browser = browser;
    this.sessionId = sessionId;
    this.targetId = targetId;
    /** Errors and warnings of the console, violations of the policy, requests that left. */
    this.complaints = [];
    this.requests = [];
    this.dialogs = [];
  }

  send(method, params) {
    return this.browser.send(method, params, this.sessionId);
  }

  async open(file, { width, height, scheme, scale, bypassesPolicy }) {
    let loaded;
    const isLoaded = new Promise((resolve) => { loaded = resolve; });
    this.stop = this.browser.listen(({ method, params, sessionId }) => {
      if (sessionId !== this.sessionId) return;
      if (method === 'Page.loadEventFired') loaded();
      if (method === 'Runtime.exceptionThrown') {
        this.complaints.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
      }
      if (method === 'Runtime.consoleAPICalled' && ['error', 'warning', 'assert'].includes(params.type)) {
        this.complaints.push(params.args.map((arg) => arg.value ?? arg.description).join(' '));
      }
      if (method === 'Log.entryAdded' && ['error', 'warning'].includes(params.entry.level)) {
        this.complaints.push(params.entry.text);
      }
      if (method === 'Audits.issueAdded') this.complaints.push(JSON.stringify(params.issue));
      if (method === 'Network.requestWillBeSent') this.requests.push(params.request.url);
      if (method === 'Page.javascriptDialogOpening') {
        this.dialogs.push(params.message);
        this.send('Page.handleJavaScriptDialog', { accept: true });
      }
    });
    for (const domain of ['Page', 'Runtime', 'Log', 'Network', 'Audits', 'Accessibility']) {
      await this.send(`${domain}.enable`);
    }
    await this.resize({ width, height, scale });
    await this.setScheme(scheme);
    if (bypassesPolicy) await this.send('Page.setBypassCSP', { enabled: true });
    await this.send('Page.navigate', { url: `file://${file}` });
    await isLoaded;
  }

  resize({ width, height, scale = 1 }) {
    return this.send('Emulation.setDeviceMetricsOverride', {
      width, height, deviceScaleFactor: scale, mobile: false,
    });
  }

  setScheme(scheme) {
    return this.send('Emulation.setEmulatedMedia', {
      features: [{ name: 'prefers-color-scheme', value: scheme }],
    });
  }

  /** The value of an expression, which may be a promise. */
  async value(expression) {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', {
      expression, awaitPromise: true, returnByValue: true,
    });
    if (exceptionDetails) {
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    }
    return result.value;
  }

  /** Two frames later, what was changed has been laid out and drawn. */
  drawn() {
    return this.value('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))');
  }

  /** Presses and releases a key, as a person does. */
  async key(key, { modifiers = 0 } = {}) {
    const codes = {
      Tab: 9, Enter: 13, Escape: 27, ' ': 32, PageUp: 33, PageDown: 34, End: 35, Home: 36,
      ArrowLeft: 37, ArrowUp: 38, ArrowRight: 39, ArrowDown: 40, Backspace: 8,
    };
    const text = key.length === 1 ? key : key === 'Enter' ? '\r' : undefined;
    const event = {
      key, code: key.length === 1 ? undefined : key, windowsVirtualKeyCode: codes[key] ?? key.toUpperCase().charCodeAt(0), modifiers,
    };
    await this.send('Input.dispatchKeyEvent', { type: text ? 'keyDown' : 'rawKeyDown', text, ...event });
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
  }

  async type(text) {
    for (const letter of text) await this.key(letter);
  }

  async mouse(type, x, y, more = {}) {
    await this.send('Input.dispatchMouseEvent', { type, x, y, button: 'left', clickCount: 1, ...more });
  }

  async click(x, y) {
    await this.mouse('mousePressed', x, y, { buttons: 1 });
    await this.mouse('mouseReleased', x, y);
  }

  /** A picture of the window, or of the whole page. */
  async screenshot(path, { isWhole = false } = {}) {
    await this.drawn();
    const { data } = await this.send('Page.captureScreenshot', { captureBeyondViewport: isWhole });
    writeFileSync(path, Buffer.from(data, 'base64'));
  }

  async print(path) {
    const { data } = await this.send('Page.printToPDF', { printBackground: false });
    writeFileSync(path, Buffer.from(data, 'base64'));
  }

  async close() {
    this.stop();
    await this.browser.send('Target.closeTarget', { targetId: this.targetId });
  }
}
