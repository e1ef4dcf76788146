use super::*;
use crate::accounts;
use crate::write::written;
use chrono::TimeDelta;
use serde_json::json;
use sqlx::PgPool;
use testkit::noon;

fn cutoffs(now: DateTime<Utc>) -> Cutoffs {
    Cutoffs {
        created: now - TimeDelta::days(7),
        seen: now - TimeDelta::hours(12),
        seen_unknown: now - TimeDelta::minutes(15),
    }
}

async fn account(pool: &PgPool) -> Result<Uuid> {
    let id = Uuid::from_u128(7);
    written(pool, async |write| {
        accounts::insert(write, id, "a@example.com", Role::Auditor, "x", noon()).await
    })
    .await?;
    Ok(id)
}

fn signed(account: Uuid, epoch: i32) -> Signed {
    Signed {
        account,
        epoch,
        confirmed: Some(noon()),
        browser: Some("Firefox on Windows".into()),
        address: Some("192.0.2.1".into()),
    }
}

async fn at(pool: &PgPool, id: &[u8], now: DateTime<Utc>) -> Result<Option<Row>> {
    load(pool, id, cutoffs(now), now, true).await
}

async fn lives(pool: &PgPool, id: &[u8], now: DateTime<Utc>) -> Result<bool> {
    Ok(living(pool, &[b"other".to_vec(), id.to_vec()], cutoffs(now)).await? == [id])
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn a_session_says_who_holds_it(pool: PgPool) -> Result<()> {
    let id = account(&pool).await?;
    create(&pool, b"s", None, &json!({"a": 1}), noon()).await?;
    assert!(create(&pool, b"s", None, &json!({}), noon()).await.is_err());
    let row = at(&pool, b"s", noon()).await?.unwrap();
    assert_eq!(row, Row { account: None, data: json!({"a": 1}) });

    save(&pool, b"s", Some(&signed(id, 0)), &json!({}), noon()).await?;
    let holder = at(&pool, b"s", noon()).await?.unwrap().account.unwrap();
    assert_eq!((holder.email.as_str(), holder.role), ("a@example.com", Role::Auditor));
    assert_eq!(holder.signed, signed(id, 0));

    delete(&pool, b"s").await?;
    save(&pool, b"s", Some(&signed(id, 0)), &json!({}), noon()).await?;
    assert_eq!(at(&pool, b"s", noon()).await?, None, "an ended session came back");
    Ok(())
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn an_accounts_sessions_are_listed_while_they_live(pool: PgPool) -> Result<()> {
    let id = account(&pool).await?;
    for (n, minutes) in [(1_u8, 0), (2, 5), (3, -13 * 60)] {
        let at = noon() + TimeDelta::minutes(minutes);
        create(&pool, &[n], Some(&signed(id, 0)), &json!({}), at).await?;
    }
    create(&pool, b"nobody", None, &json!({}), noon()).await?;
    let open = of_account(&pool, id, cutoffs(noon())).await?;
    assert_eq!(open.iter().map(|open| &*open.id).collect::<Vec<_>>(), [[2], [1]]);
    assert_eq!(open[1].browser.as_deref(), Some("Firefox on Windows"));
    assert_eq!(written(&pool, async |write| delete_others(write, id, &[1]).await).await?, 2);
    assert_eq!(of_account(&pool, id, cutoffs(noon())).await?.len(), 1);
    written(&pool, async |write| accounts::end_sessions(write, id).await).await?;
    assert_eq!(of_account(&pool, id, cutoffs(noon())).await?, []);
    Ok(())
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn any_change_of_the_account_ends_it(pool: PgPool) -> Result<()> {
    let id = account(&pool).await?;
    for change in 0..3 {
        let epoch = accounts::by_id(&pool, id).await?.unwrap().epoch;
        create(&pool, &[change], Some(&signed(id, epoch)), &json!({}), noon()).await?;
        assert!(at(&pool, &[change], noon()).await?.is_some());
        assert!(lives(&pool, &[change], noon()).await?);
        match change {
            0 => drop(
                written(&pool, async |write| accounts::set_role(write, id, Role::Admin).await)
                    .await?,
            ),
            1 => drop(
                written(&pool, async |write| accounts::set_password(write, id, "x", "y").await)
                    .await?,
            ),
            _ => drop(
                written(&pool, async |write| accounts::set_disabled(write, id, Some(noon())).await)
                    .await?,
            ),
        }
        assert_eq!(at(&pool, &[change], noon()).await?, None, "change {change}");
        assert!(!lives(&pool, &[change], noon()).await?, "change {change}");
    }
    assert_eq!(prune(&pool, cutoffs(noon())).await?, 3);
    Ok(())
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn what_a_page_asks_by_itself_does_not_keep_it_alive(pool: PgPool) -> Result<()> {
    let id = account(&pool).await?;
    create(&pool, b"left", Some(&signed(id, 0)), &json!({}), noon()).await?;
    for hour in 1..12 {
        let now = noon() + TimeDelta::hours(hour);
        assert!(load(&pool, b"left", cutoffs(now), now, false).await?.is_some(), "{hour}");
        assert!(lives(&pool, b"left", now).await?, "{hour}");
    }
    let now = noon() + TimeDelta::hours(12);
    assert!(!lives(&pool, b"left", now).await?);
    assert!(load(&pool, b"left", cutoffs(now), now, false).await?.is_none());
    Ok(())
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn it_ends_when_unused_and_when_old(pool: PgPool) -> Result<()> {
    let id = account(&pool).await?;
    create(&pool, b"known", Some(&signed(id, 0)), &json!({}), noon()).await?;
    create(&pool, b"unknown", None, &json!({}), noon()).await?;
    let (minutes, hours) = (TimeDelta::minutes(15), TimeDelta::hours(12));
    assert!(at(&pool, b"unknown", noon() + minutes).await?.is_none());
    assert!(at(&pool, b"known", noon() + hours).await?.is_none());

    // Used every 11 hours, it lasts the 7 days and not longer.
    let mut now = noon();
    while now + TimeDelta::hours(11) < noon() + TimeDelta::days(7) {
        now += TimeDelta::hours(11);
        assert!(at(&pool, b"known", now).await?.is_some(), "{now}");
    }
    assert!(at(&pool, b"known", noon() + TimeDelta::days(7)).await?.is_none());
    assert_eq!(prune(&pool, cutoffs(noon() + minutes)).await?, 1);
    assert_eq!(prune(&pool, cutoffs(noon() + TimeDelta::days(8))).await?, 1);
    Ok(())
}
