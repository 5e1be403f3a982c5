// A plot on a canvas: zoom by dragging or buttons, a cursor by pointer or keyboard, limits across, named lines and harmonics upright.
import { el, number } from './elements.js';

const margin = { left: 58, right: 30, top: 14, bottom: 34 };

function ticks(from, to, count) {
  const raw = (to - from) / count;
  if (!(raw > 0) || !Number.isFinite(raw)) return [from];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= raw) ?? raw;
  const marks = [];
  for (let at = Math.ceil(from / step) * step; at <= to + step * 1e-9; at += step) marks.push(Math.abs(at) < step * 1e-9 ? 0 : at);
  return marks;
}

function timeTicks(from, to, count) {
  const steps = [1, 5, 15, 30, 60, 300, 900, 1800, 3600, 10800, 21600, 43200, 86400, 172800, 604800, 2592000].map((seconds) => seconds * 1000);
  const step = steps.find((size) => size >= (to - from) / count) ?? steps.at(-1);
  const shift = new Date(from).getTimezoneOffset() * 60000;
  const marks = [];
  for (let at = Math.ceil((from - shift) / step) * step + shift; at <= to; at += step) marks.push(at);
  return marks;
}

const clock = (at, span) => new Date(at).toLocaleString(undefined, span > 172800000 ? { month: 'short', day: 'numeric' } : { hour: '2-digit', minute: '2-digit', ...(span < 600000 ? { second: '2-digit' } : {}) });

/**
 * @param options title; unit; xUnit; isTime; fromZero; x, y: numbers (y may hold null); limits: [{ name, value }];
 *   lines: [{ name, at, count }] drawn at at, 2 at …; detail: index => words beside the cursor; hasHarmonics; from, to: what is shown first.
 * @returns a figure with `set(changes)`.
 */
export function plot(options) {
  const canvas = el('canvas', { tabindex: 0, role: 'application', 'aria-roledescription': 'plot' });
  const said = el('output', { 'aria-live': 'polite' }, el('span', { class: 'muted' }, 'Drag to zoom, tap for the cursor; with the keyboard: ← → move, + − zoom, 0 all.'));
  const state = { from: null, to: null, ...options, cursor: null, harmonics: false, drag: null };
  const harmonicButton = options.hasHarmonics ? el('button', { type: 'button', 'aria-pressed': 'false', onclick: () => toggle() }, 'Harmonics') : null;
  const tools = el('div', { class: 'tools' },
    el('button', { type: 'button', 'aria-label': `Zoom in: ${options.title}`, onclick: () => zoom(0.5) }, '+'),
    el('button', { type: 'button', 'aria-label': `Zoom out: ${options.title}`, onclick: () => zoom(2) }, '−'),
    el('button', { type: 'button', onclick: () => range(null, null) }, 'All'), harmonicButton, ...(options.tools ?? []));
  const figure = el('figure', { class: 'plot' }, tools, canvas, said);

  const ends = () => [state.x[0] ?? 0, state.x.at(-1) ?? 1];
  const shownRange = () => [state.from ?? ends()[0], state.to ?? ends()[1]];
  const area = () => ({ width: canvas.clientWidth - margin.left - margin.right, height: canvas.clientHeight - margin.top - margin.bottom });
  const toX = (at) => margin.left + ((at - shownRange()[0]) / (shownRange()[1] - shownRange()[0] || 1)) * area().width;
  const fromX = (pixel) => shownRange()[0] + ((pixel - margin.left) / area().width) * (shownRange()[1] - shownRange()[0]);

  /** First index whose x is not below. */
  function index(at) {
    let [low, high] = [0, state.x.length];
    while (low < high) { const middle = (low + high) >> 1; if (state.x[middle] < at) low = middle + 1; else high = middle; }
    return low;
  }
  function nearest(at) {
    const after = Math.min(index(at), state.x.length - 1);
    return after > 0 && at - state.x[after - 1] < state.x[after] - at ? after - 1 : after;
  }
  /** The highest value within a few pixels: a finger does not hit a line. */
  function peak(at) {
    const reach = Math.abs(fromX(8) - fromX(0));
    let best = nearest(at);
    for (let i = index(at - reach); i < state.x.length && state.x[i] <= at + reach; i += 1) if ((state.y[i] ?? -Infinity) > (state.y[best] ?? -Infinity)) best = i;
    return best;
  }

  function range(from, to) {
    const [first, last] = ends();
    const least = (last - first) / Math.max(1, state.x.length - 1) * 4;
    if (from !== null && to - from < least) { const middle = (from + to) / 2; [from, to] = [middle - least / 2, middle + least / 2]; }
    const isAll = from === null || (from <= first && to >= last);
    [state.from, state.to] = isAll ? [null, null] : [Math.max(first, from), Math.min(last, to)];
    draw();
    state.onZoom?.(state.from, state.to);
  }
  function zoom(factor) {
    const [from, to] = shownRange();
    const at = state.cursor === null ? (from + to) / 2 : state.x[state.cursor];
    const centre = at >= from && at <= to ? at : (from + to) / 2;
    range(centre - (to - from) * factor / 2, centre + (to - from) * factor / 2);
  }
  function toggle() {
    state.harmonics = !state.harmonics;
    harmonicButton?.setAttribute('aria-pressed', String(state.harmonics));
    if (state.cursor === null && state.x.length) move(peak((shownRange()[0] + shownRange()[1]) / 2)); else draw();
    say();
  }
  function move(to) {
    state.cursor = Math.max(0, Math.min(state.x.length - 1, to));
    const at = state.x[state.cursor];
    const [from, end] = shownRange();
    if (at < from || at > end) range(at - (end - from) / 2, at + (end - from) / 2); else draw();
    say();
  }
  function say() {
    const at = state.x[state.cursor];
    if (at === undefined) return;
    const where = state.isTime ? new Date(at).toLocaleString() : `${number(at, 5)} ${state.xUnit}`;
    const near = lineNear(at);
    said.textContent = `${where}: ${number(state.y[state.cursor], 4)} ${state.unit}${state.detail ? ` ${state.detail(state.cursor)}` : ''}${near ? ` · near ${near}` : ''}${state.harmonics ? ` · harmonics of ${number(at, 4)} ${state.xUnit}` : ''}`;
  }
  function lineNear(at) {
    const step = state.x.length > 1 ? state.x[1] - state.x[0] : 0;
    for (const line of state.lines ?? []) {
      const order = Math.round(at / line.at);
      if (order >= 1 && order <= line.count && Math.abs(at - order * line.at) <= Math.max(1.5 * step, 0.01 * at)) return order === 1 ? line.name : `${order} × ${line.name}`;
    }
    return null;
  }

  function draw() {
    const { width, height } = area();
    if (width <= 0) return;
    const scale = devicePixelRatio || 1;
    [canvas.width, canvas.height] = [canvas.clientWidth * scale, canvas.clientHeight * scale];
    const pen = canvas.getContext('2d');
    pen.scale(scale, scale);
    const style = getComputedStyle(canvas);
    const colour = (name) => style.getPropertyValue(`--${name}`);
    pen.font = `12px ${style.fontFamily}`;
    const [from, to] = shownRange();
    const [first, last] = [Math.max(0, index(from) - 1), Math.min(state.x.length, index(to) + 2)];
    let [low, high] = [Infinity, -Infinity];
    for (let i = first; i < last; i += 1) { const y = state.y[i]; if (y !== null && y !== undefined) { if (y < low) low = y; if (y > high) high = y; } }
    if (!(high >= low)) [low, high] = [0, 1];
    const near = (state.limits ?? []).filter((limit) => limit.value <= high * 1.6);
    for (const limit of near) high = Math.max(high, limit.value);
    if (state.fromZero) low = Math.min(0, low);
    if (high === low) [low, high] = [low - 0.5, high + 0.5];
    high += (high - low) * 0.06;
    const toY = (value) => margin.top + (1 - (value - low) / (high - low)) * height;

    pen.strokeStyle = colour('line'); pen.fillStyle = colour('muted'); pen.lineWidth = 1;
    pen.textAlign = 'right'; pen.textBaseline = 'middle';
    for (const at of ticks(low, high, 5)) {
      pen.beginPath(); pen.moveTo(margin.left, toY(at)); pen.lineTo(margin.left + width, toY(at)); pen.stroke();
      pen.fillText(number(at), margin.left - 6, toY(at));
    }
    pen.textAlign = 'center'; pen.textBaseline = 'top';
    const marks = state.isTime ? timeTicks(from, to, Math.max(2, width / 90)) : ticks(from, to, Math.max(2, width / 80));
    for (const at of marks) { pen.beginPath(); pen.moveTo(toX(at), margin.top + height); pen.lineTo(toX(at), margin.top + height + 4); pen.stroke(); pen.fillText(state.isTime ? clock(at, to - from) : number(at, 4), toX(at), margin.top + height + 6); }
    pen.textAlign = 'right'; pen.fillText(state.isTime ? '' : state.xUnit, margin.left + width, margin.top + height + 20);
    pen.textAlign = 'left'; pen.textBaseline = 'bottom'; pen.fillText(state.unit, 4, margin.top);

    pen.save(); pen.beginPath(); pen.rect(margin.left, 0, width, margin.top + height); pen.clip();
    for (const limit of near) upright(pen, colour('warning'), () => { pen.moveTo(margin.left, toY(limit.value)); pen.lineTo(margin.left + width, toY(limit.value)); }, limit.name, margin.left + 4, toY(limit.value) - 2);
    const placed = [];
    for (const line of state.lines ?? []) for (let order = 1; order <= line.count && order * line.at <= to; order += 1) {
      const x = toX(order * line.at);
      if (order * line.at < from) continue;
      const name = order === 1 ? line.name : `${order}×`;
      const fits = order === 1 || placed.every((other) => Math.abs(other - x) > pen.measureText(name).width + 4);
      if (fits) placed.push(x);
      upright(pen, colour('mark'), () => { pen.moveTo(x, margin.top); pen.lineTo(x, margin.top + height); }, fits ? name : '', x + 2, margin.top + (order === 1 ? 12 * (1 + state.lines.indexOf(line)) : 12));
    }
    trace(pen, colour('trace'), first, last, toY);
    if (state.cursor !== null && state.x[state.cursor] !== undefined) {
      const at = state.x[state.cursor];
      const count = state.harmonics && at > 0 ? Math.min(40, Math.floor(to / at)) : 1;
      for (let order = 1; order <= count; order += 1) upright(pen, order === 1 ? colour('text') : colour('mark2'), () => { pen.moveTo(toX(at * order), margin.top); pen.lineTo(toX(at * order), margin.top + height); }, order > 1 && order < 11 ? `${order}×` : '', toX(at * order) + 2, margin.top + height - 2);
    }
    if (state.drag) { pen.fillStyle = colour('trace'); pen.globalAlpha = 0.2; pen.fillRect(Math.min(...state.drag), margin.top, Math.abs(state.drag[0] - state.drag[1]), height); }
    pen.restore();
    figure.shownEnd = shownRange()[1];
    canvas.setAttribute('aria-label', `${state.title}: ${state.x.length} values, ${number(low)} to ${number(high)} ${state.unit}. Arrow keys move the cursor, plus and minus zoom, 0 shows all${state.hasHarmonics ? ', H marks harmonics' : ''}.`);
  }
  function upright(pen, colour, path, name, x, y) {
    pen.strokeStyle = colour; pen.fillStyle = colour; pen.setLineDash([4, 3]); pen.beginPath(); path(); pen.stroke(); pen.setLineDash([]);
    if (name) { pen.textAlign = 'left'; pen.textBaseline = 'bottom'; pen.fillText(name, x, y); }
  }
  /** Lowest and highest value of each pixel, so that no peak is lost. */
  function trace(pen, colour, first, last, toY) {
    pen.strokeStyle = colour; pen.lineWidth = 1.3; pen.lineJoin = 'round'; pen.beginPath();
    let isDown = false;
    let pixel = null;
    const end = () => { if (pixel) { pen.lineTo(pixel.x, toY(pixel.low)); pen.lineTo(pixel.x, toY(pixel.high)); pen.lineTo(pixel.x, toY(pixel.last)); } pixel = null; };
    for (let i = first; i < last; i += 1) {
      const y = state.y[i];
      if (y === null || y === undefined) { end(); isDown = false; continue; }
      const x = Math.round(toX(state.x[i]) * 2) / 2;
      if (!isDown) { end(); pen.moveTo(x, toY(y)); isDown = true; }
      if (pixel && pixel.x !== x) end();
      pixel = pixel ? { x, low: Math.min(pixel.low, y), high: Math.max(pixel.high, y), last: y } : { x, low: y, high: y, last: y };
    }
    end(); pen.stroke();
    if (last - first === 1 || state.x.length === 1) { pen.fillStyle = colour; pen.fillRect(toX(state.x[first]) - 2, toY(state.y[first] ?? 0) - 2, 4, 4); }
  }

  const place = (event) => event.clientX - canvas.getBoundingClientRect().left;
  canvas.addEventListener('pointerdown', (event) => { if (event.button === 0) { state.drag = [place(event), place(event)]; canvas.setPointerCapture(event.pointerId); } });
  canvas.addEventListener('pointermove', (event) => { if (state.drag) { state.drag[1] = place(event); draw(); } });
  canvas.addEventListener('pointercancel', () => { state.drag = null; draw(); });
  canvas.addEventListener('pointerup', () => {
    if (!state.drag) return;
    const [a, b] = state.drag;
    state.drag = null;
    if (Math.abs(a - b) > 8) range(fromX(Math.min(a, b)), fromX(Math.max(a, b))); else if (state.x.length) move(state.fromZero ? peak(fromX(a)) : nearest(fromX(a)));
  });
  canvas.addEventListener('dblclick', () => range(null, null));
  canvas.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !state.x.length) return;
    const [from, to] = shownRange();
    const stride = event.shiftKey ? Math.max(1, Math.round((index(to) - index(from)) / 40)) : 1;
    const now = state.cursor ?? nearest((from + to) / 2);
    const keys = { ArrowLeft: () => move(now - stride), ArrowRight: () => move(now + stride), Home: () => move(index(from)), End: () => move(nearest(to)), '+': () => zoom(0.5), '=': () => zoom(0.5), '-': () => zoom(2), 0: () => range(null, null), h: () => state.hasHarmonics && toggle(), H: () => state.hasHarmonics && toggle() };
    if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
  });
  new ResizeObserver(draw).observe(canvas);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  figure.set = (changes) => { Object.assign(state, changes); if (state.cursor !== null && state.cursor >= state.x.length) state.cursor = null; draw(); };
  return figure;
}
