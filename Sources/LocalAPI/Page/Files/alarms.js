// Alarms: what stands, what there was, and one alarm with its reasons and what may be done about it.
import { el, badge, number, local, facts, table, pointLink, alarmLink, spaced } from './elements.js';
import { view, call, mayAct } from './gateway.js';
import { plot } from './plot.js';
import { action, field, labelAction } from './point.js';

/** What stands, each with its reasons as far as three lines hold them. */
const card = (row) => el('section', { class: `card is-${row.priority}` },
  el('h2', {}, alarmLink(row.id), ' ', badge(row.priority, row.state)),
  el('p', { class: 'clamp' }, row.words),
  el('p', { class: 'muted' }, `raised ${local(row.raised_at)}${row.acknowledged_by ? `, answered by ${row.acknowledged_by}` : ''}${row.label ? `, labelled ${row.label}` : ''}`));

const columns = [
  ['Alarm', (row) => alarmLink(row.id)], ['Priority', (row) => badge(row.priority)],
  ['Raised', (row) => el('span', { class: 'whole' }, local(row.raised_at))], ['Cleared', (row) => el('span', { class: 'whole' }, local(row.cleared_at))],
  ['Answered by', (row) => row.acknowledged_by ?? '–'], ['Label', (row) => row.label ?? '–'],
];

export async function alarms() {
  const view_ = el('div');
  view_.update = async () => {
    const { alarms: all } = await view('alarms');
    const open = all.filter((row) => row.is_open);
    const closed = all.filter((row) => !row.is_open);
    const focus = document.activeElement?.getAttribute('href');
    view_.replaceChildren(el('h1', {}, 'Alarms'), open.length ? el('div', { class: 'cards' }, open.map(card)) : el('p', { class: 'said normal' }, 'No alarm stands.'),
      el('section', { class: 'card below' }, el('h2', {}, 'History'), closed.length ? table('Alarms of the past', columns, closed) : el('p', { class: 'muted' }, 'No alarm has come and gone yet.')));
    if (focus) view_.querySelector(`a[href="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
  };
  await view_.update();
  return view_;
}

const hours = [['1 hour', 3600], ['4 hours', 14400], ['8 hours', 28800], ['1 day', 86400], ['1 week', 604800]];

function actions(row) {
  const shelf = el('label', { class: 'short' }, 'For', el('select', { name: 'for_s' }, hours.map(([words, seconds]) => el('option', { value: seconds }, words))));
  const done = (words) => (reply) => `${words}: ${spaced(reply.alarm.state)}`;
  const parts = [
    row.state === 'unacknowledged' || row.state === 'returned_unacknowledged'
      ? action('Acknowledge', [field('note', 'What was found')], (values) => call('acknowledge', { alarm: row.id, ...values }).then(done('acknowledged'))) : '',
    row.is_open && row.state !== 'shelved' && row.state !== 'out_of_service'
      ? action('Shelve', [shelf, field('note', 'Why')], (values) => call('shelve', { alarm: row.id, ...values, for_s: Number(values.for_s) }).then(done('shelved'))) : '',
    row.state === 'shelved' ? action('Unshelve', [], () => call('unshelve', { alarm: row.id }).then(done('back'))) : '',
    labelAction(row.id),
  ];
  return el('section', { class: 'card' }, el('h2', {}, 'What you do about it'), ...parts);
}

export async function alarm(_, id) {
  const view_ = el('div');
  const top = el('div');
  const acts = el('div');
  const data = await view('alarm', { id });
  const why = data.explanation;
  let state = '';
  const draw = (row) => {
    const note = (words) => (words ? el('p', {}, words) : '');
    top.replaceChildren(el('h1', {}, id, ' ', badge(row.priority, row.state)),
      facts([['Raised', local(row.raised_at)], ['Cleared', row.cleared_at ? local(row.cleared_at) : 'it stands'], ['Answered by', row.acknowledged_by ?? 'nobody'],
        row.suppressed_by ? ['Put aside by', `${row.suppressed_by}${row.suppressed_until ? ` until ${local(row.suppressed_until)}` : ''}`] : null,
        ['Points', el('span', {}, ...row.points.flatMap((point) => [pointLink(row.machine, point), ' ']))]]),
      note(row.note && `note: ${row.note}`),
      note(row.label && `labelled ${row.label.label}${row.label.fault ? ` (${row.label.fault})` : ''} by ${row.label.by}${row.label.note ? `: ${row.label.note}` : ''}`));
    // A form that somebody writes in is not taken from under his hands.
    if (state !== row.state) acts.replaceChildren(mayAct() ? actions({ ...row, is_open: row.state !== 'closed' }) : '');
    state = row.state;
  };
  draw(data);
  const outlook = data.prognosis ? `At the pace of its history ${data.prognosis.point} reaches zone ${data.prognosis.zone} in ${number(data.prognosis.from_h)} to ${number(data.prognosis.to_h)} hours, four times in five.` : null;
  const reasons = el('section', { class: 'card wide' }, el('h2', {}, 'Why'), el('p', {}, why.words),
    data.advice ? el('p', {}, el('strong', {}, 'What to do: '), data.advice) : '', outlook ? el('p', {}, outlook) : '',
    facts([['Decided by', why.decided_by.join(' and ') || '–'], ['Zone', why.zone ?? '–'], ['Velocity', why.velocity_rms_mm_s === undefined ? '–' : `${number(why.velocity_rms_mm_s)} mm/s`],
      ['Score', why.score === undefined ? '–' : `${number(why.score)} (1 is the limit)`], ['Probability', number(why.probability, 2)]]),
    why.contributions.length ? table('Features', [['Feature', (row) => row.feature], ['Value', (row) => number(row.value), true], ['From baseline', (row) => `${number(row.deviations, 2)} sd`, true], ['Share', (row) => `${Math.round(row.share * 100)} %`, true]], why.contributions) : '',
    why.lines.length ? table('Lines', [['Line', (row) => row.name], ['Hz', (row) => number(row.frequency_hz, 4), true], ['Over floor', (row) => `${number(row.ratio_to_floor, 2)} ×`, true], ['Harmonics', (row) => String(row.harmonics), true]], why.lines) : '');
  const spectrum = why.spectrum ? el('section', { class: 'card' }, el('h2', {}, 'Envelope spectrum when it was raised'), plot({
    title: `Envelope spectrum of ${id}`, unit: `${why.spectrum.unit} peak`, xUnit: 'Hz', fromZero: true, hasHarmonics: true,
    x: why.spectrum.amplitude.map((__, index) => (index + 1) * why.spectrum.resolution_hz), y: why.spectrum.amplitude,
    lines: why.lines.map((line) => ({ name: line.name, at: line.frequency_hz, count: Math.max(1, line.harmonics) })),
  })) : '';
  view_.append(top, el('div', { class: 'stack' }, reasons, spectrum, acts));
  view_.update = async () => draw(await view('alarm', { id }));
  return view_;
}
