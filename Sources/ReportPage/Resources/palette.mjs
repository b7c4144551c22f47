// SPDX-License-Identifier: Apache-2.0
//
// Which color a frame has. The program's own code stands out, JavaScript is told from native code
// by a sign as well, and what the runtime brings stays grey.
import { LIBRARY, OWN } from './model.mjs';
import { baseName } from './format.mjs';

const OWN_COLORS = 4;
const LIBRARY_COLORS = 4;

/** Colors, by class of the style sheet, of images in the order in which they hold most. */
export class Palette {
  #classes = new Map();
  #counts = { own: 0, library: 0 };

  constructor(frames) {
    this.frames = frames;
  }

  /** The class of a frame. */
  className(frame) {
    if (frame < 0) return 'c-fold';
    const { frames } = this;
    if (frame < 3) return 'c-rest';
    const part = frames.part(frame);
    if (frames.isScript(frame)) {
      if (part === OWN) return 'c-js';
      return part === LIBRARY ? 'c-jslib' : 'c-node';
    }
    if (part === OWN) return this.#imageClass(frames.images[frame], 'own', OWN_COLORS);
    if (part === LIBRARY) return this.#imageClass(frames.images[frame], 'library', LIBRARY_COLORS);
    return frames.partNames[part - 2] === 'node' ? 'c-node' : 'c-runtime';
  }

  #imageClass(image, kind, count) {
    const key = `${kind}${image}`;
    if (!this.#classes.has(key)) {
      this.#classes.set(key, `c-${kind}${this.#counts[kind] % count}`);
      this.#counts[kind] += 1;
    }
    return this.#classes.get(key);
  }

  /** What the legend calls the image, or kind of code, of a frame. */
  label(frame) {
    const { frames } = this;
    const part = frames.part(frame);
    if (frames.isScript(frame)) {
      if (part === OWN) return 'your JavaScript';
      return part === LIBRARY ? 'node_modules' : 'node';
    }
    if (part === OWN || part === LIBRARY) {
      return baseName(frames.image(frame)) || 'generated code';
    }
    return frames.partNames[part - 2];
  }
}
