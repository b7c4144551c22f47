// SPDX-License-Identifier: Apache-2.0
//
// Reads columns of numbers: LEB128 varints in base64 (ColumnBytes.swift).

/** The bytes of a column. */
export function columnBytes(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}

/** Reads the numbers of a column one by one. */
export class ColumnReader {
  constructor(base64) {
    this.bytes = columnBytes(base64);
    this.place = 0;
  }

  get isAtEnd() {
    return this.place >= this.bytes.length;
  }

  /** The next number; 0 behind the end. Numbers may have more than 32 bits, so no shifts. */
  next() {
    const { bytes } = this;
    let byte = bytes[this.place++];
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let scale = 128;
    while (byte >= 0x80) {
      byte = bytes[this.place++];
      value += (byte & 0x7f) * scale;
      scale *= 128;
    }
    return value || 0;
  }
}

/** `count` numbers of a column. */
export function column(base64, count, Type = Float64Array) {
  const reader = new ColumnReader(base64);
  const numbers = new Type(count);
  for (let index = 0; index < count; index++) numbers[index] = reader.next();
  return numbers;
}
