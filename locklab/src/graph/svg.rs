//! The picture as SVG: text and lines only, on a light page of its own, which is legible wherever it is shown.
//!
//! Invariant: equal pictures give equal bytes.

use super::layout::{Layout, Link, Point, Size, layout};
use super::picture::{Edge, Picture, Why};
use std::fmt::Write;

const NAME_WIDTH: f64 = 8.5;
const SMALL_WIDTH: f64 = 7.0;
const LINE: f64 = 15.0;
const MARGIN: f64 = 28.0;
const LOOP: f64 = 44.0;

const STYLE: &str = "\
  text { font-family: ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; fill: #1f2328; }
  .name { font-size: 14px; font-weight: 600; }
  .small { font-size: 11.5px; fill: #57606a; }
  .title { font-size: 13px; fill: #57606a; }
  .page { fill: #fbfbf9; }
  .box { fill: #ffffff; stroke: #8c959f; stroke-width: 1.3; }
  .bad.box { fill: #fff1f0; stroke: #cf222e; stroke-width: 2; }
  .bad.small, .bad.usage { fill: #a40e26; }
  .usage { font-size: 13px; fill: #0550ae; }
  .edge { fill: none; stroke: #6e7781; stroke-width: 1.4; }
  .bad.edge { stroke: #cf222e; stroke-width: 2; }
  .irq { stroke-dasharray: 6 4; }
";

/// Draws the picture.
pub fn draw(picture: &Picture, title: &str) -> String {
    let sizes: Vec<Size> = (0..picture.classes.len()).map(|class| size(picture, class)).collect();
    let straight: Vec<&Edge> = picture.edges.iter().filter(|edge| edge.from != edge.to).collect();
    let links: Vec<Link> =
        straight.iter().map(|edge| Link { from: edge.from, to: edge.to, label: label_size(&label(edge)) }).collect();
    let placed = layout(&sizes, &links);
    let legend = legend(picture);
    let words = legend.iter().map(String::as_str).chain([title]);
    let text_width = words.map(|line| line.chars().count() as f64 * SMALL_WIDTH * 1.12).fold(0.0, f64::max);
    let width = placed.size.width.max(text_width) + 2.0 * MARGIN;
    let top = MARGIN + 26.0;
    let height = top + placed.size.height + 26.0 + legend.len() as f64 * (LINE + 1.0) + MARGIN / 2.0;
    // The graph in the middle, where the words need more room.
    let left = (width - placed.size.width) / 2.0;

    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\">\n\
         <title>{}</title>\n<style>\n{STYLE}</style>\n\
         <defs>\n  <marker id=\"arrow\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"9\" markerHeight=\"9\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0 0.5 L10 5 L0 9.5 L2.5 5 z\" fill=\"#6e7781\"/></marker>\n\
         \x20 <marker id=\"bad-arrow\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"11\" markerHeight=\"11\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0 0.5 L10 5 L0 9.5 L2.5 5 z\" fill=\"#cf222e\"/></marker>\n</defs>\n\
         <rect class=\"page\" width=\"100%\" height=\"100%\" rx=\"8\"/>\n",
        escaped(title)
    );
    text(&mut svg, Point { x: MARGIN, y: MARGIN + 4.0 }, "title", "start", title);
    let _ = writeln!(svg, "<g transform=\"translate({left:.1} {top:.1})\">");
    edges(&mut svg, &placed, &straight);
    for (class, (at, size)) in placed.boxes.iter().zip(&sizes).enumerate() {
        node(&mut svg, picture, class, *at, *size);
    }
    svg.push_str("</g>\n");
    for (line, words) in legend.iter().enumerate() {
        let y = top + placed.size.height + 38.0 + line as f64 * (LINE + 1.0);
        text(&mut svg, Point { x: MARGIN, y }, "small", "start", words);
    }
    svg.push_str("</svg>\n");
    svg
}

/// The box of a class, with room for the edges from it to itself on either side.
fn size(picture: &Picture, class: usize) -> Size {
    let body = body(picture, class);
    let room = loops(picture, class).map(|edge| LOOP + label_size(&label(edge)).width).fold(0.0, f64::max);
    Size { width: body.width + 2.0 * room, height: body.height }
}

fn body(picture: &Picture, class: usize) -> Size {
    let class = &picture.classes[class];
    let name = (class.name.chars().count() + 2 + class.usage.chars().count()) as f64 * NAME_WIDTH;
    let below = small_lines(class.lock, &class.safety);
    let widest = below.iter().map(|line| line.chars().count() as f64 * SMALL_WIDTH).fold(name, f64::max);
    Size { width: widest + 26.0, height: 28.0 + below.len() as f64 * LINE + 6.0 }
}

fn small_lines(lock: &str, safety: &[String]) -> Vec<String> {
    let words: Vec<&str> = std::iter::once(lock).chain(safety.iter().map(String::as_str)).collect();
    vec![words.join(" · ")]
}

fn loops(picture: &Picture, class: usize) -> impl Iterator<Item = &Edge> {
    picture.edges.iter().filter(move |edge| edge.from == class && edge.to == class)
}

/// `EN  line 12  writer`, a line for each who made it.
pub fn label(edge: &Edge) -> Vec<String> {
    let made = edge.made.iter().map(|made| match made.kind {
        Some(kind) => format!("{kind} · {} · line {}", made.context, made.line),
        None => format!("interrupt · {} · line {}", made.context, made.line),
    });
    made.collect()
}

fn label_size(lines: &[String]) -> Size {
    let widest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    Size { width: widest as f64 * SMALL_WIDTH + 10.0, height: lines.len() as f64 * LINE + 4.0 }
}

fn edges(svg: &mut String, placed: &Layout, edges: &[&Edge]) {
    for (edge, route) in edges.iter().zip(&placed.routes) {
        let mut path = String::new();
        let mut last: Option<Point> = None;
        for &point in &route.points {
            let _ = match last {
                None => write!(path, "M{:.1} {:.1}", point.x, point.y),
                Some(from) if from.x == point.x => write!(path, " L{:.1} {:.1}", point.x, point.y),
                Some(from) => {
                    // Down, over, and down again.
                    let middle = (from.y + point.y) / 2.0;
                    write!(path, " C{:.1} {middle:.1} {:.1} {middle:.1} {:.1} {:.1}", from.x, point.x, point.x, point.y)
                }
            };
            last = Some(point);
        }
        line(svg, edge, &path);
    }
    for (edge, route) in edges.iter().zip(&placed.routes) {
        words(svg, edge, route.label);
    }
}

fn line(svg: &mut String, edge: &Edge, path: &str) {
    let bad = if edge.reported { "bad " } else { "" };
    let irq = if edge.why == Why::Interrupt { " irq" } else { "" };
    let arrow = if edge.reported { "bad-arrow" } else { "arrow" };
    let _ = writeln!(svg, "<path class=\"{bad}edge{irq}\" d=\"{path}\" marker-end=\"url(#{arrow})\"/>");
}

/// The label, on the page's colour, so that the line stops for it.
fn words(svg: &mut String, edge: &Edge, at: Point) {
    let lines = label(edge);
    let size = label_size(&lines);
    let (x, y) = (at.x - size.width / 2.0, at.y - size.height / 2.0);
    let _ = writeln!(
        svg,
        "<rect class=\"page\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
        size.width, size.height
    );
    for (row, words) in lines.iter().enumerate() {
        let class = if edge.reported { "bad small" } else { "small" };
        text(svg, Point { x: at.x, y: y + 13.5 + row as f64 * LINE }, class, "middle", words);
    }
}

fn node(svg: &mut String, picture: &Picture, class: usize, at: Point, _size: Size) {
    let body = body(picture, class);
    let own = &picture.classes[class];
    let (x, y) = (at.x - body.width / 2.0, at.y - body.height / 2.0);
    let bad = if own.reported { "bad " } else { "" };
    for edge in loops(picture, class) {
        let right = at.x + body.width / 2.0;
        let (upper, lower) = (at.y - 9.0, at.y + 9.0);
        let far = right + LOOP - 6.0;
        line(
            svg,
            edge,
            &format!(
                "M{right:.1} {upper:.1} C{far:.1} {:.1} {far:.1} {:.1} {right:.1} {lower:.1}",
                upper - 9.0,
                lower + 9.0
            ),
        );
        let wide = label_size(&label(edge)).width;
        words(svg, edge, Point { x: right + LOOP - 8.0 + wide / 2.0, y: at.y });
    }
    let _ = writeln!(
        svg,
        "<rect class=\"{bad}box\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"7\"/>",
        body.width, body.height
    );
    let _ = writeln!(
        svg,
        "<text class=\"name\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}<tspan dx=\"10\" class=\"{bad}usage\">{}</tspan></text>",
        at.x,
        y + 22.0,
        escaped(&own.name),
        escaped(&own.usage)
    );
    for (row, words) in small_lines(own.lock, &own.safety).iter().enumerate() {
        text(svg, Point { x: at.x, y: y + 39.0 + row as f64 * LINE }, "small", "middle", words);
    }
}

fn legend(picture: &Picture) -> Vec<String> {
    let mut lines = vec![
        "A → B: B is waited for with A held. E exclusive, S shared, R recursive reader, N other.".to_owned(),
        "{hard hard-read soft soft-read}: - taken in that interrupt, + held with it on, ? both".to_owned(),
    ];
    let any = |test: fn(&Edge) -> bool| picture.edges.iter().any(test);
    if any(|edge| edge.reported) || picture.classes.iter().any(|class| class.reported) {
        lines.push(
            "red: what can go wrong, a cycle or the way from an interrupt's lock to one held open to it".to_owned(),
        );
    }
    if any(|edge| edge.why == Why::Interrupt) {
        lines.push("dashed: the interrupt can come in while A is held, and its handler waits for B".to_owned());
    }
    lines
}

fn text(svg: &mut String, at: Point, class: &str, anchor: &str, words: &str) {
    let _ = writeln!(
        svg,
        "<text class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
        at.x,
        at.y,
        escaped(words)
    );
}

fn escaped(words: &str) -> String {
    words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
