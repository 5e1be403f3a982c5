// The page: who looks, which view is shown, and that it is shown anew when something has changed.
import { el, badge } from './elements.js';
import * as gateway from './gateway.js';
import { machines, models, ledger } from './machines.js';
import { point } from './point.js';
import { alarms, alarm } from './alarms.js';

const main = document.getElementById('main');
let overview = null;
let shown = null;

const routes = [
  [/^#?\/?$/, 'Machines', machines], [/^#\/alarms$/, 'Alarms', alarms], [/^#\/models$/, 'Models', models],
  [/^#\/ledger$/, 'Ledger', ledger], [/^#\/point\/([^/]+)\/([^/]+)$/, 'Machines', point], [/^#\/alarm\/([^/]+)$/, 'Alarms', alarm],
];

function tell(problem) {
  if (problem.status === 401) return welcome();
  document.getElementById('problem')?.remove();
  main.prepend(el('p', { id: 'problem', class: 'said warning', role: 'alert' }, problem.message));
}

/** A view is a function of (overview, words of the address); it gives an element that may have `update(overview)`. */
async function show() {
  const route = routes.find(([pattern]) => pattern.test(location.hash)) ?? routes[0];
  const words = (location.hash.match(route[0]) ?? []).slice(1).map(decodeURIComponent);
  for (const link of document.querySelectorAll('#views a')) {
    if (link.textContent === route[1]) link.setAttribute('aria-current', 'page'); else link.removeAttribute('aria-current');
  }
  try {
    overview ??= await gateway.view('overview');
    shown = await route[2](overview, ...words);
    main.replaceChildren(shown);
    document.title = `${main.querySelector('h1')?.textContent ?? route[1]} – ${overview.status.gateway} – Thrum`;
    head();
  } catch (problem) { tell(problem); }
}

async function refresh() {
  try {
    overview = await gateway.view('overview');
    head();
    document.getElementById('problem')?.remove();
    await shown?.update?.(overview);
  } catch (problem) { tell(problem); }
}

function head() {
  const { status } = overview;
  document.getElementById('gateway').textContent = status.gateway;
  const state = badge(status.state);
  state.id = 'state';
  state.title = status.reasons.join('; ');
  document.getElementById('state').replaceWith(state);
}

function welcome(problem) {
  const code = el('input', { name: 'code', autocomplete: 'off', spellcheck: 'false', required: true });
  const enter = async (event) => {
    event.preventDefault();
    try { await gateway.login(code.value.trim().replace(/^.*#code=/, '')); location.hash = '#/'; location.reload(); } catch (failure) { welcome(failure); }
  };
  main.replaceChildren(el('section', { class: 'card' }, el('h1', {}, 'Log in'),
    problem ? el('p', { class: 'said warning', role: 'alert' }, problem.message) : '',
    el('p', {}, 'On the gateway, ', el('code', {}, 'thrum page'), ' prints an address with a code for one use: open it here, or type the code.'),
    el('form', { class: 'action', onsubmit: enter }, el('label', {}, 'Code', code), el('button', {}, 'Log in'))));
  code.focus();
}

async function start() {
  const code = location.hash.match(/^#code=([0-9a-f]+)$/)?.[1];
  if (code) {
    history.replaceState(null, '', '#/');
    try { await gateway.login(code); } catch (problem) { return welcome(problem); }
  }
  try {
    [, overview] = await Promise.all([gateway.whoAmI(), gateway.view('overview')]);
  } catch (problem) { return problem.status === 401 ? welcome() : tell(problem); }
  document.getElementById('who').textContent = `${gateway.me.name} (${gateway.me.role})`;
  const out = document.getElementById('logout');
  out.hidden = false;
  out.addEventListener('click', async () => { await gateway.logout().catch(() => null); location.reload(); });
  addEventListener('hashchange', async () => { await show(); main.focus({ preventScroll: true }); scrollTo(0, 0); });
  document.addEventListener('thrum-changed', refresh);
  await show();
  const line = document.getElementById('live');
  gateway.follow(refresh, (isLive) => {
    line.textContent = isLive ? 'live' : 'no connection';
    line.classList.toggle('lost', !isLive);
  });
}

start();
