// What the page asks the daemon: views, orders, and the line on which it tells that something has changed.
export const me = { name: '', role: 'viewer', token: '', gateway: '' };
export const mayAct = () => me.role !== 'viewer';

export class Problem extends Error {
  constructor(status, body) {
    const what = [body.operation, body.object].filter((word) => word).join(' ');
    super([what ? `${what}: ${body.reason}` : body.reason, body.remedy].filter((word) => word).join('; '));
    this.status = status;
  }
}

async function answer(response) {
  const text = await response.text();
  let body;
  try { body = JSON.parse(text); } catch { body = { reason: text.trim() || `status ${response.status}` }; }
  if (!response.ok) throw new Problem(response.status, body);
  return body;
}

export async function view(name, query = {}) {
  const words = new URLSearchParams(query).toString();
  return answer(await fetch(`/api/${name}${words ? `?${words}` : ''}`, { headers: { Accept: 'application/json' } }));
}

async function post(name, body) {
  const headers = { 'Content-Type': 'application/json', 'X-Thrum-Token': me.token };
  return answer(await fetch(`/api/${name}`, { method: 'POST', headers, body: JSON.stringify(body) }));
}

export const call = (name, body) => post(`calls/${name}`, body);
export const login = (code) => post('login', { code });
export const logout = () => post('logout', {});
export const whoAmI = async () => Object.assign(me, await view('who'));

/** Tells `changed` of changes at most every two seconds, and none while nobody looks; `state` hears whether the line stands. */
export function follow(changed, state) {
  let due = null;
  let missed = false;
  let source = null;
  const soon = () => {
    if (document.hidden) { missed = true; return; }
    due ??= setTimeout(() => { due = null; changed(); }, 2000);
  };
  const open = () => {
    source = new EventSource('/api/live');
    source.addEventListener('change', () => { state(true); soon(); });
    source.addEventListener('open', () => state(true));
    source.addEventListener('error', () => {
      state(false);
      // A browser gives up where the answer was no stream, as while the daemon starts.
      if (source.readyState === EventSource.CLOSED) { source.close(); setTimeout(open, 2000); }
    });
  };
  document.addEventListener('visibilitychange', () => { if (!document.hidden && missed) { missed = false; changed(); } });
  open();
}
