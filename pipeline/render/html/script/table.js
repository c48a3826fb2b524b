// A table that sorts, filters and draws only the rows that somebody reads.

const ROWS_AT_FIRST = 25;
const ROWS_MORE = 200;
let tableNumber = 0;

const rank = (order, value) => {
  const at = order.indexOf(value);
  return at < 0 ? order.length : at;
};

function sortKey(value, kind) {
  if (value === null || value === undefined) return null;
  if (kind === 'severity') return rank(SEVERITY, value);
  if (kind === 'evidence') return rank(EVIDENCE, value);
  if (typeof value === 'number') return value;
  return (Array.isArray(value) ? value.join(' ') : String(value)).toLowerCase();
}

/** Rows without a value are last, whichever the direction. */
function compare(one, other, direction) {
  if (one === null || other === null) return (one === null) - (other === null);
  if (one < other) return -direction;
  return one > other ? direction : 0;
}

function text(value, kind) {
  if (value === null || value === undefined) return '–';
  if (Array.isArray(value)) return value.join(kind === 'chain' ? ' → ' : ', ') || '–';
  if (typeof value === 'number') {
    return kind === 'number' ? value.toLocaleString('en-US', { maximumFractionDigits: 1 }) : count(value);
  }
  return String(value);
}

function shownValue(value, kind) {
  if (kind === 'evidence' || kind === 'severity') return value ? badge(value) : '–';
  if (kind === 'denied' && value) return el('span', { class: 'alert' }, text(value, kind));
  return text(value, kind);
}

const isShort = (value) => typeof value === 'string' && value.length <= 26;

const NUMBERS = ['integer', 'number', 'denied'];
const classOf = (kind) =>
  NUMBERS.includes(kind) ? 'number' : kind === 'timestamp' ? 'time' : kind === 'severity' || kind === 'evidence' ? 'badge' : null;

/**
 * columns: [{ heading, kind, place }]; rows: lists of values in the order of the columns.
 * open: what a press on the first cell of a row does. sorted: [column, 1 or -1] at the beginning.
 * Returns { node, filter(words) }.
 */
function table({ heading, columns, rows, empty, total, open, sorted }) {
  const id = `table-${(tableNumber += 1)}`;
  const cells = columns.map((column, at) => ({ ...column, at })).filter((c) => c.place !== 'detail');
  const details = columns.map((column, at) => ({ ...column, at })).filter((c) => c.place === 'detail');
  const hay = [];
  let order = rows.map((_, row) => row);
  let shown = 0;
  let by = sorted ?? null;
  const body = el('tbody');
  const input = el('input', {
    type: 'search', 'aria-label': `Filter ${heading}`, placeholder: 'Filter these rows', input: arrange,
  });
  const said = el('span', { class: 'quiet', 'aria-live': 'polite' });
  const more = el('button', { type: 'button', class: 'plain more', click: () => draw(ROWS_MORE) });
  const heads = cells.map((column) =>
    el('th', { scope: 'col', class: NUMBERS.includes(column.kind) ? 'number' : column.heading.length <= 12 ? 'short' : null },
      el('button', { type: 'button', class: 'sort', click: () => sort(column) }, column.heading || 'group')));
  const extra = details.length ? el('th', { scope: 'col' }, el('span', { class: 'quiet' }, 'more')) : null;

  function haystack(row) {
    hay[row] ??= rows[row].map((value, at) => text(value, columns[at].kind)).join('\n').toLowerCase();
    return hay[row];
  }

  function arrange() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    order = [];
    for (let row = 0; row < rows.length; row += 1) {
      if (words.every((word) => haystack(row).includes(word))) order.push(row);
    }
    if (by) {
      const [at, direction] = by;
      const keys = rows.map((row) => sortKey(row[at], columns[at].kind));
      order.sort((a, b) => compare(keys[a], keys[b], direction) || a - b);
    }
    heads.forEach((head, at) => {
      const way = by && by[0] === cells[at].at ? (by[1] > 0 ? 'ascending' : 'descending') : 'none';
      head.setAttribute('aria-sort', way);
    });
    body.replaceChildren();
    shown = 0;
    draw(ROWS_AT_FIRST);
  }

  function sort(column) {
    const first = NUMBERS.includes(column.kind) || column.kind === 'timestamp' ? -1 : 1;
    by = by && by[0] === column.at ? [column.at, -by[1]] : [column.at, first];
    arrange();
  }

  function draw(howMany) {
    const until = Math.min(order.length, shown + howMany);
    const drawn = [];
    for (; shown < until; shown += 1) drawn.push(...rowsOf(order[shown]));
    body.append(...drawn);
    const left = order.length - shown;
    more.hidden = left === 0;
    more.textContent = `Show more (${count(left)} left)`;
    const all = total ?? rows.length;
    const cut = all > rows.length ? ` of ${count(all)}: the first ${count(rows.length)} are on the page` : '';
    said.textContent = rows.length === 0 ? '' : `${count(order.length)} row${order.length === 1 ? '' : 's'}${cut}`;
  }

  function rowsOf(row) {
    const values = rows[row];
    const drawn = el('tr', {}, cells.map((column, at) => {
      const value = shownValue(values[column.at], column.kind);
      const content = at === 0 && open ? el('button', { type: 'button', class: 'link', click: () => open(row) }, value) : value;
      const looks = [classOf(column.kind), isShort(values[column.at]) ? 'short' : null].filter(Boolean).join(' ');
      return el(at === 0 ? 'th' : 'td', { scope: at === 0 ? 'row' : null, class: looks || null }, content);
    }));
    if (!details.length) return [drawn];
    const known = details.filter((column) => text(values[column.at], column.kind) !== '–');
    const below = el('tr', { class: 'detail', hidden: true }, el('td', { colspan: cells.length + 1 }));
    const button = el('button', { type: 'button', class: 'link', 'aria-expanded': 'false', click: unfold }, 'more');
    function unfold() {
      const opens = below.hidden;
      if (opens && !below.firstChild.firstChild) {
        below.firstChild.append(el('dl', { class: 'facts' }, known.map((column) => [
          el('dt', {}, column.heading), el('dd', {}, shownValue(values[column.at], column.kind))])));
      }
      below.hidden = !opens;
      button.setAttribute('aria-expanded', String(opens));
      button.textContent = opens ? 'less' : 'more';
    }
    drawn.append(el('td', {}, known.length ? button : null));
    return [drawn, below];
  }

  const node = el('div', { class: 'table', id },
    el('div', { class: 'bar-of-table' }, heading ? el('h3', {}, heading) : null, said, rows.length > 5 ? input : null),
    rows.length
      ? el('div', { class: 'scroll' }, el('table', { 'aria-label': heading || null },
        el('thead', {}, el('tr', {}, heads, extra)), body))
      : el('p', { class: 'quiet' }, empty ?? 'nothing'),
    more);
  arrange();
  return { node, filter: (words) => { input.value = words; arrange(); } };
}
