// Where the nodes of the graph stand: who on the left, roles hop by hop, accounts on the right.
// An edge that passes a layer gets a place in it, so that it runs between the nodes, not over them.
// Never all of a large lake: the ways that are new or busiest, and what is left is counted.

const NODES_OF_LAYER = 16;
const MOST_HOPS = 4;
const WAYS_OF_GRAPH = 80;

/** The stations of a way: keys of nodes. Of a longer way the middle is one station. */
function stations(way, account) {
  let hops = way.roles.map((role) => ({ key: `role ${role}`, role }));
  if (hops.length > MOST_HOPS) {
    const left = hops.length - MOST_HOPS + 1;
    hops = [...hops.slice(0, 2), { key: `hops ${left}`, label: `${left} more roles` }, ...hops.slice(2 - MOST_HOPS + 1)];
  }
  return [{ key: `actor ${way.actor}`, actor: way.actor }, ...hops, { key: `account ${account}`, account }];
}

/** The ways that are drawn: new ones first, then the busiest. */
const drawnWays = (found) =>
  [...found].sort((a, b) => b.isNew - a.isNew || b.events - a.events).slice(0, WAYS_OF_GRAPH);

/** Nodes with their events by layer, and the ways as lists of [layer, node key]. */
function layered(found) {
  const depth = Math.min(MOST_HOPS, Math.max(...found.map((way) => way.roles.length)));
  const layers = Array.from({ length: depth + 2 }, () => new Map());
  const runs = [];
  for (const way of found) {
    for (const item of items(way.accounts)) {
      const run = stations(way, item.text).map((station, at, all) => {
        const layer = at === all.length - 1 ? depth + 1 : at;
        const node = layers[layer].get(station.key) ?? { ...station, layer, events: 0 };
        node.events += item.events;
        layers[layer].set(station.key, node);
        return [layer, station.key];
      });
      runs.push({ run, events: item.events, weak: isWeak(way.evidence) });
    }
  }
  return { layers, runs };
}

/** Of each layer the busiest nodes; the others become one node that says how many they are. */
function folded({ layers, runs }) {
  const renamed = layers.map((layer, number) => {
    const names = new Map();
    const ranked = [...layer.values()].sort((a, b) => b.events - a.events);
    const rest = ranked.slice(layer.size > NODES_OF_LAYER + 1 ? NODES_OF_LAYER : layer.size);
    if (rest.length) {
      const total = rest.reduce((sum, node) => sum + node.events, 0);
      for (const node of rest) {
        layer.delete(node.key);
        names.set(node.key, 'rest');
      }
      layer.set('rest', { key: 'rest', layer: number, rest: rest.length, events: total });
    }
    return names;
  });
  const edges = new Map();
  for (const { run, events: weight, weak } of runs) {
    const places = run.map(([layer, key]) => [layer, renamed[layer].get(key) ?? key]);
    for (let at = 1; at < places.length; at += 1) {
      const [from, to] = [places[at - 1], places[at]];
      const name = JSON.stringify([from, to]);
      const edge = edges.get(name) ?? { from, to, events: 0, weak: false };
      edge.events += weight;
      edge.weak ||= weak;
      edges.set(name, edge);
    }
  }
  return { layers, edges: [...edges.values()] };
}

/** Every edge as steps from one layer to the next; edges to one node share a place on the way. */
function routed({ layers, edges }) {
  const order = layers.map((layer) => [...layer.values()].sort((a, b) => b.events - a.events));
  const links = [];
  const bends = new Map();
  for (const edge of edges) {
    const points = [layers[edge.from[0]].get(edge.from[1])];
    for (let layer = edge.from[0] + 1; layer < edge.to[0]; layer += 1) {
      const name = JSON.stringify([layer, edge.to]);
      if (!bends.has(name)) {
        bends.set(name, { bend: true, layer, key: name });
        order[layer].push(bends.get(name));
      }
      points.push(bends.get(name));
    }
    points.push(layers[edge.to[0]].get(edge.to[1]));
    links.push({ ...edge, points });
  }
  return { order, links };
}

/** Nodes of a layer in the order of the middle of their neighbours; a few sweeps untangle most. */
function untangled({ order, links }) {
  const neighbours = new Map();
  const join = (one, other) => neighbours.set(one, [...(neighbours.get(one) ?? []), other]);
  for (const { points } of links) {
    for (let at = 1; at < points.length; at += 1) {
      join(points[at - 1], points[at]);
      join(points[at], points[at - 1]);
    }
  }
  const number = () => order.forEach((layer) => layer.forEach((node, at) => { node.at = (at + 0.5) / layer.length; }));
  number();
  for (let sweep = 0; sweep < 8; sweep += 1) {
    const going = sweep % 2 ? -1 : 1;
    const through = sweep % 2 ? [...order].reverse() : order;
    for (const layer of through.slice(1)) {
      for (const node of layer) {
        const near = (neighbours.get(node) ?? []).filter((other) => (other.layer - node.layer) * going < 0);
        node.middle = near.length ? near.reduce((sum, other) => sum + other.at, 0) / near.length : node.at;
      }
      layer.sort((a, b) => Boolean(a.rest) - Boolean(b.rest) || a.middle - b.middle || a.at - b.at);
      layer.forEach((node, at) => { node.at = (at + 0.5) / layer.length; });
    }
  }
  return { order, links };
}
