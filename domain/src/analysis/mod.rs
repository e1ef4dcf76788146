//! What the workbook, the sign-in log and reports show.

pub mod conversion;
pub mod failures;
pub mod health;
pub mod reports;
pub mod signins;
pub mod workbook;
