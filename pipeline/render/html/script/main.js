// Puts it together: filters, sections, theme, and what happens when the address changes.

const reportTables = new Map();

function jump(id) {
  const target = byId(id);
  if (!target) return;
  target.scrollIntoView({ block: 'start' });
  target.setAttribute('tabindex', '-1');
  target.focus({ preventScroll: true });
}

function openRow(report, number, words) {
  reportTables.get(`${report.name} ${number}`)?.filter(words[0].toLowerCase());
  jump(`report-${report.name}`);
}

function choices(select, first, options) {
  select.replaceChildren(el('option', { value: '' }, first), ...options.map(([value, label]) => el('option', { value }, label)));
}

function setUpFilters() {
  const byLabel = (a, b) => a[1].localeCompare(b[1]);
  choices(byId('by-account'), 'all', [...accountIds].sort().map((id) => [id, id]));
  choices(byId('by-role'), 'all', roles.map((role) => [role.arn, `${role.name} · ${role.account}`]).sort(byLabel));
  choices(byId('by-person'), 'all', actors.map((actor) => [actor.key, `${actor.label} · ${subOf(actor)}`]).sort(byLabel));
  const wire = (id, name) => byId(id).addEventListener('change', (changed) => go({ [name]: changed.target.value }));
  wire('by-account', 'account');
  wire('by-role', 'role');
  wire('by-person', 'only');
  byId('machines').addEventListener('change', (changed) => go({ machines: changed.target.checked ? '1' : '' }));
  byId('clear').addEventListener('click', () => go({ account: '', role: '', only: '', machines: '' }));
}

function showFilters(matched) {
  byId('by-account').value = view.account;
  byId('by-role').value = view.role;
  byId('by-person').value = view.only;
  byId('machines').checked = showsMachines();
  byId('clear').hidden = !(view.account || view.role || view.only || view.machines);
  const who = new Set(matched.map((hat) => hat.actor)).size;
  const total = matched.reduce((sum, hat) => sum + hat.events, 0);
  byId('matching').textContent = `${count(who)} shown · ${events(total)}`;
}

const PEOPLE_COLUMNS = [
  { heading: 'who' }, { heading: 'kind' }, { heading: 'roles', kind: 'integer' }, { heading: 'accounts', kind: 'integer' },
  { heading: 'events', kind: 'integer' }, { heading: 'denied', kind: 'denied' }, { heading: 'weakest evidence', kind: 'evidence' },
  { heading: 'first seen (UTC)', kind: 'timestamp' }, { heading: 'last seen (UTC)', kind: 'timestamp' },
];

function drawPeople(matched) {
  const byActor = new Map();
  for (const hat of matched) byActor.set(hat.actor, [...(byActor.get(hat.actor) ?? []), hat]);
  const rows = [...byActor].map(([number, own]) => {
    const sum = (name) => own.reduce((total, hat) => total + hat[name], 0);
    return [actors[number].label, subOf(actors[number]), own.filter((hat) => hat.role >= 0).length,
      new Set(own.flatMap((hat) => hat.accounts)).size, sum('events'), sum('denied'),
      own.map((hat) => hat.evidence).reduce(weaker), moment(Math.min(...own.map((hat) => hat.first))),
      moment(Math.max(...own.map((hat) => hat.last)))];
  });
  const numbers = [...byActor.keys()];
  byId('actors').replaceChildren(table({ heading: '', columns: PEOPLE_COLUMNS, rows, empty: 'Nobody matches the filter.', sorted: [4, -1], open: (row) => go({ person: actors[numbers[row]].key }) }).node);
}

function drawReports() {
  byId('reports').append(...reports.map((report) => {
    const found = SEVERITY.filter((name) => report.severities[name]).map((name) => el('span', { class: 'tally' }, badge(name), ` ${count(report.severities[name])}`));
    return el('section', { id: `report-${report.name}`, 'aria-label': report.title },
      el('h2', {}, report.title), found.length ? el('p', {}, found) : null,
      report.tables.map((rows, number) => {
        const made = table({ ...rows, total: rows.count });
        reportTables.set(`${report.name} ${number}`, made);
        return made.node;
      }),
      report.notes.map((note) => el('p', { class: 'quiet' }, note)));
  }));
}

let drawnFor = null;
function show() {
  readAddress();
  const filter = addressOf({ ...view, person: '', hat: '' });
  if (filter !== drawnFor) {
    drawnFor = filter;
    const matched = matchingHats();
    showFilters(matched);
    drawMatrix(matched);
    drawGraph(matchingWays());
    drawPeople(matched);
  }
  showSheet();
}

// The choice of theme is remembered where the browser lets a local file remember anything.
const THEMES = { '': 'Theme: system', light: 'Theme: light', dark: 'Theme: dark' };
function setTheme(name) {
  if (name) document.documentElement.dataset.theme = name;
  else delete document.documentElement.dataset.theme;
  byId('theme').textContent = THEMES[name];
  try { localStorage.setItem('rolecall-theme', name); } catch { /* not remembered */ }
}
function rememberedTheme() {
  try { return localStorage.getItem('rolecall-theme') ?? ''; } catch { return ''; }
}
byId('theme').addEventListener('click', () => {
  const names = Object.keys(THEMES);
  setTheme(names[(names.indexOf(document.documentElement.dataset.theme ?? '') + 1) % names.length]);
});

document.addEventListener('click', (pressed) => {
  const link = pressed.target.closest('a[href^="#"]');
  if (!link) return;
  pressed.preventDefault();
  if (link.dataset.to) jump(link.dataset.to);
  else go(Object.fromEntries(new URLSearchParams(link.getAttribute('href').slice(1))));
});

for (const part of document.querySelectorAll('.scripted, .search, #theme, #app')) part.hidden = false;
setTheme(rememberedTheme() in THEMES ? rememberedTheme() : '');
setUpFilters();
drawReports();
window.addEventListener('hashchange', show);
show();
if (location.hash && !location.hash.includes('=')) jump(location.hash.slice(1));
document.documentElement.dataset.ready = String(Math.round(performance.now()));
