//! Components that several pages use: one in each file. If it has a style of its own, the
//! stylesheet in `style/ui/` has the same name.

pub(crate) mod button;
pub(crate) mod channel;
pub(crate) mod copy;
pub(crate) mod delta;
pub(crate) mod fact;
pub(crate) mod field;
pub(crate) mod icon;
pub(crate) mod menu;
pub(crate) mod notice;
pub(crate) mod outcome;
pub(crate) mod page_head;
pub(crate) mod pager;
pub(crate) mod panel;
pub(crate) mod range;
pub(crate) mod search;
pub(crate) mod select;
pub(crate) mod state;
pub(crate) mod table;
pub(crate) mod tabs;
#[cfg(test)]
pub(crate) mod testing;
pub(crate) mod tile;
pub(crate) mod versions;
pub(crate) mod when;

pub(crate) use button::{Button, ButtonKind, ButtonLink};
pub(crate) use channel::ChannelMenu;
pub(crate) use copy::Copy;
pub(crate) use delta::Delta;
pub(crate) use fact::fact;
pub(crate) use field::{Field, Hidden, area_text, field_error, labelled, line_errors, list_area};
pub(crate) use icon::{Icon, Sprite};
pub(crate) use menu::{Choice, Choices, Menu};
pub(crate) use notice::{Notice, NoticeKind, notice_of};
pub(crate) use outcome::{FormResult, needed_field, reason_field};
pub(crate) use page_head::PageHead;
pub(crate) use pager::Pager;
pub(crate) use panel::Panel;
pub(crate) use range::{RangeMenu, RangeState, misread};
pub(crate) use search::Search;
pub(crate) use select::{Select, all_or_one, options};
pub(crate) use state::{Empty, Failed, listed, none};
pub(crate) use table::{Align, Bar, Column, LongText, SortHeader, Table, Th};
pub(crate) use tabs::{Tab, Tabs};
pub(crate) use tile::Tile;
pub(crate) use when::When;
