//! The kit every page is built from: one component to a file, and where it has looks of its own, a
//! stylesheet of the same name in `style/ui/`.

pub mod button;
pub mod copy;
pub mod delta;
pub mod field;
pub mod icon;
pub mod menu;
pub mod notice;
pub mod outcome;
pub mod page_head;
pub mod pager;
pub mod panel;
pub mod range;
pub mod search;
pub mod select;
pub mod state;
pub mod table;
pub mod tabs;
pub mod tile;
pub mod versions;
pub mod when;

pub use button::{Button, ButtonKind, ButtonLink};
pub use copy::Copy;
pub use delta::Delta;
pub use field::{Field, Hidden, field_error, labelled};
pub use icon::{Icon, Sprite};
pub use menu::{Choice, Choices, Menu};
pub use notice::{Notice, NoticeKind};
pub use outcome::Told;
pub use page_head::PageHead;
pub use pager::Pager;
pub use panel::Panel;
pub use range::{RangeMenu, RangeState};
pub use search::Search;
pub use select::{Select, options};
pub use state::{Empty, Failed};
pub use table::{Align, Bar, Column, LongText, SortHeader, Table, Th};
pub use tabs::{Tab, Tabs};
pub use tile::Tile;
pub use when::{Time, When};
