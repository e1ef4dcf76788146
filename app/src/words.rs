//! Enums of words in URLs, each with its label on the page.

/// Declares such an enum, in the order shown on the page.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident {
        $($(#[$doc:meta])* $variant:ident = $word:literal, $label:literal;)+
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum $name { $($(#[$doc])* $variant),+ }

        impl $name {
            /// In the order shown.
            pub(super) const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// The word in URLs.
            pub(super) fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            pub(super) fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),+ }
            }
        }
    };
}
pub(crate) use words;
