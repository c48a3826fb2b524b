// Everything that is shown goes through here: text becomes a text node, never markup.

const SVG = 'http://www.w3.org/2000/svg';

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') node.addEventListener(name, value);
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return node;
}

const el = (tag, attributes = {}, ...children) =>
  fill(document.createElement(tag), attributes, children);

const svg = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS(SVG, tag), attributes, children);

const byId = (id) => document.getElementById(id);

const EVIDENCE = ['direct', 'proven', 'matched', 'ambiguous', 'claimed', 'none'];
const EVIDENCE_MARK = {
  direct: '✓', proven: '✓', matched: '≈', ambiguous: '?', claimed: '“', none: '–',
};
const SEVERITY = ['critical', 'high', 'medium', 'low', 'info'];
const SEVERITY_MARK = { critical: '‼', high: '!', medium: '▪', low: '·', info: 'i' };

const weaker = (one, other) =>
  EVIDENCE.indexOf(one) > EVIDENCE.indexOf(other) ? one : other;
const isWeak = (grade) => EVIDENCE.indexOf(grade) > EVIDENCE.indexOf('proven');

function badge(value) {
  const mark = EVIDENCE_MARK[value] ?? SEVERITY_MARK[value];
  return el('span', { class: mark ? `badge ${value}` : 'badge' }, mark ? `${mark} ${value}` : value);
}

const count = (number) => number.toLocaleString('en-US');
const events = (number) => `${count(number)} event${number === 1 ? '' : 's'}`;

/** Seconds since 1970 as `2026-11-21 09:20:42`, UTC. */
const moment = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');

function span(first, last) {
  const [from, to] = [moment(first), moment(last)];
  if (first === last) return `${from} UTC`;
  return from.slice(0, 10) === to.slice(0, 10)
    ? `${from} – ${to.slice(11)} UTC`
    : `${from} – ${to} UTC`;
}

/** A list of the page's data: texts with their events, and `+n more` where it was cut. */
function* items(list) {
  for (let at = 0; at < list.shown.length; at += 3) {
    yield { text: list.shown[at], events: list.shown[at + 1], denied: list.shown[at + 2] };
  }
}

function listed(list, withCounts) {
  const texts = [...items(list)].map((item) => {
    if (!withCounts) return item.text;
    const refused = item.denied === item.events ? 'denied' : `${count(item.denied)} denied`;
    return `${item.text} ×${count(item.events)}${item.denied ? ` (${refused})` : ''}`;
  });
  const rest = list.count - texts.length;
  return texts.join(', ') + (rest > 0 ? `, +${count(rest)} more` : '');
}

/** 1 to 5: how dark something is, by the logarithm of its events. */
function shade(number, most) {
  if (most <= 1) return 3;
  return 1 + Math.round((4 * Math.log(Math.max(number, 1))) / Math.log(most));
}

/** A word as a shell takes it, so that a copied command does what it shows. */
const quoted = (word) => `'${word.replaceAll("'", "'\\''")}'`;
