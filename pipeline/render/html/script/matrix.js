// Who wears which hat: people down, roles across; a press opens the person.

const ROWS_OF_MATRIX = 30;
const COLUMNS_OF_MATRIX = 24;
let matrixRows = ROWS_OF_MATRIX;
let matrixColumns = COLUMNS_OF_MATRIX;

/** Hats by actor and role. */
function matrixCells(found) {
  const rows = new Map();
  for (const hat of found) {
    if (!rows.has(hat.actor)) rows.set(hat.actor, new Map());
    rows.get(hat.actor).set(hat.role, hat);
  }
  return rows;
}

function columnsOf(rows) {
  const totals = new Map();
  for (const row of rows.values()) {
    for (const [hat, cell] of row) {
      const total = totals.get(hat) ?? { wearers: 0, events: 0 };
      total.wearers += 1;
      total.events += cell.events;
      totals.set(hat, total);
    }
  }
  return [...totals].sort(([a, x], [b, y]) =>
    (b < 0) - (a < 0) || y.wearers - x.wearers || y.events - x.events || a - b).map(([hat]) => hat);
}

function orderOfRows(rows) {
  const sum = (row) => [...row.values()].reduce((total, cell) => total + cell.events, 0);
  const place = (actor) => (actor.machine ? 2 : actor.kind === 'unresolved' ? 1 : 0);
  return [...rows].map(([actor, row]) => ({ actor, row, events: sum(row) })).sort((a, b) =>
    place(actors[a.actor]) - place(actors[b.actor]) || b.row.size - a.row.size || b.events - a.events);
}

function cellOf(actor, hat, cell, most) {
  if (!cell) return el('td', {}, el('span', { class: 'hole' }));
  const words = [`${actors[actor].label}, ${roleName(hat)}${hat < 0 ? '' : ` in ${roles[hat].account}`}`,
    events(cell.events), cell.denied ? `${count(cell.denied)} denied` : null, cell.evidence,
    cell.isNew ? 'new' : null].filter(Boolean).join(', ');
  const looks = ['cell', `s${shade(cell.events, most)}`, cell.isNew ? 'new' : '', cell.denied ? 'denied' : ''];
  return el('td', {}, el('button', {
    type: 'button', class: looks.filter(Boolean).join(' '), 'aria-label': words, title: words, tabindex: '-1',
    click: () => go({ person: actors[actor].key }),
  }, EVIDENCE_MARK[cell.evidence] ?? '·'));
}

function drawMatrix(found) {
  const rows = matrixCells(found);
  const place = byId('matrix');
  if (!rows.size) {
    place.replaceChildren(el('p', { class: 'quiet' }, 'Nobody matches the filter.'));
    return;
  }
  const hats = columnsOf(rows);
  const people = orderOfRows(rows);
  const most = Math.max(...people.flatMap(({ row }) => [...row.values()].map((cell) => cell.events)));
  const [shownHats, shownPeople] = [hats.slice(0, matrixColumns), people.slice(0, matrixRows)];
  const head = shownHats.map((hat) => el('th', { scope: 'col' }, hat < 0
    ? el('span', { class: 'turned' }, 'own identity')
    : el('button', { type: 'button', class: 'link turned', title: roles[hat].arn, click: () => go({ hat: roles[hat].arn }) },
      roles[hat].name, el('small', {}, roles[hat].account))));
  const body = shownPeople.map(({ actor, row }) => el('tr', {},
    el('th', { scope: 'row' }, el('button', { type: 'button', class: 'link', title: actors[actor].label, click: () => go({ person: actors[actor].key }) }, actors[actor].label),
      el('small', {}, subOf(actors[actor]))),
    shownHats.map((hat) => cellOf(actor, hat, row.get(hat), most))));
  const grid = el('table', { class: 'matrix', 'aria-label': 'People and the roles that they wore', keydown: moveInMatrix },
    el('thead', {}, el('tr', {}, el('th', {}), head)), el('tbody', {}, body));
  place.replaceChildren(el('div', { class: 'scroll' }, grid), ...matrixMore(hats, people));
  place.querySelector('.cell')?.setAttribute('tabindex', '0');
}

function matrixMore(hats, people) {
  const buttons = [];
  if (people.length > matrixRows) {
    buttons.push(el('button', { type: 'button', class: 'plain', click: () => { matrixRows += 60; drawMatrix(matchingHats()); } },
      `and ${count(people.length - matrixRows)} more people`));
  }
  if (hats.length > matrixColumns) {
    buttons.push(el('button', { type: 'button', class: 'plain', click: () => { matrixColumns += 24; drawMatrix(matchingHats()); } },
      `and ${count(hats.length - matrixColumns)} more roles`));
  }
  return buttons.length ? [el('p', { class: 'more' }, buttons.flatMap((button) => [button, ' ']))] : [];
}

/** Arrow keys go to the next cell that is not empty; one stop for Tab. */
function moveInMatrix(pressed) {
  const steps = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
  const step = steps[pressed.key];
  const cell = pressed.target.closest('.cell');
  if (!step || !cell) return;
  pressed.preventDefault();
  const rows = [...pressed.currentTarget.tBodies[0].rows];
  let row = rows.indexOf(cell.closest('tr'));
  let column = cell.closest('td').cellIndex;
  for (;;) {
    row += step[0];
    column += step[1];
    const next = rows[row]?.cells[column];
    if (!next || column < 1) return;
    const target = next.querySelector('.cell');
    if (!target) continue;
    cell.setAttribute('tabindex', '-1');
    target.setAttribute('tabindex', '0');
    target.focus();
    return;
  }
}
