// The views that need nothing but the overview: machines by severity, models, ledger.
import { el, badge, number, ago, bytes, span, facts, table, pointLink, spaced } from './elements.js';

const rank = { alarm: 0, warning: 1, abstain: 2, suppressed: 3, normal: 4 };
export const severity = (a, b) => (rank[a.verdict] ?? 9) - (rank[b.verdict] ?? 9);

/** What a point measures, newest: of a slow value the value, of vibration its severity's velocity. */
export function reading(point) {
  if (point.value) return [number(point.value.value), ' ', el('span', { class: 'unit' }, point.value.unit)];
  if (point.velocity_rms_mm_s === null) return [el('span', { class: 'unit' }, ago(point.last_frame_at))];
  return [number(point.velocity_rms_mm_s), ' ', el('span', { class: 'unit' }, `mm/s${point.iso_zone ? ` ${point.iso_zone}` : ''}`)];
}

function grouped(points) {
  const machines = new Map();
  for (const point of points) machines.set(point.machine, [...(machines.get(point.machine) ?? []), point]);
  const groups = [...machines].map(([name, members]) => ({ name, members: members.sort(severity), verdict: members[0].verdict }));
  return groups.sort((a, b) => severity(a, b) || a.name.localeCompare(b.name, undefined, { numeric: true }));
}

function card({ name, members, verdict }) {
  const rows = members.map((point) => {
    const link = pointLink(point.machine, point.point, el('span', { class: 'name' }, point.point),
      el('span', { class: 'value' }, ...reading(point)), badge(point.verdict, point.reason));
    return el('li', {}, link);
  });
  return el('section', { class: `card is-${verdict}` }, el('h2', {}, name), el('ul', { class: 'points' }, rows));
}

export function machines(overview) {
  const summary = el('span', { class: 'summary' });
  const cards = el('div', { class: 'cards' });
  const filter = el('input', { type: 'search', oninput: () => draw() });
  let points = [];
  const draw = () => {
    const wanted = filter.value.toLowerCase();
    const found = grouped(points.filter((point) => `${point.machine}/${point.point}`.toLowerCase().includes(wanted)));
    // Drawn anew, the page keeps the place of whoever goes through it by keyboard.
    const focus = document.activeElement?.getAttribute('href');
    cards.replaceChildren(...(found.length ? found.map(card) : [el('p', {}, points.length ? 'Nothing of that name.' : 'No point has sent anything yet.')]));
    if (focus) cards.querySelector(`a[href="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
  };
  const update = (news) => {
    points = news.status.points;
    const counts = {};
    for (const point of points) counts[point.verdict] = (counts[point.verdict] ?? 0) + 1;
    const words = Object.entries(counts).sort(([a], [b]) => rank[a] - rank[b]).map(([verdict, count]) => el('span', {}, badge(verdict), ` ${count}`));
    const reasons = news.status.reasons.map((reason) => el('p', { class: 'said warning' }, reason));
    summary.replaceChildren(...words);
    notes.replaceChildren(...reasons);
    draw();
  };
  const notes = el('div');
  const view = el('div', {}, el('h1', {}, 'Machines'), notes,
    el('div', { class: 'summary' }, summary, el('label', {}, 'Filter ', filter)), cards);
  view.update = update;
  update(overview);
  return view;
}

function live(title, make, overview) {
  const view = el('div');
  view.update = (news) => view.replaceChildren(el('h1', {}, title), ...make(news));
  view.update(overview);
  return view;
}

export const models = (overview) => live('Models', ({ status }) => [
  el('p', { class: 'muted' }, 'Each point learns what is normal for it; until then the zones of its evaluation class speak alone.'),
  el('div', { class: 'card' }, table('Models', [
    ['Point', (row) => pointLink(row.machine, row.point)], ['Model', (row) => row.model ?? 'none'], ['Stage', (row) => row.stage ?? '–'],
    ['Baseline', (row) => `${row.baseline.state}${row.baseline.state === 'learning' ? ` ${Math.round(row.baseline.progress * 100)} %` : ''}${row.baseline.stopped_by ? `, stopped by ${row.baseline.stopped_by}` : ''}`],
    ['Probability', (row) => number(row.probability, 2), true], ['', (row) => (row.uncalibrated ? badge('warning', 'uncalibrated') : '')],
  ], status.points)),
], overview);

export const ledger = (overview) => live('Ledger', ({ status }) => {
  const total = {};
  const fates = ['received', 'analysed', 'pending', 'quarantined', 'duplicate', 'dropped', 'missing'];
  for (const { ledger: row } of status.points) for (const fate of fates) total[fate] = (total[fate] ?? 0) + row[fate];
  const why = (row) => Object.entries({ ...row.ledger.quarantined_by, ...row.ledger.dropped_by }).map(([reason, count]) => `${spaced(reason)} ${count}`).join(', ');
  const rows = [{ machine: 'all', point: 'points', ledger: total, isTotal: true }, ...status.points];
  if (status.unassigned.received) rows.push({ machine: 'no', point: 'point', ledger: status.unassigned, isTotal: true });
  return [
    facts([
      ['Broker', status.broker.connected ? 'connected' : `not connected: ${status.broker.reason ?? ''}`],
      ['Plane', status.uplink.connected ? 'connected' : status.uplink.reason ?? 'not connected'],
      ['Store', `${bytes(status.store.bytes)} of ${bytes(status.store.max_bytes)}`], ...(status.uplink.reason === 'none is configured' ? [] : [['Unsent events', String(status.store.unsent_events)]]),
      ['Version', status.version], ['Running for', status.uptime_s === null ? '–' : span(status.uptime_s)],
    ]),
    el('p', { class: 'muted' }, 'Every frame that came has one fate: received = analysed + pending + quarantined + duplicate + dropped. Missing ones were lost before they reached this gateway.'),
    el('div', { class: 'card' }, table('Ledger', [
      ['Point', (row) => (row.isTotal ? el('strong', {}, `${row.machine} ${row.point}`) : pointLink(row.machine, row.point))],
      ...fates.map((fate) => [fate, (row) => String(row.ledger[fate]), true]), ['why', (row) => (row.isTotal && row.machine === 'all' ? '' : why(row))],
    ], rows)),
  ];
}, overview);
