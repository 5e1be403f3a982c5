// One point: what it says, how it went, and what its newest samples look like.
import { el, badge, number, ago, local, facts, table, alarmLink } from './elements.js';
import { view, call, mayAct } from './gateway.js';
import { plot } from './plot.js';
import { reading } from './machines.js';

const spans = [['1 day', 1440], ['1 week', 10080], ['30 days', 43200], ['All', 200000]];

/** A part of the view that loads what it shows, and says why where it cannot. */
function part(title, load, isWide) {
  const body = el('div', {}, el('p', { class: 'muted' }, 'Loading…'));
  const section = el('section', { class: `card${isWide ? ' wide' : ''}` }, el('h2', {}, title), body);
  section.load = async () => {
    try { body.replaceChildren(...[await load()].flat()); } catch (problem) { body.replaceChildren(el('p', { class: 'muted' }, problem.message)); }
  };
  section.load();
  return section;
}

function trend(name) {
  let rows = 1440;
  let measure = 'velocity_rms_mm_s';
  let data = null;
  let figure = null;
  const values = () => ({
    x: data.time, y: data[measure], unit: measure === 'velocity_rms_mm_s' ? 'mm/s' : measure === 'rms' ? data.unit : '',
    limits: measure === 'velocity_rms_mm_s' ? data.limits : [], fromZero: measure !== 'rms' || !data.is_scalar,
  });
  const columns = ['time', 'velocity_rms_mm_s', 'rms', 'kurtosis', 'probability', 'verdict'];
  const read = async () => { data = await view('trend', { point: name, newest: rows }); };
  /** Every row of what is looked at, in the place of the one that stood for many. */
  let wait = null;
  const refine = (from, to) => {
    clearTimeout(wait);
    if (from === null || data.rows_per_value === 1) return;
    wait = setTimeout(async () => {
      const fine = await view('trend', { point: name, newest: rows, from, to }).catch(() => null);
      if (!fine?.time.length) return;
      const before = data.time.findIndex((time) => time >= fine.time[0]);
      const behind = data.time.findIndex((time) => time > fine.time.at(-1));
      for (const column of columns) data[column] = [...data[column].slice(0, before), ...fine[column], ...(behind < 0 ? [] : data[column].slice(behind))];
      figure.set(values());
    }, 300);
  };
  const section = part('Trend', async () => {
    await read();
    if (!data.time.length) return el('p', { class: 'muted' }, 'There is no history yet: a row is kept each minute.');
    if (data.velocity_rms_mm_s.every((value) => value === null)) measure = 'rms';
    const choice = el('select', { 'aria-label': 'What to draw', onchange: (event) => { measure = event.target.value; figure.set(values()); } },
      [['velocity_rms_mm_s', 'Velocity RMS'], ['rms', data.is_scalar ? 'Value' : 'RMS of the window'], ['kurtosis', 'Kurtosis'], ['probability', 'Probability']]
        .filter(([key]) => data[key].some((value) => value !== null)).map(([key, words]) => el('option', { value: key, selected: key === measure }, words)));
    const span = el('select', { 'aria-label': 'How far back', onchange: async (event) => { rows = Number(event.target.value); await read(); figure.set({ ...values(), from: null, to: null }); } },
      spans.map(([words, count]) => el('option', { value: count, selected: count === rows }, words)));
    figure = plot({ title: `Trend of ${name}`, isTime: true, xUnit: '', ...values(), onZoom: refine, detail: (index) => data.verdict[index] ?? '', tools: [choice, span] });
    return figure;
  }, true);
  section.update = async () => {
    if (!figure) return section.load();
    if (Date.now() - (data.time.at(-1) ?? 0) < 60000) return null;
    await read();
    return figure.set(values());
  };
  return section;
}

const again = (section) => el('button', { type: 'button', onclick: () => section().load() }, 'Take newest');

function spectrum(title, name, kind) {
  const section = part(title, async () => {
    const data = await view('spectrum', { point: name, kind });
    const all = data.lines;
    const end = (data.amplitude.length - 1) * data.step_hz;
    // Where machines speak: the shaft's lines, and four of the bearing's.
    const wanted = kind === 'envelope' ? Math.max(500, ...all.map((line) => 1.1 * line.at * line.count)) : 1000;
    const figure = plot({
      title: `${title} of ${name}`, unit: `${data.unit} ${data.detection}`, xUnit: 'Hz', fromZero: true, hasHarmonics: true,
      x: data.amplitude.map((_, index) => index * data.step_hz), y: data.amplitude, lines: all, ...(end > 1.5 * wanted ? { from: 0, to: wanted } : {}), tools: [
        ...(all.length ? [el('button', { type: 'button', 'aria-pressed': 'true', onclick: (event) => {
          const isOn = event.target.getAttribute('aria-pressed') !== 'true';
          event.target.setAttribute('aria-pressed', String(isOn));
          figure.set({ lines: isOn ? all : [] });
        } }, kind === 'envelope' ? 'Bearing lines' : 'Shaft lines')] : []), again(() => section)],
    });
    const speed = data.speed_rpm ? `shaft ${number(data.speed_rpm, 4)} /min` : 'shaft speed not known: no lines';
    const found = data.found.map((line) => `${line.name} ${number(line.frequency_hz, 4)} Hz, ${number(line.ratio_to_floor, 2)} × floor`).join('; ');
    return [figure, el('p', { class: 'muted' }, `${local(data.time)}; resolution ${number(data.resolution_hz)} Hz; ${speed}${found ? `. ${found}` : ''}`)];
  });
  return section;
}

function waveform(name) {
  const section = part('Waveform', async () => {
    const data = await view('waveform', { point: name });
    const figure = plot({
      title: `Waveform of ${name}`, unit: data.unit, xUnit: 'ms', x: data.samples.map((_, index) => (1000 * index) / data.sample_rate_hz), y: data.samples, tools: [again(() => section)],
    });
    return [figure, el('p', { class: 'muted' }, `${data.samples.length} samples at ${number(data.sample_rate_hz, 6)} Hz, until ${local(data.time)}`)];
  }, true);
  return section;
}

/** Sends an order, says what came of it. */
export function action(title, fields, send) {
  const said = el('p', { role: 'status' });
  const form = el('form', { class: 'action', onsubmit: async (event) => {
    event.preventDefault();
    const values = Object.fromEntries([...new FormData(form)].map(([key, value]) => [key, value.trim()]).filter(([, value]) => value));
    said.className = '';
    try { said.textContent = await send(values); said.className = 'said normal'; document.dispatchEvent(new Event('thrum-changed')); } catch (problem) { said.textContent = problem.message; said.className = 'said warning'; }
  } }, ...fields, el('button', {}, title));
  return el('div', {}, form, said);
}

export const field = (name, words, more = {}) => el('label', {}, words, el('input', { name, maxlength: 1000, autocomplete: 'off', ...more }));
// Label.faults of the calls.
const faults = ['outer', 'inner', 'ball', 'cage', 'unbalance', 'misalignment', 'looseness', 'gear', 'electrical', 'lubrication', 'coupling', 'belt', 'cavitation', 'sensor', 'other'];
export const labelAction = (subject) => action('Label', [
  el('label', { class: 'short' }, 'It is', el('select', { name: 'label' }, ['good', 'bad', 'unsure'].map((word) => el('option', {}, word)))),
  el('label', { class: 'short' }, 'Fault, where known', el('select', { name: 'fault' }, ['', ...faults].map((word) => el('option', {}, word)))),
  field('note', 'Note'),
], async (values) => { const row = await call('label', { subject, ...values }); return `labelled ${row.label} by ${row.by}`; });

const actions = (name) => el('section', { class: 'card' }, el('h2', {}, 'What you know'), labelAction(name),
  action('Note repair', [field('note', 'What was done', { required: true })], async (values) => { await call('maintenance', { point: name, reset_baseline: false, ...values }); return 'noted'; }),
  action('Out of service', [field('note', 'Why', { required: true })], async (values) => { await call('out-of-service', { point: name, ...values }); return 'its alarms are not shown until it is put back'; }),
  action('Back in service', [], async () => { await call('in-service', { point: name }); return 'it counts again'; }));

export async function point(overview, machine, own) {
  const name = `${machine}/${own}`;
  const top = el('div');
  const said = el('section', { class: 'card' });
  const tell = async () => {
    const { label, maintenance, alarms } = await view('point', { point: name });
    said.replaceChildren(el('h2', {}, 'Alarms and notes'),
      alarms.length ? table('Alarms', [['Alarm', (row) => alarmLink(row.id)], ['State', (row) => badge(row.is_open ? row.priority : 'normal', row.state)], ['Raised', (row) => local(row.raised_at)]], alarms) : el('p', { class: 'muted' }, 'It was in no alarm.'),
      label ? el('p', {}, `labelled ${label.label}${label.fault ? ` (${label.fault})` : ''} by ${label.by}${label.note ? `: ${label.note}` : ''}`) : '',
      ...maintenance.map((row) => el('p', {}, `${local(row.at)}: ${row.note} (${row.by})`)));
  };
  const update = (news) => {
    const found = news.status.points.find((row) => row.machine === machine && row.point === own);
    if (!found) { top.replaceChildren(el('h1', {}, name), el('p', {}, 'There is no such point.')); return null; }
    const aside = found.suppression;
    top.replaceChildren(el('h1', {}, name, ' ', badge(found.verdict, found.reason)),
      aside ? el('p', { class: 'said warning' }, `${aside.reason.replaceAll('_', ' ')} by ${aside.by} ${aside.until ? `until ${local(aside.until)}` : 'until it is put back'}; it would say ${aside.verdict}`) : '',
      facts([['Reading', el('span', {}, ...reading(found))], ['Zone', found.iso_zone ?? '–'], ['Probability of an anomaly', number(found.probability, 2)], ['Machine is', found.operating_state],
        ['Baseline', `${found.baseline.state}${found.baseline.state === 'learning' ? ` ${Math.round(100 * found.baseline.progress)} %` : ''}`], ['Last frame', ago(found.last_frame_at)], ['Frames', `${found.ledger.analysed} of ${found.ledger.received} analysed`]]));
    return found;
  };
  const found = update(overview);
  const view_ = el('div', {}, top);
  if (!found) return view_;
  await tell();
  const history = trend(name);
  const isSlow = Boolean(found.value);
  view_.append(el('div', { class: 'stack' }, history, ...(isSlow ? [] : [spectrum('Velocity spectrum', name, 'velocity'), spectrum('Envelope spectrum', name, 'envelope'), waveform(name)]), said, mayAct() ? actions(name) : ''));
  view_.update = async (news) => { update(news); await Promise.all([tell(), history.update()]); };
  return view_;
}
