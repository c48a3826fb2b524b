// The sheets: a person with a lane of time for each hat, and a role with who wore it.

const sheet = byId('sheet');

function facts(pairs) {
  const known = pairs.filter(([, value]) => value !== null && value !== '' && value !== undefined);
  return el('dl', { class: 'facts' }, known.map(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]));
}

function sheetTop(heading, sub) {
  return [
    el('div', { class: 'sheet-top' }, el('h2', { id: 'sheet-heading' }, heading),
      el('button', { type: 'button', class: 'plain', autofocus: true, click: () => sheet.close() }, 'Close')),
    el('p', { class: 'quiet' }, sub),
  ];
}

/** A hat's time as a strip: a box a step, darker for more, red below where calls were denied. */
function strip(way, actor, from, until) {
  const steps = Math.round((until - from) / actor.step) + 1;
  const most = Math.max(...way.times.filter((_, at) => at % 3 === 1));
  const picture = svg('svg', { class: 'strip', viewBox: `0 0 ${Math.max(steps, 12)} 10`, preserveAspectRatio: 'none', role: 'img', 'aria-label': `${events(way.events)}, ${span(way.first, way.last)}` });
  for (let at = 0; at < way.times.length; at += 3) {
    const [minute, number, denied] = way.times.slice(at, at + 3);
    const x = (minute - from) / actor.step;
    const words = `${moment(minute * 60).slice(0, 16)} UTC: ${events(number)}${denied ? `, ${count(denied)} denied` : ''}`;
    picture.append(svg('rect', { class: `f${shade(number, most)}${isWeak(way.evidence) ? ' weak' : ''}`, x, width: 1, height: 10 }, svg('title', {}, words)));
    if (denied) picture.append(svg('rect', { class: 'refused', x, y: 8, width: 1, height: 2 }, svg('title', {}, words)));
  }
  return picture;
}

const STEPS = { 1: 'a minute', 60: 'an hour', 1440: 'a day', 10080: 'a week' };
function stepWords(minutes) {
  if (STEPS[minutes]) return STEPS[minutes];
  if (minutes % 1440 === 0) return `${minutes / 1440} days`;
  return minutes % 60 === 0 ? `${minutes / 60} hours` : `${minutes} minutes`;
}

function lane(way, actor, from, until) {
  const unresolved = actor.kind === 'unresolved';
  const claims = [...items(way.claims)].map((item) => {
    const [source, ...name] = item.text.split(':');
    return `${source.replaceAll('-', ' ')} says “${name.join(':')}” ×${count(item.events)}`;
  });
  const cut = way.claims.count - claims.length;
  return el('div', { class: 'lane' },
    el('div', { class: 'lane-top' }, el('span', { class: 'path' }, way.roles.length ? way.roles.map((role) => roles[role].name).join(' → ') : 'own identity'),
      badge(way.evidence), way.isNew ? el('span', { class: 'tag' }, 'new') : null,
      el('span', { class: 'quiet' }, `${events(way.events)}, ${count(way.writes)} writing`),
      way.denied ? el('span', { class: 'alert' }, `${count(way.denied)} denied`) : null),
    strip(way, actor, from, until),
    facts([
      ['when', span(way.first, way.last)],
      ['did', listed(way.calls, true)],
      ['in account', listed(way.accounts, false)],
      ['from', listed(way.addresses, false)],
      ['sessions', way.sessions ? count(way.sessions) + (way.names.count ? `, named ${listed(way.names, false)}` : '') : null],
      ['only claimed', unresolved && claims.length ? claims.join('; ') + (cut > 0 ? `; +${count(cut)} more` : '') : null],
    ]));
}

function openPerson(number) {
  const actor = actors[number];
  const own = ways.filter((way) => way.actor === number).sort((a, b) => a.roles.length - b.roles.length || a.first - b.first);
  const minutes = own.flatMap((way) => way.times.filter((_, at) => at % 3 === 0));
  const [from, until] = [Math.min(...minutes), Math.max(...minutes)];
  const worn = hats.filter((hat) => hat.actor === number);
  const [first, last] = [Math.min(...worn.map((hat) => hat.first)), Math.max(...worn.map((hat) => hat.last))];
  const all = (name) => worn.reduce((sum, hat) => sum + hat[name], 0);
  const unresolved = actor.kind === 'unresolved';
  sheet.replaceChildren(
    ...sheetTop(unresolved ? 'Unresolved: nothing in the lake proves who' : actor.label, unresolved ? 'All events whose actor the lake does not show, by role' : subOf(actor)),
    facts([
      ['ARN', actor.arn],
      ['seen', span(first, last)],
      ['events', `${count(all('events'))}, ${count(all('writes'))} writing, ${count(all('denied'))} denied`],
      ['roles worn', count(worn.filter((hat) => hat.role >= 0).length)],
      ['ask the lake', unresolved ? null : el('code', {}, `rolecall who --actor ${quoted(actor.arn ?? actor.label)}`)],
    ]),
    el('h3', {}, 'When, under which hat'),
    el('p', { class: 'quiet legend' }, `Each box is ${stepWords(actor.step)}; darker is more calls, red below is denied.`),
    ...own.map((way) => lane(way, actor, from, until)),
    el('div', { class: 'axis' }, el('span', {}, moment(from * 60).slice(0, 16)), el('span', {}, `${moment((until + actor.step) * 60).slice(0, 16)} UTC`)),
    actor.ways > own.length ? el('p', { class: 'quiet' }, `and ${count(actor.ways - own.length)} more ways through roles, which are not on the page`) : '',
  );
}

function openHat(number) {
  const role = roles[number];
  const through = ways.filter((way) => way.roles.includes(number));
  const before = new Map();
  for (const way of through) {
    const at = way.roles.indexOf(number);
    const from = at === 0 ? 'own identity' : `${roles[way.roles[at - 1]].name} in ${roles[way.roles[at - 1]].account}`;
    before.set(from, (before.get(from) ?? 0) + way.sessions);
  }
  const worn = hats.filter((hat) => hat.role === number).sort((a, b) => b.events - a.events);
  const wearers = table({
    heading: 'Worn by',
    columns: [{ heading: 'who' }, { heading: 'kind' }, { heading: 'evidence', kind: 'evidence' }, { heading: 'events', kind: 'integer' }, { heading: 'denied', kind: 'denied' }],
    rows: worn.map((hat) => [actors[hat.actor].label, subOf(actors[hat.actor]), hat.evidence, hat.events, hat.denied]),
    open: (row) => go({ person: actors[worn[row].actor].key, hat: '' }),
    empty: 'Nobody who is on the page.',
  });
  sheet.replaceChildren(
    ...sheetTop(role.name, `role in ${role.account}`),
    facts([
      ['ARN', role.arn],
      ['put on from', [...before].sort(([, a], [, b]) => b - a).slice(0, 12).map(([from]) => from).join(', ')],
      ['ask the lake', el('code', {}, `rolecall who --role ${quoted(role.arn)}`)],
    ]),
    el('p', {}, el('button', { type: 'button', class: 'plain', click: () => go({ hat: '', role: role.arn }) }, 'Show only ways through this role')),
    wearers.node,
  );
}

/** Open or close the sheet as the address says. */
function showSheet() {
  const person = actorByKey.get(view.person);
  const hat = roleByArn.get(view.hat);
  if (person !== undefined) openPerson(person);
  else if (hat !== undefined) openHat(hat);
  const wanted = person !== undefined || hat !== undefined;
  if (wanted && !sheet.open) sheet.showModal();
  if (wanted) sheet.scrollTop = 0;
  if (!wanted && sheet.open) sheet.close();
}

sheet.addEventListener('close', () => { if (view.person || view.hat) go({ person: '', hat: '' }); });
sheet.addEventListener('click', (pressed) => { if (pressed.target === sheet) sheet.close(); });
