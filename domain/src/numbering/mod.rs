//! Phone numbers, regions and number plans.

pub mod neighbours;
pub mod numbers;
pub mod phone;
pub mod region;
pub mod region_figures;
pub mod regions;
