//! Charts: drawn on the server, coloured by the stylesheet, with their numbers beside them. The
//! browser adds a crosshair, a legend that toggles, a brush, and downloads
//! (`islands/src/browser/charts.rs`).

mod area;
mod area_chart;
mod area_table;
pub(crate) mod donut;
mod funnel;
mod map;
mod paint;
mod points;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod snapshot;
mod strip;
mod strip_draw;
mod times;
mod tools;
mod world;

pub(crate) use area_chart::AreaChart;
pub(crate) use funnel::Funnel;
pub(crate) use map::Map;
pub(crate) use strip::Strip;
pub(crate) use tools::SaveButtons;
