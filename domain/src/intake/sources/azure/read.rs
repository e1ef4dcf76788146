//! Validates a record and converts it to an event.

use super::canonical;
use super::details::Details;
use super::extra::Extra;
use super::facts::{Facts, limited, source};
use super::flat;
use super::nested::{Nested, Part};
use super::outcome;
use super::record::Record;
use super::sign_in;
use super::time::{first_time, log_time};
use crate::fraud_alerts::tells_of_report;
use crate::sources::neutral::{EVENT_ID, NAME, REASON_TEXT, USER_AGENT, derived_reason};
use crate::sources::text::{Text, no_nul, within};
use crate::sources::{Dates, Read, Rejection};
use crate::{Channel, Event, Fault, Kind, Reason, Source};
use chrono::{DateTime, Utc};
use std::borrow::Cow;

/// Operations of phone verifications, by prefix or full name (Azure AD B2C, audit log).
fn success_of(operation: &str) -> Option<(Kind, Option<Channel>)> {
    let lower = operation.to_ascii_lowercase();
    if lower.starts_with("send sms") {
        Some((Kind::Sent, Some(Channel::Sms)))
    } else if lower.starts_with("make phone call") {
        Some((Kind::Sent, Some(Channel::Voice)))
    } else if lower == "verify phone number" {
        Some((Kind::Verified, None))
    } else if report_of(operation).is_some() {
        Some((Kind::Reported, None))
    } else {
        None
    }
}

/// What Entra did about a fraud report, from the activity name (Entra's list of audit activities):
/// `Fraud reported - user is blocked for MFA`, `Fraud reported - no action taken`. The newer
/// activity says no more than its name, which is returned itself.
fn report_of(operation: &str) -> Option<&str> {
    let (what, action) = operation.split_once(" - ").unwrap_or((operation, operation));
    let known = if what == action { "Suspicious activity reported" } else { "Fraud reported" };
    what.trim().eq_ignore_ascii_case(known).then_some(action.trim())
}

/// The channel of a `VerificationMethod`. Microsoft does not publish its values; `PhoneCall` and
/// `OneWaySMS` occur.
fn channel_of(method: &str) -> Option<Channel> {
    let lower = method.to_ascii_lowercase();
    if lower == "phonecall" {
        Some(Channel::Voice)
    } else if lower.contains("sms") {
        Some(Channel::Sms)
    } else if lower.contains("whatsapp") {
        Some(Channel::Whatsapp)
    } else {
        // Fraud alerts use the sign-in log's words.
        sign_in::channel_of(method)
    }
}

/// Why a single pair needs an id: nothing else tells which pairs form a record.
const LONE: &str = "is required if additionalDetails contains one pair, as KQL's mv-expand leaves \
     it; add Id to the query, or leave mv-expand out of it";

impl<'a> Record<'a> {
    /// Validates the record. Without a service name, its `service` is the given one, else derived
    /// from the id.
    ///
    /// # Errors
    /// The first invalid field: its name, a code, and what is allowed.
    pub fn read<'r>(
        &'r self,
        service: Option<&Source>,
        dates: Dates,
        now: DateTime<Utc>,
    ) -> Result<Read, Rejection> {
        let inner = self
            .properties
            .0
            .as_ref()
            .map_err(|(fault, message)| Rejection::new(*fault, "properties", message))?
            .0
            .as_deref()
            .unwrap_or(self);
        // The inner record takes precedence over its envelope.
        let first = |pick: for<'x> fn(&'x Record<'a>) -> &'x Text<'a>| -> Option<Cow<'r, str>> {
            pick(inner).given().or_else(|| pick(self).given())
        };
        if self.is_sign_in() {
            return sign_in::read(self, inner, service, dates, now);
        }
        let operation =
            first(|record| &record.activity).or_else(|| first(|record| &record.operation));
        let operation = operation.ok_or_else(|| required("operationName"))?;
        let Some((success, implied)) = success_of(&operation) else {
            return Ok(Read::Ignored(operation.into_owned()));
        };
        let (field, time) = first_time([
            ("activityDateTime", &inner.activity_time),
            ("activityDateTime", &self.activity_time),
            ("time", &inner.log_time),
            ("time", &self.log_time),
        ])?;
        let time = log_time(field, &time, dates, now)?;
        let result = first(|record| &record.result).ok_or_else(|| required("result"))?;
        // A report counts whatever Entra's result.
        let (succeeded, result) = match outcome::of(result.clone()) {
            Some(known) => known,
            None if success == Kind::Reported => (true, result),
            None => return Err(outcome::unknown(&result)),
        };
        let target = part("targetResources", &inner.target)?;
        let initiator = part("initiatedBy", &inner.initiator)?;
        let given = part("additionalDetails", &inner.details)?;
        // If stored without them, its id would be taken and a better export would be a duplicate.
        let cut = target.cut.then_some(flat::AGAIN);
        for (field, why) in [("targetResources", cut), ("additionalDetails", given.unread)] {
            if let Some(why) = why {
                return Err(Rejection::new(Fault::Unreadable, field, why));
            }
        }
        // A report belongs to the user who made it, the initiator.
        let (target, initiator_else) = match success {
            Kind::Reported => (initiator, target),
            _ => (target, initiator),
        };
        let (id, name) = match (target.id.given(), target.name.given()) {
            (None, None) if initiator_else.cut => {
                return Err(Rejection::new(Fault::Unreadable, "initiatedBy", flat::AGAIN));
            }
            (None, None) => (initiator_else.id.given(), initiator_else.name.given()),
            of_target => of_target,
        };
        let alias = name.clone().filter(|_| id.is_some());
        let facts = Facts {
            time,
            operation,
            result,
            reason: first(|record| &record.result_reason)
                .or_else(|| first(|record| &record.result_description)),
            journey: first(|record| &record.correlation),
            user: id.or(name),
            details: details(given)?,
        };
        facts.check("resultReason", "targetResources")?;

        let id = first(|record| &record.id);
        if given.lone && id.is_none() {
            return Err(Rejection::new(Fault::Required, "id", LONE));
        }
        let source = match first(|record| &record.service) {
            Some(name) => source(name.eq_ignore_ascii_case("b2c"))?,
            None => match service {
                Some(service) => service.clone(),
                None => source(id.as_deref().is_some_and(|id| id.starts_with("B2C_")))?,
            },
        };
        let reported = report_of(&facts.operation);
        let kind = match facts.reason.as_deref() {
            _ if succeeded || reported.is_some() => success,
            Some(reason) if reason.to_ascii_lowercase().contains("bad reputation, blocking") => {
                Kind::Blocked
            }
            Some(reason) if tells_of_report(reason) => Kind::Reported,
            _ => Kind::Failed,
        };
        let method = facts.detail("VerificationMethod").or(facts.detail("AuthenticationMethod"));
        let channel = method.and_then(channel_of).or(implied);
        let mut extra = Extra::default();
        extra.put("operation", &facts.operation);
        extra.put("result", &facts.result);
        extra.put_some("action", reported);
        let tenant = facts.detail("TenantId").map(Cow::Borrowed);
        extra.put_some("tenant", tenant.or_else(|| first(|record| &record.tenant)).as_deref());
        // Links the user's two names.
        extra.put_some("user_name", alias.as_deref());
        if channel.is_none() {
            extra.put_some("method", method);
        }
        let phone = extra.phone(facts.detail("PhoneNumber"), channel);
        let initiator_ip = initiator.ip.given();
        let ip = extra.ip(facts.detail("ClientIpAddress").or(initiator_ip.as_deref()));
        let reason_text = extra.cut("reason_text", facts.reason.as_deref(), REASON_TEXT);
        let user_agent = extra.cut("user_agent", facts.detail("Client"), USER_AGENT);
        extra.rest(&facts);
        let id = match id {
            Some(id) => id.into_owned(),
            None => canonical::id(&facts),
        };
        within("id", &id, EVENT_ID)?;
        Ok(Read::Event(Box::new(Event {
            journey: limited("correlationId", facts.journey.as_deref(), EVENT_ID)?,
            user: limited("targetResources", facts.user.as_deref(), NAME)?,
            flow: limited("PolicyId", facts.detail("PolicyId"), NAME)?,
            app: limited("ApplicationId", facts.detail("ApplicationId"), NAME)?,
            phone,
            channel,
            ip,
            user_agent,
            reason: match reported {
                Some(_) => Some(Reason::UserReportedFraud),
                None => derived_reason(kind, reason_text.as_deref()),
            },
            reason_text,
            extra: extra.finish()?,
            ..Event::new(source, id, time, kind)
        })))
    }

    /// Whether it is a sign-in record, which has other content.
    fn is_sign_in(&self) -> bool {
        let category = self.category.given();
        // SignInLogs, NonInteractiveUserSignInLogs, ServicePrincipalSignInLogs, ...
        let named = category.is_some_and(|name| name.to_ascii_lowercase().ends_with("signinlogs"));
        named || (self.sign_in && self.activity.given().is_none())
    }
}

fn required(field: &str) -> Rejection {
    Rejection::new(Fault::Required, field, "is required")
}

fn part<'r, 'a, P: Part>(field: &str, part: &'r Nested<'a, P>) -> Result<&'r P::Of<'a>, Rejection> {
    part.0.as_ref().map_err(|(fault, message)| Rejection::new(*fault, field, message))
}

/// The details with a value.
fn details<'r>(details: &'r Details<'_>) -> Result<Vec<(&'r str, Cow<'r, str>)>, Rejection> {
    let mut given = Vec::with_capacity(details.pairs.len());
    for (key, value) in &details.pairs {
        no_nul("additionalDetails", key)?;
        if let Some(value) = value.given() {
            no_nul(key, &value)?;
            given.push((key.as_ref(), value));
        }
    }
    Ok(given)
}
