// Elements from words: text is always text, so that a name from a topic is never taken for markup.
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const symbols = { alarm: '▲', warning: '◆', normal: '✓', abstain: '–', suppressed: '⏸', healthy: '✓', degraded: '◆', stopped: '■' };

/** A verdict or state: by symbol and word, not by colour alone. */
export function badge(word, detail) {
  const text = `${symbols[word] ?? '·'} ${word}${detail ? `: ${spaced(detail)}` : ''}`;
  return el('span', { class: `badge ${Object.hasOwn(symbols, word) ? word : ''}` }, text);
}

export const spaced = (word) => String(word).replaceAll('_', ' ');

export function number(value, digits = 3) {
  if (value === null || value === undefined || Number.isNaN(Number(value))) return '–';
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e5 || size < 1e-3)) return Number(value).toExponential(2);
  if (size >= 10 ** digits - 0.5) return String(Math.round(value));
  return Number(value).toPrecision(digits).replace(/\.?0+$/, (zeros) => (zeros.startsWith('.') ? '' : zeros));
}

export function bytes(count) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = Number(count);
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) { size /= 1000; unit += 1; }
  return `${number(size)} ${units[unit]}`;
}

const day = { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', timeZoneName: 'short' };
/** Local time with its zone; the year where it is another. */
export function local(time) {
  if (!time) return '–';
  const date = new Date(time);
  return date.toLocaleString(undefined, date.getFullYear() === new Date().getFullYear() ? day : { year: 'numeric', ...day });
}

export function span(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return seconds < 172800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86400)} days`;
}

export const ago = (time) => (time ? `${span(Math.max(0, (Date.now() - new Date(time)) / 1000))} ago` : 'never');

export const facts = (pairs) =>
  el('dl', { class: 'facts' }, pairs.filter((pair) => pair).map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))));

/** @param columns [name, row => content, isNumber?] */
export function table(caption, columns, rows) {
  const side = (column) => (column[2] ? { class: 'number' } : {});
  const head = el('tr', {}, columns.map((column) => el('th', { scope: 'col', ...side(column) }, column[0])));
  const body = rows.map((row) => el('tr', {}, columns.map((column) => el('td', side(column), column[1](row) ?? '–'))));
  return el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
    el('table', { 'aria-label': caption }, el('thead', {}, head), el('tbody', {}, body)));
}

export const pointLink = (machine, point, ...words) =>
  el('a', { href: `#/point/${encodeURIComponent(machine)}/${encodeURIComponent(point)}` }, ...(words.length ? words : [`${machine}/${point}`]));
export const alarmLink = (id) => el('a', { class: 'whole', href: `#/alarm/${encodeURIComponent(id)}` }, id);
