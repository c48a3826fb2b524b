// One box over everything on the page.

const MOST_FOUND = 14;
const searchBox = byId('search');
const foundList = byId('found');
let searchable = null;
let found = [];
let chosen = -1;

function collect() {
  const all = [];
  const add = (kind, label, sub, open) => all.push({ kind, label, sub, open, hay: `${label}\n${sub}\n${kind}`.toLowerCase() });
  actors.forEach((actor) => add(actor.machine ? 'machine' : 'person', actor.label, `${subOf(actor)}${actor.arn ? ` ${actor.arn}` : ''}`, () => go({ person: actor.key, hat: '' })));
  roles.forEach((role) => add('role', role.name, role.arn, () => go({ hat: role.arn, person: '' })));
  [...accountIds].forEach((account) => add('account', account, 'show only this account', () => { go({ account }); jump('hats'); }));
  const said = new Map();
  const once = (kind, label, way) => {
    const name = `${kind}\n${label}\n${way.actor}`;
    if (said.has(name)) return;
    said.set(name, true);
    add(kind, label, pathOf(way), () => go({ person: actors[way.actor].key, hat: '' }));
  };
  for (const way of ways) {
    for (const item of items(way.names)) once('session name', item.text, way);
    for (const item of items(way.claims)) once('claimed name', item.text.slice(item.text.indexOf(':') + 1), way);
    for (const item of items(way.addresses)) once('address', item.text, way);
    for (const item of items(way.calls)) once('call', item.text, way);
  }
  for (const report of reports) {
    report.tables.forEach((rows, number) => rows.rows.forEach((row) => {
      const words = row.map((value, at) => text(value, rows.columns[at].kind)).filter((value) => value !== '–');
      add(report.name, words[0] ?? '', words.slice(1).join(' · '), () => openRow(report, number, words));
    }));
  }
  return all;
}

/** Names that begin with what was typed come first; then in the order above. */
function look(typed) {
  searchable ??= collect();
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return { hits: [], all: 0 };
  const [first, second] = [[], []];
  for (const entry of searchable) {
    if (!words.every((word) => entry.hay.includes(word))) continue;
    (entry.hay.startsWith(words[0]) ? first : second).push(entry);
  }
  return { hits: [...first, ...second].slice(0, MOST_FOUND), all: first.length + second.length };
}

function showFound() {
  const typed = searchBox.value.trim();
  const { hits, all } = look(typed);
  found = hits;
  chosen = hits.length ? 0 : -1;
  const options = hits.map((hit, number) => el('li', { id: `found-${number}`, role: 'option', 'aria-selected': String(number === 0), click: () => take(number), mousedown: (pressed) => pressed.preventDefault() },
    hit.label, ' ', el('span', { class: 'quiet' }, clipped(`${hit.kind} · ${hit.sub}`, 160))));
  if (typed && !hits.length) {
    options.push(el('li', { class: 'none', role: 'option', 'aria-disabled': 'true' }, 'Not on this page. Ask the lake: ', el('code', {}, `rolecall trace ${quoted(typed)}`)));
  } else if (all > hits.length) {
    options.push(el('li', { class: 'none quiet', role: 'option', 'aria-disabled': 'true' }, `and ${count(all - hits.length)} more`));
  }
  foundList.replaceChildren(...options);
  foundList.hidden = !typed;
  searchBox.setAttribute('aria-expanded', String(Boolean(typed)));
  choose(chosen);
}

function choose(number) {
  chosen = number;
  found.forEach((_, at) => byId(`found-${at}`).setAttribute('aria-selected', String(at === number)));
  if (number < 0) return searchBox.removeAttribute('aria-activedescendant');
  searchBox.setAttribute('aria-activedescendant', `found-${number}`);
  return byId(`found-${number}`).scrollIntoView({ block: 'nearest' });
}

function hideFound() {
  foundList.hidden = true;
  searchBox.setAttribute('aria-expanded', 'false');
}

function take(number) {
  const hit = found[number];
  if (!hit) return;
  hideFound();
  searchBox.blur();
  hit.open();
}

// Gathered while nobody waits for it.
window.requestIdleCallback?.(() => { searchable ??= collect(); }, { timeout: 3000 });
searchBox.addEventListener('input', showFound);
searchBox.addEventListener('focus', () => { if (searchBox.value) showFound(); });
searchBox.addEventListener('blur', hideFound);
searchBox.addEventListener('keydown', (pressed) => {
  if (pressed.key === 'Escape') {
    if (foundList.hidden) searchBox.value = '';
    hideFound();
    pressed.preventDefault();
  } else if (pressed.key === 'Enter') take(chosen);
  else if (pressed.key === 'ArrowDown' && found.length) choose((chosen + 1) % found.length);
  else if (pressed.key === 'ArrowUp' && found.length) choose((chosen - 1 + found.length) % found.length);
  else return;
  if (pressed.key.startsWith('Arrow')) pressed.preventDefault();
});
document.addEventListener('keydown', (pressed) => {
  const typing = pressed.target.closest?.('input, select, textarea');
  if (pressed.key !== '/' || typing || sheet.open) return;
  pressed.preventDefault();
  searchBox.focus();
});
