//! What becomes of a request.

use crate::events::words;
use serde::{Deserialize, Serialize};

words! {
    /// What becomes of a request for a code, from the mildest to the hardest.
    Verdict {
        /// It may go out.
        Allow = "allow",
        /// It may go out once a captcha is solved.
        Challenge = "challenge",
        /// It may go out later.
        Delay = "delay",
        /// It may not go out.
        Deny = "deny",
    }
}

impl Verdict {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Allow => "Allowed",
            Self::Challenge => "Captcha asked",
            Self::Delay => "Told to wait",
            Self::Deny => "Refused",
        }
    }

    /// Whether a code goes out, at once or after a captcha: then the gate's event is `requested`,
    /// else `refused`.
    pub fn lets_out(self) -> bool {
        matches!(self, Self::Allow | Self::Challenge)
    }

    /// Whether it counts against limits and caps: a code goes out at once. After a challenge none
    /// does until it is solved, and then that request counts; else whoever asks in another's name
    /// and solves nothing would use up the other's codes.
    pub fn counts(self) -> bool {
        self == Self::Allow
    }
}
