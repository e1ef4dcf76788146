//! Charts: drawn on the server, coloured by the stylesheet, with their numbers beside them. The
//! browser adds a crosshair, a legend that toggles, a brush, and downloads
//! (`browser/charts.rs`); of all here it needs the scale alone.

#[cfg(feature = "ssr")]
mod area;
#[cfg(feature = "ssr")]
mod area_chart;
#[cfg(feature = "ssr")]
mod area_table;
#[cfg(feature = "ssr")]
pub(crate) mod donut;
#[cfg(feature = "ssr")]
mod funnel;
#[cfg(feature = "ssr")]
mod map;
#[cfg(feature = "ssr")]
mod paint;
#[cfg(feature = "ssr")]
mod points;
#[cfg(all(test, feature = "ssr"))]
mod samples;
pub(crate) mod scale;
#[cfg(all(test, feature = "ssr"))]
mod snapshot;
#[cfg(feature = "ssr")]
mod strip;
#[cfg(feature = "ssr")]
mod strip_draw;
#[cfg(feature = "ssr")]
mod times;
#[cfg(feature = "ssr")]
mod tools;
#[cfg(feature = "ssr")]
mod world;

#[cfg(feature = "ssr")]
pub(crate) use area_chart::AreaChart;
#[cfg(feature = "ssr")]
pub(crate) use funnel::Funnel;
#[cfg(feature = "ssr")]
pub(crate) use map::Map;
#[cfg(feature = "ssr")]
pub(crate) use strip::Strip;
#[cfg(feature = "ssr")]
pub(crate) use tools::SaveButtons;
