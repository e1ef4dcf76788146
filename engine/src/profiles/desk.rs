//! Reads the content of a page from the store: attempts, their events, and actions taken.

use super::asked::{AttemptSelection, ProfileSubject};
use super::tally::{ROWS, Tally, figures, tally};
use super::told::{CLOSER, COUNTED, DECISIONS, Decisions, PAGE, Profile, RECORDS, Story};
use crate::Error;
use crate::signins::{Decided, LinkedName, ShownEvent, SignIn, shown_decision};
use chrono::{DateTime, TimeDelta, Utc};
use domain::attempts::Attempt;
use domain::blocks::{BlockKind, value_text};
use domain::events::fold_user;
use domain::gate::{Code, Verdict, cause};
use domain::handles::HandleKey;
use domain::helpdesk::LookedUpNumber;
use domain::neighbours::shown_block;
use domain::numbers::NumberFacts;
use domain::signins::{Cursor, Page, PageStart};
use domain::workbook::Sight;
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use store::blocks::Block;
use store::bypasses::Bypass;
use store::fraud_reports::Row as Report;
use uuid::Uuid;

/// Most events searched for devices and decisions.
const EVENTS: i64 = 5_000;
/// Most attempts examined to find a later page.
const BUDGET: u32 = 10_000;

/// Events by attempt.
type ByAttempt = HashMap<Uuid, Vec<store::timeline::TimelineEvent>>;

/// State while one page is read.
pub(super) struct PageReader<'a> {
    pub(super) key: &'a HandleKey,
    pub(super) sight: Sight,
    pub(super) now: DateTime<Utc>,
    pub(super) conn: &'a mut PgConnection,
}

impl PageReader<'_> {
    /// Everything except neighbours and the user's prompts, with the user's names and the times at
    /// which the newest attempts failed (µs since 1970).
    pub(super) async fn profile(
        &mut self,
        subject: &ProfileSubject,
        asked: AttemptSelection,
    ) -> Result<(Profile, Vec<String>, Vec<i64>), Error> {
        // The channel is filtered here; the lookup returns all attempts of the subject.
        let all = subject.filter(AttemptSelection { channel: None, ..asked });
        let mut counted =
            store::attempts::page(self.conn, &all, PageStart::Newest, COUNTED, u32::MAX).await?;
        let oldest =
            counted.rows.last().map(|attempt| Cursor { time: attempt.time, id: attempt.id });
        let oldest = oldest.filter(|_| counted.older.is_some());
        let wanted = asked.channel;
        counted.rows.retain(|attempt| {
            wanted.is_none_or(|channel| attempt.channel.value() == Some(&channel))
        });
        let attempts = &counted.rows;
        let page = match asked.place {
            PageStart::Newest => first_page(attempts, oldest),
            place => {
                let filter = subject.filter(asked);
                store::attempts::page(self.conn, &filter, place, PAGE, BUDGET).await?
            }
        };
        let looked = &attempts[..attempts.len().min(CLOSER)];
        let mut told = self.events_by_attempt(looked, &page.rows).await?;
        let decided = self.decided(&told).await?;
        let failed = failures(&told, subject, asked);
        let devices = self.devices(looked, &told);
        let decisions = self.decisions(looked, &decided);
        let names = match subject {
            ProfileSubject::User(user) => store::aliases::names_of(&mut *self.conn, user).await?,
            _ => Vec::new(),
        };
        let (blocks, bypasses) = self.guards(subject, &names).await?;
        let reports = self.reports(subject, &names, attempts).await?;
        let mut decided: HashMap<Uuid, Decided> =
            decided.into_iter().map(|one| (one.id, one)).collect();
        let story = page.rows.iter().map(|attempt| {
            let told = told.remove(&attempt.id).unwrap_or_default().into_iter();
            Story {
                attempt: SignIn::of(attempt.clone(), self.key, self.sight),
                told: told.map(|one| ShownEvent::of(one, &mut decided, self.sight)).collect(),
            }
        });
        let story = story.collect();
        let text = |get: fn(&Attempt) -> Option<&String>| tally(attempts, |one| get(one).cloned());
        let digits = match subject {
            ProfileSubject::Number(phone) => {
                Some(LookedUpNumber::new(*phone, NumberFacts::of(*phone), self.sight))
            }
            _ => None,
        };
        let profile = Profile {
            facts: digits.as_ref().map(LookedUpNumber::facts).unwrap_or_default(),
            wrong: digits.as_ref().and_then(LookedUpNumber::wrong),
            name: self.name(subject, attempts),
            figures: figures(attempts),
            times: attempts.iter().map(|one| (one.time.timestamp_micros(), one.outcome)).collect(),
            counted_to: oldest.map(|cursor| cursor.time),
            newest: attempts.first().map(|attempt| attempt.id),
            reasons: tally(attempts, |attempt| attempt.reason),
            users: self.users(attempts),
            numbers: tally(attempts, |attempt| attempt.phone.value().copied())
                .map(|phone| LinkedName::number(phone, self.key, self.sight)),
            ips: tally(attempts, |attempt| attempt.ip.value().copied()),
            regions: tally(attempts, |attempt| attempt.region.value().copied()),
            channels: tally(attempts, |attempt| attempt.channel.value().copied()),
            flows: text(|attempt| attempt.flow.value()),
            browsers: text(|attempt| attempt.browser.value()),
            carriers: text(|attempt| attempt.carrier.value()),
            devices,
            story: Page {
                rows: story,
                newer: page.newer,
                older: page.older,
                looked_to: page.looked_to,
            },
            decisions,
            more_than_looked_at: attempts.len() > CLOSER,
            near: None,
            reports,
            blocks: blocks.into_iter().map(|block| (self.whom(subject, &block), block)).collect(),
            bypasses,
            aliases: names
                .iter()
                .filter(|name| !matches!(subject, ProfileSubject::User(user) if user == *name))
                .map(|name| self.user(name))
                .collect(),
            fatigue: None,
        };
        Ok((profile, names, failed))
    }

    async fn events_by_attempt(
        &mut self,
        looked: &[Attempt],
        page: &[Attempt],
    ) -> Result<ByAttempt, Error> {
        let mut known = HashSet::new();
        let attempts = looked.iter().chain(page).filter(|attempt| known.insert(attempt.id));
        let asked: Vec<_> = attempts
            .flat_map(|attempt| {
                // Events of an attempt are within a day of its start or its outcome; the attempt's
                // own page searches all days.
                let next = |time: DateTime<Utc>| [time, time + TimeDelta::days(1)];
                let times = [next(attempt.time), next(attempt.outcome_time)].concat();
                let days: BTreeSet<_> = times.iter().map(|time| time.date_naive()).collect();
                days.into_iter().map(|day| (attempt.id, day))
            })
            .collect();
        let mut told = ByAttempt::new();
        for (attempt, one) in
            store::profiles::events_of_days(&mut *self.conn, &asked, EVENTS).await?
        {
            told.entry(attempt).or_default().push(one);
        }
        Ok(told)
    }

    /// The gate's decisions among some events, newest first.
    async fn decided(&mut self, told: &ByAttempt) -> Result<Vec<Decided>, Error> {
        let all: Vec<_> = told.values().flatten().cloned().collect();
        let decided = crate::signins::decisions(self.conn, &all).await?;
        let mut decided: Vec<_> = decided.into_values().collect();
        decided.sort_by_key(|one| std::cmp::Reverse((one.time, one.id)));
        Ok(decided)
    }

    fn decisions(&self, looked: &[Attempt], decided: &[Decided]) -> Decisions {
        let ids: HashSet<Uuid> = looked.iter().map(|attempt| attempt.id).collect();
        let mut verdicts: BTreeMap<&str, (Verdict, u64)> = BTreeMap::new();
        let mut causes: BTreeMap<&str, (Code, u64)> = BTreeMap::new();
        let mut newest = Vec::new();
        for one in decided.iter().filter(|one| ids.contains(&one.attempt)) {
            verdicts.entry(one.verdict.as_str()).or_insert((one.verdict, 0)).1 += 1;
            if one.verdict == Verdict::Allow {
                continue;
            }
            if let Some(why) = cause(&one.reasons) {
                causes.entry(why.code.as_str()).or_insert((why.code, 0)).1 += 1;
            }
            if newest.len() < DECISIONS {
                newest.push(shown_decision(one.clone(), self.sight));
            }
        }
        let count = |verdict: &Verdict| verdicts.get(verdict.as_str()).copied();
        let verdicts = Verdict::ALL.iter().filter_map(count).collect();
        let mut causes: Vec<_> = causes.into_values().collect();
        causes.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        Decisions { verdicts, causes, newest }
    }

    /// Devices with the number of attempts that name them.
    fn devices(&self, looked: &[Attempt], told: &ByAttempt) -> Vec<(String, u64)> {
        let mut counts: HashMap<&str, u64> = HashMap::new();
        for attempt in looked {
            let events = told.get(&attempt.id).map(Vec::as_slice).unwrap_or_default();
            let names: HashSet<&str> =
                events.iter().filter_map(|event| event.device.as_deref()).collect();
            names.into_iter().for_each(|name| *counts.entry(name).or_default() += 1);
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by(|(a, m), (b, n)| n.cmp(m).then_with(|| a.cmp(b)));
        counts.truncate(ROWS);
        counts.into_iter().map(|(device, count)| (self.sight.text_owned(device), count)).collect()
    }

    async fn guards(
        &mut self,
        subject: &ProfileSubject,
        names: &[String],
    ) -> Result<(Vec<Block>, Vec<Bypass>), Error> {
        let (keys, own) = match subject {
            ProfileSubject::Ip(ip) => {
                let (own, mut keys) = domain::blocks::keys_of_ip(*ip);
                keys.push(own);
                // Bypasses exist only for users and numbers, not for addresses.
                (keys, Vec::new())
            }
            ProfileSubject::User(_) => (names.to_vec(), names.to_vec()),
            ProfileSubject::Number(phone) => {
                let (own, mut keys) = domain::blocks::keys_of(*phone);
                keys.push(own.clone());
                (keys, vec![own])
            }
        };
        let most = i64::try_from(RECORDS).unwrap_or(i64::MAX);
        let blocks = store::blocks::Filter { keys: Some(keys), ..Default::default() };
        let blocks = store::blocks::list(&mut *self.conn, &blocks, None, most, self.now).await?;
        let bypasses = store::bypasses::Filter { live: None, keys: Some(own) };
        let bypasses =
            store::bypasses::list(&mut *self.conn, &bypasses, None, most, self.now).await?;
        Ok((blocks, bypasses))
    }

    async fn reports(
        &mut self,
        subject: &ProfileSubject,
        names: &[String],
        attempts: &[Attempt],
    ) -> Result<Vec<Report>, Error> {
        let most = i64::try_from(RECORDS).unwrap_or(i64::MAX);
        let reported: Vec<Uuid> = attempts
            .iter()
            .filter(|attempt| attempt.outcome == domain::Kind::Reported)
            .map(|attempt| attempt.id)
            .collect();
        let (phone, ip) = match subject {
            ProfileSubject::User(_) => {
                return Ok(store::fraud_reports::by_user(&mut *self.conn, names, most).await?);
            }
            ProfileSubject::Number(phone) => (Some(*phone), None),
            ProfileSubject::Ip(ip) => (None, Some(*ip)),
        };
        Ok(store::profiles::reports(&mut *self.conn, phone, ip, &reported, most).await?)
    }

    fn name(&self, subject: &ProfileSubject, attempts: &[Attempt]) -> String {
        match subject {
            ProfileSubject::Number(phone) => self.sight.number(*phone),
            ProfileSubject::Ip(ip) => ip.to_string(),
            ProfileSubject::User(user) => {
                // As most recently written.
                let name = attempts.first().and_then(|attempt| attempt.user.value());
                self.sight.text_owned(name.unwrap_or(user))
            }
        }
    }

    /// The target of a block, as shown on the page of a subject that it blocks.
    fn whom(&self, subject: &ProfileSubject, block: &Block) -> String {
        match (block.kind, subject) {
            (BlockKind::NumberBlock, ProfileSubject::Number(phone)) => {
                let digits = block.value.chars().filter(char::is_ascii_digit).count();
                let open = phone.to_string().len().saturating_sub(digits + 1);
                shown_block(*phone, u8::try_from(open).unwrap_or(u8::MAX), self.sight)
            }
            _ => value_text(block.kind, &block.value, self.sight),
        }
    }

    fn user(&self, name: &str) -> LinkedName {
        LinkedName::user(name, self.key, self.sight)
    }

    /// Users by the comparable form of their names, shown as most recently written.
    fn users(&self, attempts: &[Attempt]) -> Tally<LinkedName> {
        let folded = |attempt: &Attempt| attempt.user.value().map(|name| fold_user(name));
        let mut written: HashMap<String, &str> = HashMap::new();
        for attempt in attempts {
            if let (Some(user), Some(name)) = (folded(attempt), attempt.user.value()) {
                written.entry(user).or_insert(name);
            }
        }
        tally(attempts, folded).map(|user| self.user(written.get(&user).copied().unwrap_or(&user)))
    }
}

/// The first page of the counted attempts; `end` is where counting stopped, if that is before the
/// range's end.
fn first_page(counted: &[Attempt], end: Option<Cursor>) -> Page<Attempt> {
    let rows: Vec<Attempt> = counted.iter().take(PAGE).cloned().collect();
    let last = rows.last().map(|row| Cursor { time: row.time, id: row.id });
    let last = last.filter(|_| counted.len() > PAGE);
    let looked_to = end.filter(|_| last.is_none()).map(|end| end.time);
    Page { rows, newer: None, older: last.or(end), looked_to }
}

/// When the subject failed, within the range (µs since 1970).
fn failures(told: &ByAttempt, subject: &ProfileSubject, asked: AttemptSelection) -> Vec<i64> {
    let mine = |event: &&store::timeline::TimelineEvent| match subject {
        ProfileSubject::Number(phone) => event.phone == Some(*phone),
        ProfileSubject::Ip(ip) => event.ip == Some(*ip),
        ProfileSubject::User(_) => false,
    };
    let events = told.values().flatten().filter(mine);
    let failed =
        events.filter(|event| event.kind.is_failure() && asked.period.contains(event.time));
    failed.map(|event| event.time.timestamp_micros()).collect()
}
