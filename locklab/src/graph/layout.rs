//! Where the boxes of a picture go: in layers from top to bottom, each edge's label in a layer of its own between two, so that nothing lies
//! on anything else.
//!
//! The steps are those of Sugiyama's method: turn the edges of cycles round, layer, order each layer by barycentres, give coordinates by least
//! squares with distances kept (pool adjacent violators).
//!
//! Invariant: a function of the sizes and edges alone; ties go to the lower number.

/// A size in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    /// From left to right.
    pub width: f64,
    /// From top to bottom.
    pub height: f64,
}

/// A place in pixels, from the top left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// To the right.
    pub x: f64,
    /// Down.
    pub y: f64,
}

/// An edge to place: from one box to another, with a label of this size.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    /// The box it leaves.
    pub from: usize,
    /// The box it comes to.
    pub to: usize,
    /// Its label's size.
    pub label: Size,
}

/// Where an edge goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// Through these points, from the box it leaves to the one it comes to.
    pub points: Vec<Point>,
    /// The middle of its label.
    pub label: Point,
}

/// Where everything is.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// The middle of each box.
    pub boxes: Vec<Point>,
    /// Each edge.
    pub routes: Vec<Route>,
    /// The whole picture.
    pub size: Size,
}

const GAP: f64 = 34.0;
const LAYER_GAP: f64 = 34.0;
const SWEEPS: usize = 24;

/// A box, a label, or a bend of an edge that passes a layer.
#[derive(Clone, Debug)]
struct Item {
    layer: usize,
    size: Size,
    up: Vec<usize>,
    down: Vec<usize>,
    x: f64,
}

struct Grid {
    items: Vec<Item>,
    layers: Vec<Vec<usize>>,
}

/// Lays out boxes of these sizes. Edges from a box to itself are no part of this.
pub fn layout(sizes: &[Size], links: &[Link]) -> Layout {
    let turned = turned(sizes.len(), links);
    let ends = |at: usize| if turned[at] { (links[at].to, links[at].from) } else { (links[at].from, links[at].to) };
    let rank = ranks(sizes.len(), &(0..links.len()).map(ends).collect::<Vec<_>>());
    let item = |layer, size| Item { layer, size, up: Vec::new(), down: Vec::new(), x: 0.0 };
    let mut items: Vec<Item> = sizes.iter().zip(&rank).map(|(&size, &rank)| item(2 * rank, size)).collect();
    let mut chains = Vec::new();
    for (at, link) in links.iter().enumerate() {
        let (top, bottom) = ends(at);
        let (first, last) = (items[top].layer + 1, items[bottom].layer - 1);
        // The label is in the middle, where labels are: in a layer between those of boxes.
        let label_layer = ((first + last) / 2) | 1;
        let mut chain = vec![top];
        for layer in first..=last {
            let size = if layer == label_layer { link.label } else { Size { width: 2.0, height: 0.0 } };
            chain.push(items.len());
            items.push(item(layer, size));
        }
        chain.push(bottom);
        for pair in chain.windows(2) {
            items[pair[0]].down.push(pair[1]);
            items[pair[1]].up.push(pair[0]);
        }
        let label = chain[1 + label_layer - first];
        chains.push((chain, label));
    }
    let mut grid = Grid::new(items);
    grid.order();
    grid.place();
    grid.straighten(&chains, sizes.len());
    let tops = grid.heights();
    routes(&grid, &tops, sizes.len(), &chains, &turned)
}

/// Which edges to turn round so that no cycle is left: those that lead back in a search in depth, from the first box on.
fn turned(boxes: usize, links: &[Link]) -> Vec<bool> {
    let mut turned = vec![false; links.len()];
    let mut state = vec![0u8; boxes];
    for root in 0..boxes {
        if state[root] != 0 {
            continue;
        }
        state[root] = 1;
        let mut stack = vec![(root, 0)];
        while let Some((at, next)) = stack.pop() {
            let Some(link) = (next..links.len()).find(|&link| links[link].from == at) else {
                state[at] = 2;
                continue;
            };
            stack.push((at, link + 1));
            match state[links[link].to] {
                0 => {
                    state[links[link].to] = 1;
                    stack.push((links[link].to, 0));
                }
                1 => turned[link] = true,
                _ => {}
            }
        }
    }
    turned
}

/// The longest way to each box, of edges without a cycle.
fn ranks(boxes: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut rank = vec![0; boxes];
    for _ in 0..boxes {
        for &(top, bottom) in edges {
            rank[bottom] = rank[bottom].max(rank[top] + 1);
        }
    }
    rank
}

impl Grid {
    fn new(items: Vec<Item>) -> Self {
        let count = items.iter().map(|item| item.layer + 1).max().unwrap_or(0);
        let mut layers = vec![Vec::new(); count];
        for (at, item) in items.iter().enumerate() {
            layers[item.layer].push(at);
        }
        Self { items, layers }
    }

    fn positions(&self) -> Vec<usize> {
        let mut position = vec![0; self.items.len()];
        for layer in &self.layers {
            for (at, &item) in layer.iter().enumerate() {
                position[item] = at;
            }
        }
        position
    }

    /// Orders each layer by the mean of its neighbours above, then below, and keeps the order with the fewest crossings.
    fn order(&mut self) {
        let mut best = (self.crossings(), self.layers.clone());
        for sweep in 0..SWEEPS {
            let down = sweep % 2 == 0;
            let count = self.layers.len();
            let layers: Vec<usize> = if down { (0..count).collect() } else { (0..count).rev().collect() };
            for layer in layers {
                let position = self.positions();
                let mean = |item: usize| {
                    let near = if down { &self.items[item].up } else { &self.items[item].down };
                    match near.len() {
                        0 => position[item] as f64,
                        count => near.iter().map(|&other| position[other] as f64).sum::<f64>() / count as f64,
                    }
                };
                let mut order: Vec<(f64, usize)> = self.layers[layer].iter().map(|&item| (mean(item), item)).collect();
                order.sort_by(|a, b| a.0.total_cmp(&b.0));
                self.layers[layer] = order.into_iter().map(|(_, item)| item).collect();
            }
            let crossings = self.crossings();
            if crossings < best.0 {
                best = (crossings, self.layers.clone());
            }
        }
        self.layers = best.1;
    }

    fn crossings(&self) -> usize {
        let position = self.positions();
        let between = |layer: &Vec<usize>| {
            let lines: Vec<(usize, usize)> = layer
                .iter()
                .flat_map(|&top| self.items[top].down.iter().map(move |&bottom| (top, bottom)))
                .map(|(top, bottom)| (position[top], position[bottom]))
                .collect();
            let cross = |a: &(usize, usize), b: &(usize, usize)| (a.0 < b.0 && a.1 > b.1) || (a.0 > b.0 && a.1 < b.1);
            let pairs = lines.iter().enumerate().map(|(at, a)| lines[at + 1..].iter().filter(|b| cross(a, b)).count());
            pairs.sum::<usize>()
        };
        self.layers.iter().map(between).sum()
    }

    /// Each layer in turn goes as near to its neighbours as the distances allow.
    fn place(&mut self) {
        for layer in 0..self.layers.len() {
            let targets = vec![0.0; self.layers[layer].len()];
            self.settle(layer, &targets, |_| 1.0);
        }
        for sweep in 0..4 * SWEEPS {
            let count = self.layers.len();
            let layers: Vec<usize> = if sweep % 2 == 0 { (0..count).collect() } else { (0..count).rev().collect() };
            for layer in layers {
                let target = |&item: &usize| {
                    let near: Vec<usize> = self.items[item].up.iter().chain(&self.items[item].down).copied().collect();
                    match near.len() {
                        0 => self.items[item].x,
                        count => near.iter().map(|&other| self.items[other].x).sum::<f64>() / count as f64,
                    }
                };
                let targets: Vec<f64> = self.layers[layer].iter().map(target).collect();
                self.settle(layer, &targets, |_| 1.0);
            }
        }
    }

    /// Each edge goes as straight down as its layers let it; the boxes stay where they are.
    fn straighten(&mut self, chains: &[(Vec<usize>, usize)], boxes: usize) {
        let mut target: Vec<f64> = self.items.iter().map(|item| item.x).collect();
        for _ in 0..8 * SWEEPS {
            for (chain, _) in chains {
                let inner = &chain[1..chain.len() - 1];
                // Between neighbouring layers a label is in the middle between its boxes.
                let guides = if inner.len() == 1 { &[chain[0], chain[2]] } else { inner };
                let mean = guides.iter().map(|&item| self.items[item].x).sum::<f64>() / guides.len() as f64;
                inner.iter().for_each(|&item| target[item] = mean);
            }
            for layer in 0..self.layers.len() {
                let targets: Vec<f64> = self.layers[layer].iter().map(|&item| target[item]).collect();
                self.settle(layer, &targets, |item| if item < boxes { 1000.0 } else { 1.0 });
            }
        }
        let left = |item: &Item| item.x - item.size.width / 2.0;
        let least = self.items.iter().map(left).fold(f64::INFINITY, f64::min);
        if least.is_finite() {
            self.items.iter_mut().for_each(|item| item.x -= least);
        }
    }

    /// The places nearest to the targets, in the layer's order and with its distances.
    fn settle(&mut self, layer: usize, targets: &[f64], weight: impl Fn(usize) -> f64) {
        let order = &self.layers[layer];
        let mut offsets = vec![0.0; order.len()];
        for at in 1..order.len() {
            let widths = self.items[order[at - 1]].size.width + self.items[order[at]].size.width;
            offsets[at] = offsets[at - 1] + widths / 2.0 + GAP;
        }
        // Blocks of neighbours that push each other: how many, their weight, and the mean of where they want to be.
        let mut blocks: Vec<(usize, f64, f64)> = Vec::new();
        for ((target, offset), &item) in targets.iter().zip(&offsets).zip(order) {
            let mut block = (1, weight(item), target - offset);
            while let Some(&(count, weight, mean)) = blocks.last()
                && mean > block.2
            {
                blocks.pop();
                let total = weight + block.1;
                block = (count + block.0, total, (mean * weight + block.2 * block.1) / total);
            }
            blocks.push(block);
        }
        let means = blocks.into_iter().flat_map(|(count, _, mean)| std::iter::repeat_n(mean, count));
        let places: Vec<f64> = means.zip(&offsets).map(|(mean, offset)| mean + offset).collect();
        for (&item, place) in self.layers[layer].iter().zip(places) {
            self.items[item].x = place;
        }
    }

    /// The middle of each layer, and its height.
    fn heights(&self) -> Vec<(f64, f64)> {
        let mut top = 0.0;
        let mut all = Vec::new();
        for layer in &self.layers {
            let height = layer.iter().map(|&item| self.items[item].size.height).fold(0.0, f64::max);
            all.push((top + height / 2.0, height));
            top += height + LAYER_GAP;
        }
        all
    }
}

fn routes(
    grid: &Grid,
    heights: &[(f64, f64)],
    boxes: usize,
    chains: &[(Vec<usize>, usize)],
    turned: &[bool],
) -> Layout {
    let middle = |item: usize| Point { x: grid.items[item].x, y: heights[grid.items[item].layer].0 };
    let mut routes = Vec::new();
    for (at, (chain, label)) in chains.iter().enumerate() {
        let mut points = Vec::new();
        for (step, &item) in chain.iter().enumerate() {
            let here = middle(item);
            let half = heights[grid.items[item].layer].1 / 2.0;
            if item < boxes {
                // At the edge of a box, beside the other edges that end there.
                let below = step == 0;
                let own = grid.items[item].size;
                let next = if below { chain[1] } else { chain[chain.len() - 2] };
                let mut near: Vec<usize> =
                    if below { grid.items[item].down.clone() } else { grid.items[item].up.clone() };
                near.sort_by(|&a, &b| grid.items[a].x.total_cmp(&grid.items[b].x).then(a.cmp(&b)));
                let place = near.iter().position(|&other| other == next).unwrap_or(0);
                let room = (own.width - 24.0).min(46.0 * (near.len() - 1) as f64).max(0.0);
                let shift = match near.len() {
                    0 | 1 => 0.0,
                    count => room * (place as f64 / (count - 1) as f64 - 0.5),
                };
                let side = if below { own.height / 2.0 } else { -own.height / 2.0 };
                points.push(Point { x: here.x + shift, y: here.y + side });
            } else {
                // Straight through the whole layer, so that nothing in it is crossed.
                points.push(Point { x: here.x, y: here.y - half });
                points.push(Point { x: here.x, y: here.y + half });
            }
        }
        if turned[at] {
            points.reverse();
        }
        routes.push(Route { points, label: middle(*label) });
    }
    let width = grid.items.iter().map(|item| item.x + item.size.width / 2.0).fold(0.0, f64::max);
    let height = heights.last().map_or(0.0, |(middle, height)| middle + height / 2.0);
    Layout { boxes: (0..boxes).map(middle).collect(), routes, size: Size { width, height } }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOX: Size = Size { width: 100.0, height: 40.0 };
    const LABEL: Size = Size { width: 60.0, height: 20.0 };

    fn link(from: usize, to: usize) -> Link {
        Link { from, to, label: LABEL }
    }

    fn overlap(a: (Point, Size), b: (Point, Size)) -> bool {
        (a.0.x - b.0.x).abs() < (a.1.width + b.1.width) / 2.0 - 1e-6
            && (a.0.y - b.0.y).abs() < (a.1.height + b.1.height) / 2.0 - 1e-6
    }

    /// All graphs over four boxes, of edges without loops: none of the boxes and labels lies on another, and each edge ends at its boxes.
    #[test]
    fn no_box_and_no_label_lies_on_another_in_any_graph_of_four() {
        let pairs: Vec<(usize, usize)> =
            (0..4).flat_map(|a| (0..4).map(move |b| (a, b))).filter(|(a, b)| a != b).collect();
        for graph in 0u32..1 << pairs.len() {
            let links: Vec<Link> = (0..pairs.len())
                .filter(|bit| graph & 1 << bit != 0)
                .map(|bit| link(pairs[bit].0, pairs[bit].1))
                .collect();
            let layout = layout(&[BOX; 4], &links);
            let boxes = layout.boxes.iter().map(|&at| (at, BOX));
            let labels = layout.routes.iter().map(|route| (route.label, LABEL));
            let all: Vec<(Point, Size)> = boxes.chain(labels).collect();
            for (at, &a) in all.iter().enumerate() {
                assert!(all[at + 1..].iter().all(|&b| !overlap(a, b)), "{links:?}");
            }
            for (link, route) in links.iter().zip(&layout.routes) {
                let ends = [(route.points[0], link.from), (route.points[route.points.len() - 1], link.to)];
                for (point, at) in ends {
                    assert!((point.x - layout.boxes[at].x).abs() <= BOX.width / 2.0);
                    assert_eq!((point.y - layout.boxes[at].y).abs(), BOX.height / 2.0);
                }
            }
        }
    }

    #[test]
    fn a_chain_goes_straight_down() {
        let layout = layout(&[BOX; 3], &[link(0, 1), link(1, 2)]);
        assert!(layout.boxes.iter().all(|at| at.x == 50.0));
        assert_eq!(layout.boxes.iter().map(|at| at.y).collect::<Vec<_>>(), [20.0, 148.0, 276.0]);
    }
}
