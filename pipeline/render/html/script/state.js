// The data, and what is looked at: kept in the address, so that a view can be sent to somebody.

const data = JSON.parse(byId('data').textContent);
const { actors, roles, hats, ways, reports } = data;
const actorByKey = new Map(actors.map((actor, number) => [actor.key, number]));
const roleByArn = new Map(roles.map((role, number) => [role.arn, number]));
const accountIds = new Set([...hats.flatMap((hat) => hat.accounts),
  ...actors.map((actor) => actor.account), ...roles.map((role) => role.account)].filter(Boolean));

// person and hat open a sheet; the others filter.
const VIEW = ['person', 'hat', 'account', 'role', 'only', 'machines'];
let view = {};

function readAddress() {
  const hash = location.hash.slice(1);
  const given = hash.includes('=') ? new URLSearchParams(hash) : new URLSearchParams();
  view = Object.fromEntries(VIEW.map((name) => [name, given.get(name) ?? '']));
}

/** Look at something else; what is not named stays as it is. */
function go(changes) {
  location.hash = addressOf({ ...view, ...changes });
}

function addressOf(wanted) {
  const kept = VIEW.filter((name) => wanted[name]).map((name) => [name, wanted[name]]);
  return new URLSearchParams(kept).toString() || 'all=';
}

const showsMachines = () => view.machines === '1';

/** Whether something of an actor, in these accounts and under these roles, is looked at. */
function matches(actor, accounts, worn) {
  if (actor.machine && !showsMachines() && view.only !== actor.key) return false;
  if (view.only && view.only !== actor.key) return false;
  if (view.account && actor.account !== view.account && !accounts.includes(view.account)) return false;
  return !view.role || worn.some((role) => role >= 0 && roles[role].arn === view.role);
}

const matchingHats = () => hats.filter((hat) => matches(actors[hat.actor], hat.accounts, [hat.role]));
const matchingWays = () => ways.filter((way) =>
  matches(actors[way.actor], [...items(way.accounts)].map((item) => item.text), way.roles));

const roleName = (role) => (role < 0 ? 'own identity' : roles[role].name);
const pathOf = (way) =>
  [actors[way.actor].label, ...way.roles.map((role) => roles[role].name)].join(' → ');
const subOf = (actor) =>
  actor.words + (actor.account && actor.kind !== 'external-account' ? ` in ${actor.account}` : '');
