//! Words of a page's address: each spelled once, with the name that people read.

/// Declares an enum of such words, in the order that the page shows them.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident {
        $($(#[$doc:meta])* $variant:ident = $word:literal, $label:literal;)+
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum $name { $($(#[$doc])* $variant),+ }

        impl $name {
            /// All of them.
            pub(super) const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// The word in addresses.
            pub(super) fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Its name on the page.
            pub(super) fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),+ }
            }
        }
    };
}
pub(crate) use words;
