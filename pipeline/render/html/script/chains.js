// The graph: from person through roles to accounts.

const BOX = { width: 178, height: 34, gap: 9, bend: 12, between: 92, top: 26 };

function labelOf(node) {
  if (node.rest) return [`${count(node.rest)} more`, events(node.events)];
  if (node.actor !== undefined) return [actors[node.actor].label, actors[node.actor].words];
  if (node.role !== undefined) return [roles[node.role].name, roles[node.role].account];
  if (node.account !== undefined) return [node.account, 'account'];
  return [node.label, ''];
}

function openNode(node) {
  if (node.actor !== undefined) go({ person: actors[node.actor].key });
  else if (node.role !== undefined) go({ hat: roles[node.role].arn });
  else if (node.account !== undefined) go({ account: view.account === node.account ? '' : node.account });
}

const clipped = (words, length) => (words.length > length ? `${words.slice(0, length - 1)}…` : words);

/** As much of the words as is so many pixels wide: SVG neither wraps nor cuts. */
const ruler = document.createElement('canvas').getContext('2d');
function fitting(words, size) {
  ruler.font = `${size}px ${getComputedStyle(document.body).fontFamily}`;
  let fits = words;
  for (let length = words.length; length > 1 && ruler.measureText(fits).width > BOX.width - 16; length -= 1) {
    fits = clipped(words, length);
  }
  return fits;
}

/** y of everything: layers are centred on the tallest. */
function placed(order) {
  const height = (layer) => layer.reduce((sum, node) => sum + (node.bend ? BOX.bend : BOX.height) + BOX.gap, -BOX.gap);
  const tallest = Math.max(...order.map(height));
  order.forEach((layer, number) => {
    let y = BOX.top + (tallest - height(layer)) / 2;
    for (const node of layer) {
      const own = node.bend ? BOX.bend : BOX.height;
      node.x = number * (BOX.width + BOX.between);
      node.y = y + own / 2;
      y += own + BOX.gap;
    }
  });
  return tallest + BOX.top + 6;
}

function curve(points) {
  const parts = [];
  for (let at = 1; at < points.length; at += 1) {
    const [from, to] = [points[at - 1], points[at]];
    const [x, end] = [from.x + BOX.width, to.x];
    const half = (end - x) / 2;
    if (at === 1) parts.push(`M${x},${from.y}`);
    parts.push(`C${x + half},${from.y} ${end - half},${to.y} ${end},${to.y}`);
    if (to.bend) parts.push(`L${end + BOX.width},${to.y}`);
  }
  return parts.join('');
}

/** Everything that is joined to a node, upwards and downwards. */
function connected(start, links) {
  const lit = new Set();
  const follow = (node, from, to) => {
    for (const link of links) {
      if (from(link) === node && !lit.has(link)) {
        lit.add(link);
        follow(to(link), from, to);
      }
    }
  };
  const first = (link) => link.points[0];
  const last = (link) => link.points[link.points.length - 1];
  follow(start, first, last);
  follow(start, last, first);
  return lit;
}

function drawGraph(found) {
  const place = byId('graph');
  const chained = found.filter((way) => way.roles.length);
  if (!chained.length) {
    place.replaceChildren(el('p', { class: 'quiet' }, found.length ? 'No role was put on here.' : 'Nothing matches the filter.'));
    return;
  }
  const { order, links } = untangled(routed(folded(layered(drawnWays(chained)))));
  const height = placed(order);
  const width = order.length * (BOX.width + BOX.between) - BOX.between;
  const most = Math.max(...links.map((link) => link.events));
  const picture = svg('svg', { class: 'graph', viewBox: `-2 0 ${width + 4} ${height}`, width: width + 4, height, role: 'group', 'aria-label': 'Chains from people through roles to accounts' });
  order.forEach((_, number) => picture.append(svg('text', { class: 'layer', x: number * (BOX.width + BOX.between), y: 12 },
    number === 0 ? 'who' : number === order.length - 1 ? 'acted in' : order.length === 3 ? 'role' : `role, hop ${number}`)));
  for (const link of links) {
    link.path = svg('path', { d: curve(link.points), class: link.weak ? 'weak' : null, 'stroke-width': 1 + 1.6 * (shade(link.events, most) - 1) },
      svg('title', {}, `${labelOf(link.points[0])[0]} → ${labelOf(link.points[link.points.length - 1])[0]}: ${events(link.events)}`));
    picture.append(link.path);
  }
  const nodes = order.flat().filter((node) => !node.bend);
  for (const node of nodes) picture.append(drawNode(node, picture, nodes, links));
  const left = chained.length - WAYS_OF_GRAPH;
  place.replaceChildren(el('div', { class: 'scroll' }, picture),
    left > 0 ? el('p', { class: 'quiet legend' }, `Drawn are the ${count(WAYS_OF_GRAPH)} ways that are new or busiest, and ${count(left)} more are not: filter by account, role or person to see them.`) : '');
}

function drawNode(node, picture, nodes, links) {
  const [name, sub] = labelOf(node);
  const light = () => {
    const lit = connected(node, links);
    picture.classList.add('lit');
    links.forEach((link) => link.path.classList.toggle('on', lit.has(link)));
    const on = new Set([node, ...[...lit].flatMap((link) => [link.points[0], link.points[link.points.length - 1]])]);
    nodes.forEach((other) => other.drawn.classList.toggle('on', on.has(other)));
  };
  const dark = () => {
    picture.classList.remove('lit');
    [...links.map((link) => link.path), ...nodes.map((other) => other.drawn)].forEach((part) => part.classList.remove('on'));
  };
  const opens = !node.rest && !node.label;
  node.drawn = svg('g', {
    class: opens ? 'node' : 'node rest', tabindex: opens ? '0' : null, role: opens ? 'button' : null,
    'aria-label': `${name}, ${sub}, ${events(node.events)}`,
    mouseenter: light, mouseleave: dark, focus: light, blur: dark,
    click: () => openNode(node),
    keydown: (pressed) => {
      if (pressed.key !== 'Enter' && pressed.key !== ' ') return;
      pressed.preventDefault();
      openNode(node);
    },
  }, svg('title', {}, `${name}\n${sub}\n${events(node.events)}`),
  svg('rect', { x: node.x, y: node.y - BOX.height / 2, width: BOX.width, height: BOX.height, rx: 5 }),
  svg('text', { x: node.x + 9, y: node.y - 2 }, fitting(name, 12.5)),
  svg('text', { x: node.x + 9, y: node.y + 11, class: 'sub' }, fitting(sub, 10.5)));
  return node.drawn;
}
