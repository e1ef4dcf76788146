//! Addresses of the log and of attempts.

use domain::signins::View;
use std::net::IpAddr;
use uuid::Uuid;

/// Path of the log.
pub(crate) const PATH: &str = "/sign-ins";

/// Address of the log in this state.
pub(crate) fn log(view: &View) -> String {
    view.href(PATH)
}

/// Path of an attempt's page.
pub(crate) fn attempt_path(id: Uuid) -> String {
    format!("/attempts/{id}")
}

/// A user's attempts of the last 90 days, by the user's handle.
pub(crate) fn of_user(handle: &str) -> String {
    log(&View::default().with("user", handle).with_range("90d"))
}

/// A number's attempts of the last 90 days, by the number's handle.
pub(crate) fn of_number(handle: &str) -> String {
    log(&View::default().with("number", handle).with_range("90d"))
}

/// An address' attempts of the last 90 days.
pub(crate) fn of_ip(ip: IpAddr) -> String {
    log(&View::default().with("ip", &ip.to_string()).with_range("90d"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped() {
        let view = View::default().with("flow", "a&b=100% 'x'");
        assert_eq!(log(&view), "/sign-ins?flow=a%26b%3D100%25+%27x%27");
        assert_eq!(log(&View::default()), "/sign-ins");
        assert_eq!(
            of_ip("2001:db8::1".parse().unwrap()),
            "/sign-ins?ip=2001%3Adb8%3A%3A1&range=90d"
        );
    }
}
