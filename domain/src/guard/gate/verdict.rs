//! The gate's verdicts.

use crate::words::words;
use serde::{Deserialize, Serialize};

words! {
    /// The gate's answer to a request for a code, from the mildest to the strictest.
    Verdict, label {
        /// The code may be sent.
        Allow = "allow" => "Allowed",
        /// The code may be sent once a captcha is solved.
        Challenge = "challenge" => "Captcha required",
        /// The code may be sent later.
        Delay = "delay" => "Delayed",
        /// The code must not be sent.
        Deny = "deny" => "Refused",
    }
}

impl Verdict {
    /// Whether a code is sent, at once or after a captcha. The gate's event is then `requested`,
    /// otherwise `refused`.
    pub fn lets_out(self) -> bool {
        matches!(self, Self::Allow | Self::Challenge)
    }

    /// Whether it counts against limits and caps: only if a code is sent at once. A challenge does
    /// not count until it is solved, so that nobody can use up another user's codes with unsolved
    /// captchas.
    pub fn counts(self) -> bool {
        self == Self::Allow
    }
}
