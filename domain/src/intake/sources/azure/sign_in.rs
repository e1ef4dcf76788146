//! Sign-in records. The audit log covers phone verifications; from here come reported fraud, denied
//! prompts, and prompts withheld because of a block (Microsoft Entra, sign-in log schema).
//! Everything else is ignored.

use super::canonical;
use super::extra::Extra;
use super::facts::{Facts, limited, source};
use super::flat;
use super::record::Record;
use super::time::{first_time, log_time};
use crate::fraud_alerts::tells_of_report;
use crate::sources::neutral::{EVENT_ID, NAME, REASON_TEXT, USER_AGENT, derived_reason};
use crate::sources::text::{Text, within};
use crate::sources::{Dates, Read, Rejection};
use crate::{Channel, Event, Fault, Kind, Source};
use chrono::{DateTime, Utc};
use std::borrow::Cow;

/// The operation in Log Analytics and diagnostic settings; Graph records have none.
pub(super) const SIGN_IN: &str = "Sign-in activity";

/// The kind of a denial, from the text after `MFA denied`.
fn denial(text: &str) -> Option<Kind> {
    let (denied, how) = text.split_once([';', ',', ':']).unwrap_or((text, ""));
    if !denied.trim().eq_ignore_ascii_case("MFA denied") {
        return None;
    }
    let how = how.trim().trim_end_matches('.').to_ascii_lowercase();
    match how.as_str() {
        _ if tells_of_report(text) => Some(Kind::Reported),
        "user is blocked" => Some(Kind::Blocked),
        // The newer documentation says no more.
        "" | "user declined the authentication" => Some(Kind::Denied),
        // Unanswered or a wrong code: not a denial.
        _ => None,
    }
}

/// The channel of the second factor: `Mobile app notification`, `Phone call approval
/// (Authentication phone)`, `Text message`.
pub(super) fn channel_of(method: &str) -> Option<Channel> {
    let lower = method.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if has(&["notification", "authenticator", "passwordless phone sign-in"]) {
        Some(Channel::Push)
    } else if has(&["whatsapp"]) {
        Some(Channel::Whatsapp)
    } else if has(&["phone call", "voice"]) {
        Some(Channel::Voice)
    } else if has(&["text message", "sms"]) {
        Some(Channel::Sms)
    } else {
        None
    }
}

/// A denial in a record.
struct Denial<'r> {
    kind: Kind,
    text: Cow<'r, str>,
    method: Option<Cow<'r, str>>,
    number: Option<Cow<'r, str>>,
}

impl Denial<'_> {
    /// Whether it says more than that it was denied.
    fn is_in_full(&self) -> bool {
        self.text.contains([';', ',', ':'])
    }
}

/// The denial in a record, if any. The steps have the details, the status and the portal's column a
/// summary; if a tool truncated the steps, the summary may say more.
fn denial_of<'r>(
    outer: &'r Record<'_>,
    record: &'r Record<'_>,
) -> Result<Option<Denial<'r>>, Rejection> {
    let told = of_status(outer, record);
    let by_steps = match of_steps(record) {
        Ok(by_steps) => by_steps,
        Err(_) if told.as_ref().is_some_and(Denial::is_in_full) => return Ok(told),
        Err(why) => return Err(why),
    };
    match (by_steps, told) {
        (Some(step), Some(told)) if told.is_in_full() && !step.is_in_full() => {
            // The step is more precise about method and number.
            let (method, number) = (step.method.or(told.method), step.number.or(told.number));
            Ok(Some(Denial { method, number, ..told }))
        }
        (Some(step), _) => Ok(Some(step)),
        (None, Some(told)) => Ok(Some(told)),
        (None, None) => hidden(record).map_or(Ok(None), Err),
    }
}

/// The error when a denial may be hidden: the status was cut off, and no step has a result.
fn hidden(record: &Record<'_>) -> Option<Rejection> {
    let (fault, words) = record.status.0.as_ref().err()?;
    let steps = record.steps.0.as_ref().ok()?;
    let silent = steps.0.iter().all(|step| step.result.given().is_none());
    let cut = words == flat::AGAIN && silent;
    cut.then(|| Rejection::new(*fault, "status", words))
}

/// Method and number from the record, where the steps lack them.
fn asked<'r>(record: &'r Record<'_>) -> [Option<Cow<'r, str>>; 2] {
    let mfa = record.mfa.0.as_ref().ok();
    [
        record.mfa_method.given().or_else(|| mfa.and_then(|mfa| mfa.method.given())),
        record.mfa_number.given().or_else(|| mfa.and_then(|mfa| mfa.number.given())),
    ]
}

/// The denial among the steps.
fn of_steps<'r>(record: &'r Record<'_>) -> Result<Option<Denial<'r>>, Rejection> {
    let steps = record.steps.0.as_ref();
    let steps =
        steps.map_err(|(fault, words)| Rejection::new(*fault, "authenticationDetails", words))?;
    if steps.0.iter().any(|step| step.cut) {
        return Err(Rejection::new(Fault::Unreadable, "authenticationDetails", flat::AGAIN));
    }
    let [method, number] = asked(record);
    Ok(steps.0.iter().rev().find_map(|step| {
        let text = step.result.given()?;
        Some(Denial {
            kind: denial(&text)?,
            text,
            method: step.method.given().or_else(|| method.clone()),
            number: step.number.given().or_else(|| number.clone()),
        })
    }))
}

/// The denial in the status or the equivalent columns.
fn of_status<'r>(outer: &'r Record<'_>, record: &'r Record<'_>) -> Option<Denial<'r>> {
    let said = record.status.0.as_ref().ok().map(|status| &status.said);
    let described = [&record.result_description, &outer.result_description].map(Some);
    let texts = [said, Some(&record.mfa_result), described[0], described[1]];
    let [method, number] = asked(record);
    texts.into_iter().flatten().filter_map(Text::given).find_map(|text| {
        let (method, number) = (method.clone(), number.clone());
        Some(Denial { kind: denial(&text)?, text, method, number })
    })
}

/// Validates a sign-in record; `outer` is its envelope, or the record itself.
///
/// # Errors
/// The first invalid field.
pub(super) fn read(
    outer: &Record<'_>,
    record: &Record<'_>,
    service: Option<&Source>,
    dates: Dates,
    now: DateTime<Utc>,
) -> Result<Read, Rejection> {
    let first = |pick: for<'x, 'a> fn(&'x Record<'a>) -> &'x Text<'a>| {
        pick(record).given().or_else(|| pick(outer).given())
    };
    let operation = first(|record| &record.operation).unwrap_or(Cow::Borrowed(SIGN_IN));
    let Some(denial) = denial_of(outer, record)? else {
        return Ok(Read::Ignored(operation.into_owned()));
    };
    let (field, time) = first_time([
        ("createdDateTime", &record.created_time),
        ("createdDateTime", &outer.created_time),
        ("createdDateTime", &record.activity_time),
        ("createdDateTime", &outer.activity_time),
        ("createdDateTime", &record.log_time),
        ("createdDateTime", &outer.log_time),
    ])?;
    let time = log_time(field, &time, dates, now)?;
    let (id, name) = (first(|record| &record.user_id), first(|record| &record.user_name));
    let mut extra = Extra::default();
    extra.put("operation", &operation);
    extra.put_some("tenant", first(|record| &record.tenant).as_deref());
    extra.put_some("user_name", name.as_deref().filter(|_| id.is_some()));
    extra.put_some("method", denial.method.as_deref());
    extra.put_some("phone_masked", denial.number.as_deref());
    // In the portal's audit table, a column `IPAddress` is the actor's.
    let of_table = record.initiator.0.as_ref().ok().and_then(|actor| actor.ip.given());
    let ip = extra.ip(first(|record| &record.ip).or(of_table).as_deref());
    let reason_text = extra.cut("reason_text", Some(&denial.text), REASON_TEXT);
    let user_agent = first(|record| &record.user_agent);
    let user_agent = extra.cut("user_agent", user_agent.as_deref(), USER_AGENT);
    let facts = Facts {
        time,
        operation,
        result: Cow::Borrowed("failure"),
        reason: Some(denial.text),
        journey: first(|record| &record.correlation),
        user: id.or(name),
        details: Vec::new(),
    };
    facts.check("authenticationDetails", "userId")?;
    let id = first(|record| &record.id);
    let id = id.map_or_else(|| canonical::id(&facts), Cow::into_owned);
    within("id", &id, EVENT_ID)?;
    let source = match service {
        Some(service) => service.clone(),
        None => source(false)?,
    };
    Ok(Read::Event(Box::new(Event {
        journey: limited("correlationId", facts.journey.as_deref(), EVENT_ID)?,
        user: limited("userId", facts.user.as_deref(), NAME)?,
        app: limited("appId", first(|record| &record.app).as_deref(), NAME)?,
        channel: denial.method.as_deref().and_then(channel_of),
        ip,
        user_agent,
        reason: derived_reason(denial.kind, reason_text.as_deref()),
        reason_text,
        extra: extra.finish()?,
        ..Event::new(source, id, time, denial.kind)
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_users_said_no_to() {
        for (text, kind) in [
            ("MFA denied; Phone App Reported Fraud", Some(Kind::Reported)),
            ("MFA denied, Fraud Code Entered", Some(Kind::Reported)),
            ("MFA denied", Some(Kind::Denied)),
            ("mfa denied; user declined the authentication.", Some(Kind::Denied)),
            ("MFA denied; user is blocked", Some(Kind::Blocked)),
            ("MFA denied; user did not respond to mobile app notification", None),
            ("MFA denied; user entered incorrect code", None),
            ("MFA successfully completed", None),
            ("Correct password", None),
            ("", None),
        ] {
            assert_eq!(denial(text), kind, "{text}");
        }
    }

    #[test]
    fn how_they_were_asked() {
        for (method, channel) in [
            ("Mobile app notification", Some(Channel::Push)),
            ("Phone call approval (Authentication phone)", Some(Channel::Voice)),
            ("Text message", Some(Channel::Sms)),
            ("WhatsApp", Some(Channel::Whatsapp)),
            ("Password", None),
        ] {
            assert_eq!(channel_of(method), channel, "{method}");
        }
    }
}
