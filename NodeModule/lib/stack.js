// SPDX-License-Identifier: Apache-2.0
//
// A stack of the analyzer's JSON in words: what the user wrote, frame by frame, and what lies between
// as a number.
'use strict';

const path = require('path');

const OWN_FOLDER = __dirname + path.sep;
const NAME_LIMIT = 72;
const WIDTH_LIMIT = 40;
const LINE_LIMIT = 20;

// Files that a user of node did not write.
const RUNTIME = /^(node(js)?|lib(node|uv|v8|c|stdc\+\+|gcc_s|pthread)\b.*|ld-linux.*)$/;

const fileOf = (frame) => (frame.file ?? '').replace(/^file:\/\//, '');

const isJavaScript = (frame) => frame.kind === 'javascript';

/** Of this module: below it, the user's function was at work. */
const isOwn = (frame) => isJavaScript(frame) && fileOf(frame).startsWith(OWN_FOLDER);

function isRuntime(frame) {
  if (isJavaScript(frame)) return fileOf(frame).startsWith('node:');
  return frame.image ? RUNTIME.test(path.basename(frame.image)) : true;
}

/** The innermost line of the user's JavaScript; undefined when there is none. */
function javascriptFrame(stack) {
  return stack.find((frame) => isJavaScript(frame) && frame.file && !isRuntime(frame) && !isOwn(frame));
}

function nameOf(frame) {
  const name = frame.function ?? (isJavaScript(frame) ? '(anonymous)' : frame.address ?? '?');
  return name.length > NAME_LIMIT ? `${name.slice(0, NAME_LIMIT - 1)}…` : name;
}

/** The line of the frame, its file as seen from here; else the file it is loaded from. */
function placeOf(frame) {
  if (!frame.file) return frame.image ? path.basename(frame.image) : '';
  const relative = path.relative('', fileOf(frame));
  const file = relative.startsWith('..') || frame.file.startsWith('node:') ? fileOf(frame) : relative;
  return [file, frame.line, frame.column].filter((part) => part != null).join(':');
}

/** The frames of what was measured, innermost first; the one that allocated is always shown. */
function stackLines(stack) {
  const outermost = stack.findIndex(isOwn);
  const frames = outermost < 0 ? stack : stack.slice(0, outermost);
  const shown = frames.filter((frame, index) => index === 0 || !isRuntime(frame));
  const width = Math.min(WIDTH_LIMIT, Math.max(0, ...shown.map((frame) => nameOf(frame).length)));
  const lines = [];
  let hiddenCount = 0;
  const tellHidden = () => {
    if (hiddenCount) lines.push(`… ${hiddenCount} ${hiddenCount === 1 ? 'frame' : 'frames'} of node`);
    hiddenCount = 0;
  };
  for (const frame of frames) {
    if (frame !== frames[0] && isRuntime(frame)) {
      hiddenCount++;
      continue;
    }
    tellHidden();
    lines.push(`${nameOf(frame).padEnd(width)}  ${placeOf(frame)}`.trimEnd());
  }
  tellHidden();
  return lines.length <= LINE_LIMIT
    ? lines : [...lines.slice(0, LINE_LIMIT), `… ${lines.length - LINE_LIMIT} more lines`];
}

module.exports = { javascriptFrame, nameOf, placeOf, stackLines };
