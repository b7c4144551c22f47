// SPDX-License-Identifier: Apache-2.0
//
// Numbers with their units, worded as the text report words them (Quantity.swift).

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** A number such as `1,234,567`. */
export function formatCount(number) {
  return String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A number with its noun: `1 block`, `2,000 blocks`. */
export function formatNoun(number, singular, plural = `${singular}s`) {
  return `${formatCount(number)} ${number === 1 ? singular : plural}`;
}

/** A size such as `12.4 MiB`; one that shrank is below 0. */
export function formatBytes(number) {
  if (number < 0) return `−${formatBytes(-number)}`;
  if (number < 1024) return `${formatCount(number)} B`;
  let value = number;
  let unit = 0;
  // 1023.95 would be written as 1024.0.
  while (value >= 1023.95 && unit + 1 < UNITS.length) {
    value /= 1024;
    unit += 1;
  }
  return `${formatDecimal(value, 1)} ${UNITS[unit]}`;
}

/** A size to the last byte. */
export function formatExactBytes(number) {
  return `${formatCount(number)} B`;
}

/** An instant of so many nanoseconds, in the form that --from takes: `1.204 s`. */
export function formatInstant(nanoseconds) {
  return `${formatDecimal(nanoseconds / 1e9, 3)} s`;
}

/** A span of so many nanoseconds: `820 ms`, `2.43 s`, `3 min 20 s`. */
export function formatDuration(nanoseconds) {
  const milliseconds = nanoseconds / 1e6;
  if (nanoseconds === 0) return '0 s';
  if (milliseconds < 1) return `${formatDecimal(milliseconds, 3)} ms`;
  if (milliseconds < 999.5) return `${formatDecimal(milliseconds, milliseconds < 10 ? 1 : 0)} ms`;
  const seconds = Math.floor(nanoseconds / 1e9);
  if (seconds < 60) return `${formatDecimal(milliseconds / 1000, 2)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${formatCount(Math.floor(seconds / 3600))} h ${Math.floor(seconds / 60) % 60} min`;
}

/** A share such as `84.2 %`; never 100 for less than all, nor 0 for more than nothing. */
export function formatShare(part, whole) {
  if (!(whole > 0)) return '0 %';
  if (part === whole) return '100 %';
  const percent = (part / whole) * 100;
  if (part > 0 && percent < 0.05) return '<0.1 %';
  return `${formatDecimal(part < whole ? Math.min(percent, 99.9) : percent, 1)} %`;
}

function formatDecimal(value, digits) {
  const [whole, rest] = value.toFixed(digits).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return rest === undefined ? grouped : `${grouped}.${rest}`;
}

/** The last component of a path. */
export function baseName(path) {
  return path.slice(path.lastIndexOf('/') + 1);
}
