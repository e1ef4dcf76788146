//! The kit every page is built from: one component to a file, one stylesheet of the same name in
//! `style/`.

#[cfg(feature = "ssr")]
pub mod button;
#[cfg(feature = "ssr")]
pub mod copy;
#[cfg(feature = "ssr")]
pub mod delta;
#[cfg(feature = "ssr")]
pub mod field;
#[cfg(feature = "ssr")]
pub mod icon;
pub mod keys;
#[cfg(feature = "ssr")]
pub mod menu;
#[cfg(feature = "ssr")]
pub mod notice;
#[cfg(feature = "ssr")]
pub mod page_head;
#[cfg(feature = "ssr")]
pub mod pager;
#[cfg(feature = "ssr")]
pub mod range;
#[cfg(feature = "ssr")]
pub mod search;
#[cfg(feature = "ssr")]
pub mod select;
#[cfg(feature = "ssr")]
pub mod state;
#[cfg(feature = "ssr")]
pub mod table;
#[cfg(feature = "ssr")]
pub mod tabs;
pub mod text;
#[cfg(feature = "ssr")]
pub mod tile;
#[cfg(feature = "ssr")]
pub mod versions;
#[cfg(feature = "ssr")]
pub mod when;

#[cfg(feature = "ssr")]
pub use button::{Button, ButtonKind, ButtonLink};
#[cfg(feature = "ssr")]
pub use copy::Copy;
#[cfg(feature = "ssr")]
pub use delta::Delta;
#[cfg(feature = "ssr")]
pub use field::{Field, Hidden};
#[cfg(feature = "ssr")]
pub use icon::{Icon, Sprite};
pub use keys::Keys;
#[cfg(feature = "ssr")]
pub use menu::{Choice, Choices, Menu};
#[cfg(feature = "ssr")]
pub use notice::{Notice, NoticeKind};
#[cfg(feature = "ssr")]
pub use page_head::PageHead;
#[cfg(feature = "ssr")]
pub use pager::Pager;
#[cfg(feature = "ssr")]
pub use range::{RangeMenu, RangeState};
#[cfg(feature = "ssr")]
pub use search::Search;
#[cfg(feature = "ssr")]
pub use select::Select;
#[cfg(feature = "ssr")]
pub use state::{Empty, Failed};
#[cfg(feature = "ssr")]
pub use table::{Align, Bar, Column, LongText, SortHeader};
#[cfg(feature = "ssr")]
pub use tabs::{Tab, Tabs};
#[cfg(feature = "ssr")]
pub use tile::Tile;
#[cfg(feature = "ssr")]
pub use versions::{Version, Versions};
#[cfg(feature = "ssr")]
pub use when::{Time, When};
