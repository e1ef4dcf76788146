use super::*;
use chrono::TimeDelta;
use domain::Channel;
use domain::blocks::{BlockFields, NewBypass, read_list};
use serde_json::Value;
use sqlx::PgPool;
use std::time::Instant;
use store::Clock;
use testkit::noon;

fn db(pool: &PgPool) -> Db {
    Db::new(pool.clone(), Clock::fixed(noon()))
}

fn by() -> By {
    By::account("ann@example.com", [192, 0, 2, 1].into())
}

fn new(value: &str, until: &str) -> NewBlock {
    let fields = BlockFields { value, until, reason: "stolen phone", ..Default::default() };
    NewBlock::read(fields, noon()).unwrap()
}

/// Activity, object, and the values before and after, oldest first.
async fn audit(pool: &PgPool) -> Vec<(String, String, Option<Value>, Option<Value>)> {
    let entries = store::audit::list(pool, &Default::default(), None, 100).await.unwrap();
    let value = |text: Option<String>| text.map(|text| serde_json::from_str(&text).unwrap());
    entries
        .into_iter()
        .rev()
        .map(|row| {
            let entry = row.entry;
            (entry.activity, entry.object, value(entry.before), value(entry.after))
        })
        .collect()
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn blocked_and_unblocked_on_record(pool: PgPool) {
    let db = db(&pool);
    let block = add(&db, &by(), &new("Bob@example.com", "2026-12-01"), false).await.unwrap();
    assert_eq!(of_user(&db, " bob@EXAMPLE.com ").await.unwrap().as_ref(), Some(&block));
    let again = add(&db, &by(), &new("bob@example.com", ""), false).await.unwrap_err();
    assert!(matches!(&again, BlockError::AlreadyBlocked(present) if present.id == block.id));
    assert_eq!(again.to_string(), "is blocked already, until 1 Dec 2026, 00:00 UTC");

    for reason in ["", " ", "a\nb", &"x".repeat(501)] {
        let refused = end(&db, &by(), block.id, reason).await.unwrap_err();
        assert!(matches!(refused, BlockError::Invalid(invalid) if invalid.of("reason").is_some()));
    }
    let ended = end(&db, &by(), block.id, " found again ").await.unwrap();
    assert_eq!(ended.end.unwrap().reason, "found again");
    assert_eq!(of_user(&db, "bob@example.com").await.unwrap(), None);
    let twice = end(&db, &by(), block.id, "found again").await;
    assert!(matches!(twice, Err(BlockError::Missing)));
    let unknown = end(&db, &by(), Uuid::nil(), "found again").await;
    assert!(matches!(unknown, Err(BlockError::Missing)));

    let audit = audit(&pool).await;
    let words: Vec<_> = audit.iter().map(|(what, object, ..)| (&**what, &**object)).collect();
    assert_eq!(words, [("Blocked", "user Bob@example.com"), ("Unblocked", "user Bob@example.com")]);
    assert_eq!(audit[0].3.as_ref().unwrap()["reason"], "stolen phone");
    assert_eq!(audit[1].3.as_ref().unwrap()["reason"], "found again");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_block_can_take_anothers_place(pool: PgPool) {
    let db = db(&pool);
    let first = add(&db, &by(), &new("bob", "2026-12-01"), false).await.unwrap();
    let second = NewBlock { only_channel: Some(Channel::Email), ..new("bob", "") };
    let second = add(&db, &by(), &second, true).await.unwrap();
    assert_eq!(of_user(&db, "bob").await.unwrap(), Some(second));
    let ended = store::blocks::Filter { live: Some(false), ..Default::default() };
    let ended = store::blocks::list(&pool, &ended, None, 9, noon()).await.unwrap();
    let first = ended.into_iter().find(|block| block.id == first.id).unwrap();
    assert_eq!(first.end.unwrap().reason, "another block took its place");
    let audit = audit(&pool).await;
    assert_eq!((audit.len(), &*audit[1].0), (2, "Other channel required"));
    assert_eq!(audit[1].2.as_ref().unwrap()["until"], "2026-12-01T00:00:00Z");
    assert_eq!(audit[1].3.as_ref().unwrap()["only_channel"], "email");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_block_by_one_name_holds_for_the_others(pool: PgPool) {
    let db = db(&pool);
    crate::aliases::join(&db, &by(), "id-1", "Bob@example.com").await.unwrap();
    let block = add(&db, &by(), &new("id-1", ""), false).await.unwrap();
    assert_eq!(of_user(&db, "bob@example.com").await.unwrap().as_ref(), Some(&block));
    let again = add(&db, &by(), &new("bob@example.com", ""), false).await;
    assert!(matches!(again, Err(BlockError::AlreadyBlocked(present)) if *present == block));
    crate::aliases::part(&db, &by(), "bob@example.com").await.unwrap();
    assert_eq!(of_user(&db, "bob@example.com").await.unwrap(), None);
    assert_eq!(of_user(&db, "ID-1").await.unwrap(), Some(block));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn many_at_once_or_none(pool: PgPool) {
    let db = db(&pool);
    add(&db, &by(), &new("known", ""), false).await.unwrap();
    let text = "ann\nknown\n+14155552700\n+1415555xxxx\n";
    let fields = BlockFields { reason: "attack", ..Default::default() };
    let list: Vec<NewBlock> =
        read_list(text, fields, noon()).good.into_iter().map(|(.., block)| block).collect();
    let many = add_many(&db, &by(), &list, false).await.unwrap();
    let added: Vec<_> = many.added.iter().map(|block| block.value.as_str()).collect();
    assert_eq!(added, ["ann", "+14155552700", "+1415555xxxx"]);
    assert_eq!((many.known.len(), many.known[0].0), (1, 1));
    assert_eq!(audit(&pool).await.len(), 4, "each has its entry");

    for block in &many.added {
        assert_eq!(end(&db, &by(), block.id, "over").await.unwrap().id, block.id);
    }
    let again = end(&db, &by(), many.added[0].id, "over").await;
    assert!(matches!(again, Err(BlockError::Missing)));
    assert_eq!(audit(&pool).await.len(), 7);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn of_many_at_the_same_moment_one_blocks(pool: PgPool) {
    let db = db(&pool);
    let tries = (0..12).map(|at| {
        let (db, new) = (db.clone(), new(if at % 2 == 0 { "bob" } else { "BOB" }, ""));
        tokio::spawn(async move { add(&db, &by(), &new, false).await })
    });
    let mut added = 0;
    for one in tries.collect::<Vec<_>>() {
        match one.await.unwrap() {
            Ok(_) => added += 1,
            Err(BlockError::AlreadyBlocked(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!((added, audit(&pool).await.len()), (1, 1));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_bypass_is_given_and_taken_back(pool: PgPool) {
    let db = db(&pool);
    let new = NewBypass::read("user", "Bob", Some(300), "new phone").unwrap();
    let given = bypass(&db, &by(), &new).await.unwrap();
    assert_eq!(given.until, noon() + TimeDelta::seconds(300));
    let again = bypass(&db, &by(), &new).await;
    assert!(matches!(again, Err(BlockError::AlreadyBypassed(present)) if present.id == given.id));
    let refused = end_bypass(&db, &by(), given.id, "").await;
    assert!(matches!(refused, Err(BlockError::Invalid(_))));
    end_bypass(&db, &by(), given.id, "a mistake").await.unwrap();
    let twice = end_bypass(&db, &by(), given.id, "a mistake").await;
    assert!(matches!(twice, Err(BlockError::Missing)));
    let used = bypass(&db, &by(), &new).await.unwrap();
    assert!(store::bypasses::use_one(&pool, used.id, noon()).await.unwrap());
    let late = end_bypass(&db, &by(), used.id, "a mistake").await;
    assert!(matches!(late, Err(BlockError::Missing)), "it was used");
    let words: Vec<_> = audit(&pool).await.into_iter().map(|(what, ..)| what).collect();
    assert_eq!(words, ["Bypass given", "Bypass ended", "Bypass given"]);
}

/// `cargo test -p tollwarden-engine --lib blocks:: -- --ignored --nocapture` prints the figure.
#[sqlx::test(migrator = "store::MIGRATOR")]
#[ignore = "measures; takes half a minute"]
async fn a_look_takes_less_than_a_millisecond(pool: PgPool) {
    let fill = "insert into block (id, kind, value, key, since, until, by, reason)
        select gen_random_uuid(), 'user', 'user' || n, 'user' || n, now(), now() + interval '1 day',
               'a', 'b' from generate_series(1, 100000) as n";
    sqlx::query(fill).execute(&pool).await.unwrap();
    let names = "insert into user_alias (name, shown, person, since, by)
        select 'user' || n, 'user' || n, md5((n / 3)::text)::uuid, now(), 'a'
        from generate_series(1, 300000) as n";
    sqlx::query(names).execute(&pool).await.unwrap();
    let db = Db::new(pool, Clock::system());
    let mut times = Vec::new();
    for at in 0..2_000_u64 {
        let user = format!("USER{}", 1 + (at * 7_919) % 300_000);
        let begun = Instant::now();
        let found = of_user(&db, &user).await.unwrap();
        times.push(begun.elapsed());
        let number: u64 = user[4..].parse().unwrap();
        assert_eq!(found.is_some(), number / 3 * 3 <= 100_000, "{user}");
    }
    times.sort();
    let (half, most) = (times[times.len() / 2], times[times.len() * 99 / 100]);
    println!("block lookup at 100,000 blocks and 300,000 names: median {half:?}, p99 {most:?}");
    assert!(half.as_micros() <= 1_000, "{half:?}");
}
