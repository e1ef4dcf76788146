//! Help-desk search: collects what is known about a person, number or other object.

mod refusals;

use crate::signins::LinkedName;
use crate::{Engine, Error};
use chrono::TimeDelta;
use domain::attempts::Attempt;
use domain::audit::By;
use domain::blocks::{BlockKind, NewBypass};
use domain::events::{attempt_of, fold_user};
use domain::handles::{Handle, HandleKey};
use domain::helpdesk::{
    AttemptFact, BlockFact, BypassFact, DAYS, Facts, LookedUpNumber, ReportFact, SearchTerm,
    Sentence, Subject, VerifiedFact, sentences,
};
use domain::numbers::NumberFacts;
use domain::signins::{Filter, PageStart};
use domain::workbook::Sight;
use domain::{Fault, Invalid, Kind, Period, PhoneNumber};
use sqlx::PgConnection;
use std::net::IpAddr;
use store::blocks::Block;
use store::bypasses::Bypass;
use uuid::Uuid;

/// Most attempts examined.
const TRIES: usize = 100;
/// Most of their users or numbers examined in detail.
const CLOSER: usize = 3;
/// Most attempts examined to find the last success of a number.
const BUDGET: u32 = 2_000;
/// Most fraud reports examined.
const REPORTS: i64 = 20;

/// The answer to a search.
#[derive(Debug, Clone, Default)]
pub struct HelpdeskAnswer {
    /// What was found, as shown to the reader.
    pub title: String,
    /// Why this person gets no code.
    pub sentences: Vec<Sentence>,
    /// For a number, facts from its digits: names and values.
    pub facts: Vec<(&'static str, String)>,
    /// The attempt that was searched for, if any.
    pub attempt: Option<Uuid>,
    /// The fraud report that was searched for, if any.
    pub report: Option<Uuid>,
    /// The users found.
    pub users: Vec<LinkedName>,
    /// The numbers found.
    pub numbers: Vec<LinkedName>,
    /// The IP address found.
    pub ip: Option<IpAddr>,
    /// What can be unblocked: ids, and the target as shown.
    pub blocks: Vec<(Uuid, String)>,
    /// Who can be let through once: handle, and name as shown.
    pub bypass: Option<LinkedName>,
}

/// What a search text refers to.
enum SearchMatch {
    User(String),
    Number(PhoneNumber),
    Ip(IpAddr),
}

/// Searches for what was entered; `None` if nothing was. Text that matches nothing known is treated
/// as a user name.
///
/// # Errors
/// If the store fails.
pub async fn search(
    engine: &Engine,
    wanted: &SearchTerm,
    sight: Sight,
) -> Result<Option<HelpdeskAnswer>, Error> {
    let key = engine.handles.key().await?;
    let mut conn = engine.db.conn().await?;
    let mut desk = HelpdeskReader { engine, key, sight, conn: &mut conn };
    let (found, attempt, report) = match wanted {
        SearchTerm::Nothing => return Ok(None),
        SearchTerm::User(user) => (SearchMatch::User(user.clone()), None, None),
        SearchTerm::Number(phone) => (SearchMatch::Number(*phone), None, None),
        SearchTerm::Ip(ip) => (SearchMatch::Ip(*ip), None, None),
        SearchTerm::Id(id) => desk.by_id(*id).await?,
        SearchTerm::Text(text) => desk.by_text(text).await?,
    };
    let mut answer = match found {
        SearchMatch::User(user) => desk.user(&user).await?,
        SearchMatch::Number(phone) => desk.number(phone).await?,
        SearchMatch::Ip(ip) => desk.ip(ip).await?,
    };
    (answer.attempt, answer.report) = (attempt, report);
    Ok(Some(answer))
}

/// Lets the user or number of a handle through once.
///
/// # Errors
/// [`BlockError`]: the input is not valid, there is a usable bypass already, or the store failed.
pub async fn bypass(
    engine: &Engine,
    by: &By,
    handle: &str,
    seconds: Option<i64>,
    reason: &str,
) -> Result<Bypass, crate::blocks::BlockError> {
    let (kind, value) = match engine.handles.key().await?.read(handle) {
        Ok(Handle::User(user)) => (BlockKind::User, user),
        Ok(Handle::Number(phone)) => (BlockKind::Number, phone.to_string()),
        Err(error) => {
            return Err(Invalid::one("seconds", Fault::InvalidValue, error.to_string()).into());
        }
    };
    let new = NewBypass::read(kind.as_str(), &value, seconds, reason)?;
    crate::blocks::bypass(&engine.db, by, &new).await
}

struct HelpdeskReader<'a> {
    engine: &'a Engine,
    key: HandleKey,
    sight: Sight,
    conn: &'a mut PgConnection,
}

type Id = (SearchMatch, Option<Uuid>, Option<Uuid>);

impl HelpdeskReader<'_> {
    /// Resolves an id to an attempt, a fraud report or a journey, or else to a user name.
    async fn by_id(&mut self, id: Uuid) -> Result<Id, Error> {
        if let Some(report) = store::fraud_reports::get(&mut *self.conn, id).await? {
            let found = SearchMatch::User(report.user_key);
            return Ok((found, Some(report.attempt), Some(report.id)));
        }
        let text = id.to_string();
        for id in [id, attempt_of(&text), attempt_of(&text.to_uppercase())] {
            if let Some(attempt) = store::attempts::get(self.conn, id).await? {
                return Ok((whose(&attempt, &text), Some(id), None));
            }
        }
        Ok((SearchMatch::User(text), None, None))
    }

    /// Resolves text to a journey, or else to a user name.
    async fn by_text(&mut self, text: &str) -> Result<Id, Error> {
        let id = attempt_of(text);
        match store::attempts::get(self.conn, id).await? {
            Some(attempt) => Ok((whose(&attempt, text), Some(id), None)),
            None => Ok((SearchMatch::User(fold_user(text)), None, None)),
        }
    }

    async fn user(&mut self, user: &str) -> Result<HelpdeskAnswer, Error> {
        let now = self.engine.clock().now();
        let names = store::aliases::names_of(&mut *self.conn, user).await?;
        let mut attempts = Vec::new();
        for name in names.iter().take(CLOSER) {
            let filter = Filter { user: Some(name.clone()), ..self.days() };
            attempts.extend(self.attempts(&filter).await?);
        }
        attempts.sort_by_key(|attempt| std::cmp::Reverse((attempt.time, attempt.id)));
        let mut shown = attempts.iter().filter_map(|attempt| attempt.user.value());
        let shown = shown.find(|name| fold_user(name) == user);
        let name = self.sight.text_owned(shown.map_or(user, String::as_str));
        let others = names.iter().filter(|name| *name != user);
        let others = others.map(|name| self.sight.text_owned(name)).collect();

        let mut facts = Facts::of(Subject::User { name: name.clone(), others });
        let phones = numbers(&attempts);
        let mut blocks: Vec<Block> = Vec::new();
        blocks.extend(store::blocks::of_user(&mut *self.conn, user, now).await?);
        for phone in &phones {
            blocks.extend(store::blocks::of_number(&mut *self.conn, *phone, now).await?);
            facts.verified.extend(self.verified(*phone).await?);
        }
        facts.tries = tries(&attempts);
        facts.refusals = self.refusals(&attempts).await?;
        // A bypass does not apply to names joined by events.
        let own = store::aliases::names_by_hand(&mut *self.conn, user).await?;
        let keys = own.into_iter().chain(phones.iter().map(PhoneNumber::to_string));
        facts.bypasses = self.bypasses(keys.collect()).await?;
        let reports = store::fraud_reports::by_user(&mut *self.conn, &names, REPORTS).await?;
        let report = |row: store::fraud_reports::Row| ReportFact {
            time: row.time,
            blocked: row.block.is_some(),
            handled: row.handled.is_some(),
        };
        facts.reports = reports.into_iter().map(report).collect();
        let me = LinkedName { text: name.clone(), handle: self.key.user(user) };
        let numbers = phones.into_iter().map(|phone| self.named(phone)).collect();
        let open = facts.bypasses.is_empty().then(|| me.clone());
        let found =
            HelpdeskAnswer { users: vec![me], numbers, bypass: open, ..HelpdeskAnswer::default() };
        Ok(self.answer(name, facts, blocks, found))
    }

    async fn number(&mut self, phone: PhoneNumber) -> Result<HelpdeskAnswer, Error> {
        let now = self.engine.clock().now();
        let attempts = self.attempts(&Filter { phone: Some(phone), ..self.days() }).await?;
        let me = self.named(phone);
        let mut facts = Facts::of(Subject::Number { number: me.text.clone() });
        facts.looked = Some(LookedUpNumber::new(phone, NumberFacts::of(phone), self.sight));
        let mut blocks = store::blocks::of_number(&mut *self.conn, phone, now).await?;
        let users = self.users(&attempts, &mut blocks).await?;
        facts.users = users.iter().map(|user| user.text.clone()).collect();
        facts.verified.extend(self.verified(phone).await?);
        facts.tries = tries(&attempts);
        facts.refusals = self.refusals(&attempts).await?;
        facts.bypasses = self.bypasses(vec![phone.to_string()]).await?;
        let open = facts.bypasses.is_empty().then(|| me.clone());
        let title = me.text.clone();
        let found =
            HelpdeskAnswer { users, numbers: vec![me], bypass: open, ..HelpdeskAnswer::default() };
        Ok(self.answer(title, facts, blocks, found))
    }

    async fn ip(&mut self, ip: IpAddr) -> Result<HelpdeskAnswer, Error> {
        let attempts = self.attempts(&Filter { ip: Some(ip), ..self.days() }).await?;
        let mut facts = Facts::of(Subject::Ip(ip));
        let now = self.engine.clock().now();
        let mut blocks = store::blocks::of_ip(&mut *self.conn, ip, now).await?;
        let users = self.users(&attempts, &mut blocks).await?;
        facts.users = users.iter().map(|user| user.text.clone()).collect();
        facts.tries = tries(&attempts);
        facts.refusals = self.refusals(&attempts).await?;
        let found = HelpdeskAnswer { users, ip: Some(ip), ..HelpdeskAnswer::default() };
        Ok(self.answer(ip.to_string(), facts, blocks, found))
    }

    /// The most recent users of some attempts, and their active blocks.
    async fn users(
        &mut self,
        attempts: &[Attempt],
        blocks: &mut Vec<Block>,
    ) -> Result<Vec<LinkedName>, Error> {
        let now = self.engine.clock().now();
        let mut users: Vec<(String, LinkedName)> = Vec::new();
        for name in attempts.iter().filter_map(|attempt| attempt.user.value()) {
            let user = fold_user(name);
            if users.len() < CLOSER && users.iter().all(|(known, _)| *known != user) {
                let named = LinkedName::user(name, &self.key, self.sight);
                users.push((user, named));
            }
        }
        for (user, _) in &users {
            let block = store::blocks::of_user(&mut *self.conn, user, now).await?;
            blocks.extend(block.filter(|block| blocks.iter().all(|known| known.id != block.id)));
        }
        Ok(users.into_iter().map(|(_, named)| named).collect())
    }

    fn answer(
        &self,
        title: String,
        mut facts: Facts,
        blocks: Vec<Block>,
        rest: HelpdeskAnswer,
    ) -> HelpdeskAnswer {
        let whom = |block: &Block| domain::blocks::value_text(block.kind, &block.value, self.sight);
        facts.blocks = blocks
            .iter()
            .map(|block| BlockFact {
                whom: whom(block),
                only_channel: block.only_channel,
                since: block.since,
                until: block.until,
                by: self.sight.text_owned(&block.by),
                reason: self.sight.text_owned(&block.reason),
                auto: block.auto,
            })
            .collect();
        let sentences = sentences(&facts, self.engine.clock().now());
        let blocks = blocks.iter().map(|block| (block.id, whom(block))).collect();
        let facts = facts.looked.as_ref().map(LookedUpNumber::facts).unwrap_or_default();
        HelpdeskAnswer { title, sentences, facts, blocks, ..rest }
    }

    fn days(&self) -> Filter {
        let now = self.engine.clock().now();
        // Clocks differ: times slightly in the future count too.
        let to = now + TimeDelta::days(1);
        Filter::all(Period { from: now - TimeDelta::days(DAYS), to })
    }

    async fn attempts(&mut self, filter: &Filter) -> Result<Vec<Attempt>, Error> {
        Ok(store::attempts::page(self.conn, filter, PageStart::Newest, TRIES, BUDGET).await?.rows)
    }

    /// When a number was last verified; `None` if a short search does not find out.
    async fn verified(&mut self, phone: PhoneNumber) -> Result<Option<VerifiedFact>, Error> {
        let filter = Filter { phone: Some(phone), outcome: Some(Kind::Verified), ..self.days() };
        let page = store::attempts::page(self.conn, &filter, PageStart::Newest, 1, BUDGET).await?;
        let last = page.rows.first().map(|attempt| attempt.outcome_time);
        let known = last.is_some() || page.looked_to.is_none();
        Ok(known.then(|| VerifiedFact { number: self.sight.number(phone), last }))
    }

    async fn bypasses(&mut self, keys: Vec<String>) -> Result<Vec<BypassFact>, Error> {
        let now = self.engine.clock().now();
        let filter = store::bypasses::Filter { live: Some(true), keys: Some(keys) };
        let most = i64::try_from(CLOSER * 2).unwrap_or(i64::MAX);
        let bypasses = store::bypasses::list(&mut *self.conn, &filter, None, most, now).await?;
        let open = |bypass: Bypass| BypassFact {
            whom: domain::blocks::value_text(bypass.kind, &bypass.value, self.sight),
            until: bypass.until,
            by: self.sight.text_owned(&bypass.by),
            reason: self.sight.text_owned(&bypass.reason),
        };
        Ok(bypasses.into_iter().map(open).collect())
    }

    fn named(&self, phone: PhoneNumber) -> LinkedName {
        LinkedName::number(phone, &self.key, self.sight)
    }
}

/// What an attempt leads to: its user, or else its number, its address, or its name.
fn whose(attempt: &Attempt, name: &str) -> SearchMatch {
    let user = attempt.user.value().map(|user| SearchMatch::User(fold_user(user)));
    let phone = || attempt.phone.value().map(|phone| SearchMatch::Number(*phone));
    let ip = || attempt.ip.value().map(|ip| SearchMatch::Ip(*ip));
    user.or_else(phone).or_else(ip).unwrap_or_else(|| SearchMatch::User(fold_user(name)))
}

fn tries(attempts: &[Attempt]) -> Vec<AttemptFact> {
    let tried = attempts.iter().map(|attempt| (attempt.time, attempt.outcome, attempt.reason));
    tried.map(|(time, outcome, reason)| AttemptFact { time, outcome, reason }).collect()
}

/// The most recent numbers of some attempts.
fn numbers(attempts: &[Attempt]) -> Vec<PhoneNumber> {
    let mut phones: Vec<PhoneNumber> = Vec::new();
    for phone in attempts.iter().filter_map(|attempt| attempt.phone.value()) {
        if phones.len() < CLOSER && !phones.contains(phone) {
            phones.push(*phone);
        }
    }
    phones
}
