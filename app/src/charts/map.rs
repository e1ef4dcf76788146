//! The world map: regions in five steps of one hue.

use super::paint::escaped;
use super::world::{DOTS, SHAPES, SIZE};
use domain::{Region, regions};
use leptos::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Number of colour steps.
const STEPS: usize = 5;
/// Most bytes of the map. If long addresses exceed it, the lowest steps get no links; the table
/// beside the map has all of them.
const MOST: usize = 30 * 1_024;

/// Regions with values. Their shapes are links for the pointer only; keyboard users have the table
/// beside the map.
#[component]
pub(crate) fn Map(
    /// Each region's value, and the value as text.
    regions: Vec<(Region, f64, String)>,
    /// What the values are, such as "Failures by region".
    what: &'static str,
    href: impl Fn(Region) -> String,
) -> impl IntoView {
    let steps = steps(&regions);
    let svg = picture(&regions, &steps, &href);
    let (width, height) = SIZE;
    let legend = steps
        .iter()
        .enumerate()
        .map(|(at, within)| {
            let first = within.first().map(|at| regions[*at].2.clone()).unwrap_or_default();
            let last = within.last().map(|at| regions[*at].2.clone()).unwrap_or_default();
            let text = if first == last { first } else { format!("{first} – {last}") };
            view! { <li><span class="map-step" data-step=STEPS - steps.len() + at + 1></span>{text}</li> }
        })
        .collect_view();
    let none = view! { <li><span class="map-step"></span>"None"</li> };
    // Satellite and freephone numbers have no place on the map.
    let elsewhere: Vec<_> = regions
        .iter()
        .filter(|(region, ..)| *region == Region::WORLD)
        .map(|(region, _, shown)| {
            view! { <a href=href(*region)>{format!("{}: {shown}", regions::name(region))}</a> }
        })
        .collect();
    let elsewhere = (!elsewhere.is_empty())
        .then(|| view! { <p class="map-note">"Not on the map: "{elsewhere.into_iter().collect_view()}</p> });
    view! {
        <figure class="map" data-figure="" data-title=what>
            <svg
                class="drawing" viewBox=format!("0 0 {width} {height}") role="group"
                aria-label=format!("{what}, a map") inner_html=svg
            ></svg>
            <ul class="map-legend" aria-label=what>{none}{legend}</ul>
            {elsewhere}
        </figure>
    }
    .into_any()
}

/// Indexes of the regions, in up to five groups of about equal size, from small to large values.
/// Equal values are in the same group; regions without a value are left out.
fn steps(regions: &[(Region, f64, String)]) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..regions.len())
        .filter(|at| regions[*at].1.is_finite() && regions[*at].1 > 0.0)
        .collect();
    order.sort_by(|a, b| regions[*a].1.total_cmp(&regions[*b].1).then(a.cmp(b)));
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (place, &at) in order.iter().enumerate() {
        let group = place * STEPS / order.len();
        let same = place > 0 && regions[order[place - 1]].1 == regions[at].1;
        match groups.last_mut() {
            Some(last) if same || (place - 1) * STEPS / order.len() == group => last.push(at),
            _ => groups.push(vec![at]),
        }
    }
    groups
}

/// The shapes with as many links as `MOST` allows.
fn picture(
    regions: &[(Region, f64, String)],
    steps: &[Vec<usize>],
    href: &impl Fn(Region) -> String,
) -> String {
    let mut drawn = (0..steps.len()).map(|from| shapes(regions, steps, from, href));
    let small = drawn.find(|svg| svg.len() <= MOST);
    small.unwrap_or_else(|| shapes(regions, steps, steps.len(), href))
}

/// Land without values, then the shapes of each step, as links from the step `linked` on.
fn shapes(
    regions: &[(Region, f64, String)],
    steps: &[Vec<usize>],
    linked: usize,
    href: &impl Fn(Region) -> String,
) -> String {
    let outlines: BTreeMap<&str, &str> = SHAPES.iter().copied().collect();
    let dots: BTreeMap<&str, (i32, i32)> =
        DOTS.iter().map(|&(code, x, y)| (code, (x, y))).collect();
    let valued: Vec<&str> = steps.iter().flatten().map(|at| regions[*at].0.as_str()).collect();
    let mut out = String::from("<path class=\"land\" d=\"");
    for (code, outline) in SHAPES.iter().filter(|(code, _)| !valued.contains(code)) {
        let _ = (code, out.write_str(outline));
    }
    out.push_str("\"/>");
    for (step, within) in steps.iter().enumerate() {
        let _ = write!(out, "<g data-step=\"{}\">", STEPS - steps.len() + step + 1);
        for at in within {
            let (region, _, shown) = &regions[*at];
            let shape = match (outlines.get(region.as_str()), dots.get(region.as_str())) {
                (Some(outline), _) => format!("<path d=\"{outline}\"/>"),
                // A line of length 0 with a round end is a dot.
                (None, Some((x, y))) => format!("<path d=\"M{x} {y}h0\"/>"),
                (None, None) => continue,
            };
            let title = format!("{}: {shown}", regions::name(region));
            let title = format!("<title>{}</title>", escaped(&title));
            let _ = if step < linked {
                write!(out, "<g>{title}{shape}</g>")
            } else {
                let href = escaped(&href(*region));
                write!(out, "<a href=\"{href}\" tabindex=\"-1\">{title}{shape}</a>")
            };
        }
        out.push_str("</g>");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charts::snapshot::{LIMIT, same};
    use crate::ui::testing::assert_has;

    fn value(code: &str, value: f64) -> (Region, f64, String) {
        (code.parse().unwrap(), value, format!("{value}"))
    }

    fn html(regions: Vec<(Region, f64, String)>) -> String {
        let href = |region: Region| format!("/?range=7d&region={region}");
        Owner::new()
            .with(|| view! { <Map regions what="Failures by region" href/> }.to_html())
            .replace("<!>", "")
    }

    #[test]
    fn shapes_dots_and_steps() {
        let html = html(vec![
            value("US", 900.0),
            value("LV", 12.0),
            value("MC", 3.0),
            value("GF", 2.0),
            value("DE", 1.0),
            value("FR", 0.0),
            value("001", 7.0),
        ]);
        assert_has(
            &html,
            &[
                "<a href=\"/?range=7d&amp;region=LV\" tabindex=\"-1\"><title>Latvia: 12</title><path d=\"M",
                "<title>Monaco: 3</title>",
                "h0\"/>",
                "<g data-step=\"5\"><a href=\"/?range=7d&amp;region=US\"",
                "Not on the map: ",
                "aria-label=\"Failures by region, a map\"",
            ],
        );
        assert!(!html.contains("France"));
        same("map.html", &html);
    }

    #[test]
    fn a_map_of_all_regions_is_small() {
        let all = regions::all().iter().map(|info| info.region);
        let valued: Vec<_> =
            all.zip(1_u32..).map(|(region, at)| (region, f64::from(at), format!("{at}"))).collect();
        let most = &valued[..150];
        let draw = |regions: &[_], href: &str| {
            picture(regions, &steps(regions), &|region| format!("{href}region={region}"))
        };
        assert_eq!(draw(most, "/?").matches("<a ").count(), 150);
        let long = format!("/?flow={}&", "x".repeat(320));
        for svg in [draw(&valued, "/?"), draw(&valued, &long), draw(most, &long)] {
            assert!(svg.len() <= LIMIT, "{} bytes", svg.len());
            assert!(svg.matches("<title>").count() >= 150);
        }
        let linked = draw(&valued, "/?").matches("<a ").count();
        assert!((40..246).contains(&linked), "{linked}");
    }

    #[test]
    fn equal_values_share_a_step() {
        let of = |values: &[f64]| {
            let all: Vec<_> = regions::all()
                .iter()
                .zip(values)
                .map(|(info, at)| (info.region, *at, String::new()))
                .collect();
            steps(&all).iter().map(Vec::len).collect::<Vec<_>>()
        };
        assert_eq!(of(&[1.0; 9]), [9]);
        assert_eq!(of(&[5.0, 1.0, 2.0, 3.0, 4.0]), [1, 1, 1, 1, 1]);
        assert_eq!(of(&[0.0, f64::NAN, -1.0]), [0; 0]);
        assert_eq!(of(&[1.0, 9.0]), [1, 1]);
        assert_eq!(
            of(&[1.0, 1.0, 1.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]).iter().sum::<usize>(),
            10
        );
    }
}
