use super::*;
use crate::After;
use crate::write::written;
use chrono::TimeDelta;
use sqlx::PgPool;
use testkit::noon;

fn block(kind: BlockKind, value: &str, until: Option<DateTime<Utc>>) -> Block {
    let target = Target::parse(kind, value).unwrap();
    Block {
        id: crate::random::uuid(),
        kind,
        value: target.value().to_owned(),
        key: target.key().to_owned(),
        only_channel: None,
        since: noon(),
        until,
        by: "ann@example.com".into(),
        reason: "stolen phone".into(),
        auto: false,
        end: None,
    }
}

async fn add_all(pool: &PgPool, blocks: &[Block], now: DateTime<Utc>) -> Vec<Uuid> {
    written(pool, async |write| add(write, blocks, now).await).await.unwrap()
}

async fn get(pool: &PgPool, id: Uuid) -> Result<Block> {
    read(&sqlx::query("select * from block where id = $1").bind(id).fetch_one(pool).await?)
}

fn end_at(time: DateTime<Utc>) -> End {
    End { time, by: "bob@example.com".into(), reason: "found again".into() }
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn one_live_block_of_a_key(pool: PgPool) -> Result<()> {
    let hour = noon() + TimeDelta::hours(1);
    let first = block(BlockKind::User, "Cy@example.com", Some(hour));
    assert_eq!(add_all(&pool, std::slice::from_ref(&first), noon()).await, [first.id]);
    let second = block(BlockKind::User, "cy@EXAMPLE.com", None);
    let again = add_all(&pool, std::slice::from_ref(&second), noon()).await;
    assert!(again.is_empty(), "one of that key holds");
    assert_eq!(get(&pool, first.id).await?, first);

    // To the microsecond: it holds until its time, and no longer.
    let target = Target::parse(BlockKind::User, "cy@example.com").unwrap();
    let before = hour - TimeDelta::microseconds(1);
    assert_eq!(live_of(&pool, &target, before).await?.as_ref(), Some(&first));
    assert_eq!(live_of(&pool, &target, hour).await?, None);
    assert!(
        written(&pool, async |write| end(write, &[first.id], &end_at(hour)).await)
            .await?
            .is_empty(),
        "it has ended by itself"
    );
    assert_eq!(first.ended(hour), Some(End::by_time(hour)));
    assert_eq!(first.ended(before), None);

    let later = hour + TimeDelta::hours(5);
    let second = Block { since: later, ..second };
    assert_eq!(add_all(&pool, std::slice::from_ref(&second), later).await, [second.id]);
    let first = get(&pool, first.id).await?;
    assert_eq!(first.end, Some(End::by_time(hour)), "ended at its time, not when it was noticed");

    let ended =
        written(&pool, async |write| end(write, &[second.id], &end_at(later)).await).await?;
    assert_eq!(ended[0].end, Some(end_at(later)));
    assert!(
        written(&pool, async |write| end(write, &[second.id], &end_at(later)).await)
            .await?
            .is_empty(),
        "only once"
    );
    Ok(())
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn numbers_are_found_by_their_blocks(pool: PgPool) -> Result<()> {
    let blocks = [
        block(BlockKind::Number, "+49301252700", None),
        block(BlockKind::NumberBlock, "+4930125xxxx", None),
        block(BlockKind::NumberBlock, "+4930125*", None),
        block(BlockKind::NumberBlock, "+4930126xxxx", None),
        block(BlockKind::NumberBlock, "+4930125xxx", None),
    ];
    assert_eq!(add_all(&pool, &blocks, noon()).await.len(), 5);
    let of = async |number: &str| -> Result<Vec<String>> {
        let found = of_number(&pool, number.parse().unwrap(), noon()).await?;
        Ok(found.into_iter().map(|block| block.value).collect())
    };
    assert_eq!(of("+49301252700").await?, ["+49301252700", "+4930125*", "+4930125xxxx"]);
    assert_eq!(of("+49301252701").await?, ["+4930125*", "+4930125xxxx"]);
    assert_eq!(of("+4930125270").await?, ["+4930125*", "+4930125xxx"]);
    assert_eq!(of("+49301272700").await?, [""; 0]);
    Ok(())
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn the_strictest_of_a_users_blocks_counts(pool: PgPool) -> Result<()> {
    let hour = noon() + TimeDelta::hours(1);
    let mail = Block { only_channel: Some(Channel::Email), ..block(BlockKind::User, "a", None) };
    let short = block(BlockKind::User, "b", Some(hour));
    let long = block(BlockKind::User, "c", Some(hour + TimeDelta::hours(1)));
    add_all(&pool, &[mail.clone(), short, long.clone()], noon()).await;
    assert_eq!(of_user(&pool, "a", noon()).await?, Some(mail));
    assert_eq!(of_user(&pool, "nobody", noon()).await?, None);
    sqlx::query(
        "insert into user_alias (name, shown, person, since, by)
         select name, name, $1, now(), 'x' from unnest('{a,b,c,d}'::text[]) as t (name)",
    )
    .bind(crate::random::uuid())
    .execute(&pool)
    .await?;
    assert_eq!(of_user(&pool, "a", noon()).await?, Some(long.clone()));
    assert_eq!(of_user(&pool, "d", noon()).await?, Some(long));
    Ok(())
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn lists_are_paged_and_filtered(pool: PgPool) -> Result<()> {
    let hour = noon() + TimeDelta::hours(1);
    // Five of the same moment: the id decides.
    let mut blocks: Vec<Block> =
        (0..5).map(|at| block(BlockKind::User, &format!("u{at}"), None)).collect();
    blocks.push(Block {
        since: noon() - TimeDelta::hours(1),
        until: Some(hour),
        ..block(BlockKind::Number, "+14155552700", None)
    });
    add_all(&pool, &blocks, noon()).await;
    written(&pool, async |write| end(write, &[blocks[0].id], &end_at(noon())).await).await?;

    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = list(&pool, &Filter::default(), after, 2, noon()).await?;
        let Some(last) = page.last() else { break };
        after = Some(After { time: last.since, id: last.id });
        seen.extend(page.iter().map(|block| block.id));
    }
    let mut ids: Vec<_> = blocks[..5].iter().map(|block| block.id).collect();
    ids.sort();
    ids.push(blocks[5].id);
    assert_eq!(seen, ids);

    let count = async |filter: Filter, now| -> Result<usize> {
        Ok(list(&pool, &filter, None, 100, now).await?.len())
    };
    let live = |live| Filter { live: Some(live), ..Filter::default() };
    assert_eq!((count(live(true), noon()).await?, count(live(false), noon()).await?), (5, 1));
    assert_eq!((count(live(true), hour).await?, count(live(false), hour).await?), (4, 2));
    assert_eq!((count_live(&pool, noon()).await?, count_live(&pool, hour).await?), (5, 4));
    let kind = Filter { kind: Some(BlockKind::Number), ..Filter::default() };
    assert_eq!(count(kind, noon()).await?, 1);
    let keys = Filter { keys: Some(vec!["u1".into(), "u2".into()]), ..Filter::default() };
    assert_eq!(count(keys, noon()).await?, 2);
    Ok(())
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn what_blocked_by_itself_is_told_apart(pool: PgPool) -> Result<()> {
    let hour = TimeDelta::hours(1);
    let auto =
        |value: &str, since| Block { auto: true, since, ..block(BlockKind::User, value, None) };
    let blocks = [
        auto("old", noon() - hour),
        auto("a", noon()),
        auto("ended", noon()),
        Block { until: Some(noon() + hour), ..auto("short", noon()) },
        block(BlockKind::User, "by hand", None),
    ];
    add_all(&pool, &blocks, noon()).await;
    written(&pool, async |write| end(write, &[blocks[2].id], &end_at(noon())).await).await?;
    let live = live_auto(&pool, noon(), noon() + hour).await?;
    assert_eq!(live, [blocks[1].clone()]);
    Ok(())
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_report_is_as_it_was_known(pool: PgPool) -> Result<()> {
    let hour = TimeDelta::hours(1);
    let blocks = [
        block(BlockKind::User, "b", None),
        block(BlockKind::User, "a", Some(noon() + hour * 2)),
        Block { since: noon() + hour * 9, ..block(BlockKind::User, "later", None) },
    ];
    add_all(&pool, &blocks, noon()).await;
    written(&pool, async |write| end(write, &[blocks[0].id], &end_at(noon() + hour)).await).await?;
    let (from, to) = (noon(), noon() + hour * 9);
    let ends = async |as_of| -> Result<Vec<(String, Option<DateTime<Utc>>)>> {
        let rows = report(&pool, from, to, as_of).await?;
        Ok(rows.into_iter().map(|b| (b.value, b.end.map(|end| end.time))).collect())
    };
    let rows = |a, b| vec![("a".to_owned(), a), ("b".to_owned(), b)];
    assert_eq!(ends(noon()).await?, rows(None, None));
    assert_eq!(ends(noon() + hour).await?, rows(None, Some(noon() + hour)));
    let whole = rows(Some(noon() + hour * 2), Some(noon() + hour));
    assert_eq!(ends(noon() + hour * 3).await?, whole);
    // Another block of the same user ends the expired row; the report's bytes stay.
    let again = Block { since: to, ..block(BlockKind::User, "a", None) };
    add_all(&pool, &[again], to).await;
    assert_eq!(ends(noon() + hour * 3).await?, whole);
    assert_eq!(ends(noon() + hour).await?, rows(None, Some(noon() + hour)));
    assert!(ends(noon() - hour).await?.is_empty());
    Ok(())
}

#[test]
fn cursors_are_read_back() {
    let after = After { time: noon(), id: crate::random::uuid() };
    assert_eq!(after.to_string().parse(), Ok(after));
    let far = format!("{}-{}", i64::MAX, after.id);
    for wrong in ["", "-", "1-", "-1", "x-y", &far, "8210266876799999999-1"] {
        assert!(wrong.parse::<After>().is_err(), "{wrong}");
    }
}
