//! Draws the world for the map of regions: Natural Earth's outlines, from npm, in an equal-area
//! projection, simplified for a small map. The result is Rust source that `src/charts/world.rs`
//! includes: outlines as SVG paths, and dots for regions too small to draw.

use serde_json::Value;
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write;
use std::path::Path;

/// Natural Earth at 1:110 million; a region it lacks is drawn as a dot at its place in the finer
/// file.
const COARSE: &str = "../assets/node_modules/world-atlas/countries-110m.json";
const FINE: &str = "../assets/node_modules/world-atlas/countries-50m.json";
/// Maps outlines to regions.
const NAMES: &str = "../assets/world.txt";

/// Width of the drawing in units.
const WIDTH: f64 = 1_000.0;
/// Northern and southern limit in degrees: no region lies beyond.
const NORTH: f64 = 83.7;
const SOUTH: f64 = -55.7;
/// Points that change an outline by fewer square units are dropped.
const DETAIL: f64 = 5.0;
/// Islands of fewer square units are dropped if their country has a larger part.
const ISLET: f64 = 5.0;

type Point = (f64, f64);

fn main() -> Result<(), Box<dyn Error>> {
    for file in [COARSE, FINE, NAMES] {
        println!("cargo::rerun-if-changed={file}");
    }
    let out = std::env::var("OUT_DIR")?;
    std::fs::write(Path::new(&out).join("world.rs"), draw()?)?;
    Ok(())
}

fn draw() -> Result<String, Box<dyn Error>> {
    let names = Names::read(&text(NAMES)?)?;
    let mut shapes: BTreeMap<String, Vec<Vec<Point>>> = BTreeMap::new();
    for country in countries(COARSE, &names)? {
        shapes.entry(country.code).or_default().extend(country.rings);
    }
    let mut dots: BTreeMap<String, Point> = BTreeMap::new();
    for country in countries(FINE, &names)? {
        let largest = country.rings.iter().max_by(|a, b| area(a).total_cmp(&area(b)));
        if let Some(ring) = largest.filter(|_| !shapes.contains_key(&country.code)) {
            dots.insert(country.code, middle(ring));
        }
    }
    for (code, (lon, lat)) in names.dots {
        dots.insert(code, project(lon, lat));
    }
    dots.remove("");

    let mut out = String::new();
    let (_, bottom) = project(0.0, SOUTH);
    writeln!(out, "/// Width and height of the picture.")?;
    writeln!(out, "pub(super) const SIZE: (u32, u32) = ({WIDTH:.0}, {bottom:.0});")?;
    writeln!(out, "/// Outlines by region; that of land which is no region has no code.")?;
    writeln!(out, "pub(super) const SHAPES: &[(&str, &str)] = &[")?;
    for (code, rings) in shapes {
        writeln!(out, "    ({code:?}, {:?}),", path(&rings))?;
    }
    writeln!(out, "];\n/// Middles of regions too small to be drawn.")?;
    writeln!(out, "pub(super) const DOTS: &[(&str, i32, i32)] = &[")?;
    for (code, (x, y)) in dots {
        writeln!(out, "    ({code:?}, {x:.0}, {y:.0}),")?;
    }
    writeln!(out, "];")?;
    Ok(out)
}

fn text(file: &str) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|error| {
        format!("{file}: {error}. It comes from npm: run `make build`, or `npm ci` in assets/")
    })
}

/// The content of `assets/world.txt`.
#[derive(Default)]
struct Names {
    numbers: BTreeMap<String, String>,
    names: BTreeMap<String, String>,
    /// Country, region, and the degrees west, south, east, north.
    cuts: Vec<(String, String, [f64; 4])>,
    dots: Vec<(String, Point)>,
}

impl Names {
    fn read(text: &str) -> Result<Self, Box<dyn Error>> {
        let mut all = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let words: Vec<_> = line.split(' ').collect();
            match words.as_slice() {
                ["number", number, code] => {
                    all.numbers.insert((*number).into(), (*code).into());
                }
                ["name", code, name @ ..] => {
                    all.names.insert(name.join(" "), (*code).into());
                }
                ["cut", number, code, w, s, e, n] => {
                    let degrees = [w.parse()?, s.parse()?, e.parse()?, n.parse()?];
                    all.cuts.push(((*number).into(), (*code).into(), degrees));
                }
                ["dot", code, lon, lat] => {
                    all.dots.push(((*code).into(), (lon.parse()?, lat.parse()?)));
                }
                _ => return Err(format!("{NAMES}: {line:?} is none of the four kinds").into()),
            }
        }
        Ok(all)
    }
}

/// A region's code and outlines, projected.
struct Country {
    code: String,
    rings: Vec<Vec<Point>>,
}

/// Reads a TopoJSON file: arcs, shared by neighbours, delta-encoded on a grid.
fn countries(file: &str, names: &Names) -> Result<Vec<Country>, Box<dyn Error>> {
    let json: Value = serde_json::from_str(&text(file)?)?;
    let number = |value: &Value| value.as_f64().ok_or_else(|| format!("{file}: no number"));
    let pair =
        |value: &Value| -> Result<Point, String> { Ok((number(&value[0])?, number(&value[1])?)) };
    let scale = pair(&json["transform"]["scale"])?;
    let origin = pair(&json["transform"]["translate"])?;
    let mut arcs = Vec::new();
    for arc in list(&json["arcs"]) {
        let mut at = (0.0, 0.0);
        let mut points = Vec::new();
        for step in list(arc) {
            let (x, y) = pair(step)?;
            at = (at.0 + x, at.1 + y);
            points.push((at.0 * scale.0 + origin.0, at.1 * scale.1 + origin.1));
        }
        arcs.push(points);
    }
    let mut found = Vec::new();
    for shape in list(&json["objects"]["countries"]["geometries"]) {
        let id = shape["id"].as_str().unwrap_or_default();
        let name = shape["properties"]["name"].as_str().unwrap_or_default();
        let code = names.numbers.get(id).or_else(|| names.names.get(name));
        if id == "010" {
            continue;
        }
        let polygons: Vec<&Value> = match shape["type"].as_str() {
            Some("Polygon") => vec![&shape["arcs"]],
            Some("MultiPolygon") => list(&shape["arcs"]).iter().collect(),
            _ => continue,
        };
        for polygon in polygons {
            let degrees: Vec<Vec<Vec<Point>>> =
                list(polygon).iter().map(|ring| pieces(ring, &arcs)).collect();
            let outer: Vec<Point> =
                degrees.first().into_iter().flatten().flatten().copied().collect();
            let cut = names.cuts.iter().find(|(of, _, edges)| of == id && within(&outer, *edges));
            let code = cut.map(|(_, code, _)| code).or(code).cloned().unwrap_or_default();
            let rings = degrees.iter().flat_map(|pieces| join(pieces)).collect();
            found.push(Country { code, rings });
        }
    }
    Ok(found)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A ring's arcs in its own direction: `~n` is arc n reversed.
fn pieces(ring: &Value, arcs: &[Vec<Point>]) -> Vec<Vec<Point>> {
    let arc = |index: &Value| -> Option<Vec<Point>> {
        let index = index.as_i64()?;
        let at = usize::try_from(if index < 0 { !index } else { index }).ok()?;
        let mut arc = arcs.get(at)?.clone();
        if index < 0 {
            arc.reverse();
        }
        Some(arc)
    };
    list(ring).iter().filter_map(arc).collect()
}

/// Simplifies each arc separately, so that neighbours keep the same border, joins them, and splits
/// rings at the date line.
fn join(pieces: &[Vec<Point>]) -> Vec<Vec<Point>> {
    // A ring of one arc needs four points to enclose an area.
    let fewest = if pieces.len() == 1 { 4 } else { 2 };
    let mut ring: Vec<Point> = Vec::new();
    for (lon, lat) in pieces.iter().flat_map(|piece| simplified(piece.clone(), fewest)) {
        let turns = ring.last().map_or(0.0, |last| ((last.0 - lon) / 360.0).round());
        ring.push((lon + 360.0 * turns, lat));
    }
    let parts = [-360.0, 0.0, 360.0].map(|turn| {
        let ring: Vec<Point> = ring.iter().map(|&(lon, lat)| (lon + turn, lat)).collect();
        clipped(&clipped(&ring, 180.0, 1.0), -180.0, -1.0)
    });
    let shown = |part: &Vec<Point>| part.len() > 2;
    let drawn = |part: Vec<Point>| part.iter().map(|&(lon, lat)| project(lon, lat)).collect();
    parts.into_iter().filter(shown).map(drawn).collect()
}

/// Clips a ring to the west of a meridian (`side` 1) or to the east (`side` -1), after Sutherland
/// and Hodgman.
fn clipped(ring: &[Point], meridian: f64, side: f64) -> Vec<Point> {
    let inside = |point: &Point| (point.0 - meridian) * side <= 0.0;
    let mut out = Vec::new();
    for (at, point) in ring.iter().enumerate() {
        let last = &ring[(at + ring.len() - 1) % ring.len()];
        if inside(point) != inside(last) {
            let part = (meridian - last.0) / (point.0 - last.0);
            out.push((meridian, last.1 + part * (point.1 - last.1)));
        }
        if inside(point) {
            out.push(*point);
        }
    }
    out
}

fn within(ring: &[Point], [west, south, east, north]: [f64; 4]) -> bool {
    ring.iter().all(|&(x, y)| west <= x && x <= east && south <= y && y <= north)
}

/// The Equal Earth projection (Šavrič, Patterson, Jenny 2018), with the origin at the top left.
fn project(lon: f64, lat: f64) -> Point {
    let (x, y) = equal_earth(lon, lat);
    let (right, _) = equal_earth(180.0, 0.0);
    let (_, top) = equal_earth(0.0, NORTH);
    let scale = WIDTH / (2.0 * right);
    ((x + right) * scale, (top - y) * scale)
}

fn equal_earth(lon: f64, lat: f64) -> Point {
    const A: [f64; 4] = [1.340264, -0.081106, 0.000893, 0.003796];
    let root = 3.0_f64.sqrt();
    let t = (root / 2.0 * lat.to_radians().sin()).asin();
    let slope = A[0] + 3.0 * A[1] * t.powi(2) + 7.0 * A[2] * t.powi(6) + 9.0 * A[3] * t.powi(8);
    let x = 2.0 * root * lon.to_radians() * t.cos() / (3.0 * slope);
    (x, A[0] * t + A[1] * t.powi(3) + A[2] * t.powi(7) + A[3] * t.powi(9))
}

/// Visvalingam and Whyatt: repeatedly drops the point whose triangle with its neighbours is
/// smallest. Ends stay.
fn simplified(mut points: Vec<Point>, fewest: usize) -> Vec<Point> {
    while points.len() > fewest {
        let smallest = (1..points.len() - 1)
            .map(|at| {
                (at, area(&[at - 1, at, at + 1].map(|at| project(points[at].0, points[at].1))))
            })
            .min_by(|a, b| a.1.total_cmp(&b.1));
        match smallest {
            Some((at, area)) if area < DETAIL => drop(points.remove(at)),
            _ => break,
        }
    }
    points
}

fn area(ring: &[Point]) -> f64 {
    let next = ring.iter().cycle().skip(1);
    let twice: f64 = ring.iter().zip(next).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum();
    twice.abs() / 2.0
}

fn middle(ring: &[Point]) -> Point {
    let edge = |pick: fn(f64, f64) -> f64, of: fn(&Point) -> f64| {
        ring.iter().map(of).reduce(pick).unwrap_or_default()
    };
    let (x, y) = (|point: &Point| point.0, |point: &Point| point.1);
    ((edge(f64::min, x) + edge(f64::max, x)) / 2.0, (edge(f64::min, y) + edge(f64::max, y)) / 2.0)
}

/// Outlines as an SVG path with integer steps.
fn path(rings: &[Vec<Point>]) -> String {
    let largest = rings.iter().map(|ring| area(ring)).fold(0.0, f64::max);
    let mut out = String::new();
    for ring in rings {
        if area(ring) < ISLET.min(largest) {
            continue;
        }
        let mut grid: Vec<(i64, i64)> =
            ring.iter().map(|&(x, y)| (x.round() as i64, y.round() as i64)).collect();
        grid.dedup();
        if grid.len() > 1 && grid.first() == grid.last() {
            grid.pop();
        }
        let mut at = (0, 0);
        for (place, &(x, y)) in grid.iter().enumerate() {
            let (dx, dy) = if place == 0 { (x, y) } else { (x - at.0, y - at.1) };
            let start = ["M", "l"].get(place).copied().unwrap_or_default();
            let gap = if start.is_empty() && dx >= 0 { " " } else { "" };
            let comma = if dy >= 0 { " " } else { "" };
            out.push_str(&format!("{start}{gap}{dx}{comma}{dy}"));
            at = (x, y);
        }
        out.push('z');
    }
    out
}
