use super::*;
use crate::After;
use crate::reports::PieceSize;
use crate::write::written;
use chrono::TimeDelta;
use domain::Period;
use futures::TryStreamExt as _;
use sqlx::PgPool;
use testkit::noon;

fn row(n: u128, minute: i64) -> Row {
    Row {
        id: Uuid::from_u128(n),
        api_key: "a1".into(),
        external_id: format!("r{n}"),
        received: noon() + TimeDelta::minutes(minute),
        time: noon() - TimeDelta::minutes(minute),
        user: "Ann".into(),
        user_key: "ann".into(),
        channel: Channel::Push,
        phone: None,
        journey: None,
        ip: None,
        flow: None,
        note: None,
        attempt: Uuid::from_u128(n),
        action: Action::NoAction,
        until: None,
        block: None,
        broken: false,
        handled: None,
    }
}

/// Five reports: the second to fourth came in at the same moment.
async fn fill(pool: &PgPool) -> Vec<Row> {
    let mut rows = vec![row(1, 0), row(2, 1), row(3, 1), row(4, 1), row(5, 2)];
    rows[1].user_key = "bob".into();
    rows[1].user = "Bob".into();
    rows[2].channel = Channel::Voice;
    rows[2].phone = Some("+14155552700".parse().unwrap());
    rows[2].ip = Some("2001:db8::1".parse().unwrap());
    rows[3].action = Action::Blocked;
    rows[3].until = Some(noon() + TimeDelta::days(90));
    rows[3].block = Some(Uuid::from_u128(9));
    (rows[4].journey, rows[4].flow) = (Some("j".into()), Some("f".into()));
    (rows[4].note, rows[4].broken) = (Some("<b>\nnote".into()), true);
    let mut conn = pool.acquire().await.unwrap();
    assert_eq!(insert(&mut conn, &rows).await.unwrap(), 5);
    assert_eq!(insert(&mut conn, &[]).await.unwrap(), 0);
    let mut twice = row(6, 9);
    twice.external_id = "r1".into();
    assert_eq!(insert(&mut conn, &[twice]).await.unwrap(), 0, "the first stays");
    rows
}

async fn ids(pool: &PgPool, filter: &Filter) -> Vec<u128> {
    let rows = list(pool, filter, None, 100).await.unwrap();
    rows.iter().map(|row| row.id.as_u128()).collect()
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn rows_come_back_as_they_went_in(pool: PgPool) {
    for row in fill(&pool).await {
        assert_eq!(get(&pool, row.id).await.unwrap(), Some(row));
    }
    assert_eq!(get(&pool, Uuid::nil()).await.unwrap(), None);
    let mut conn = pool.acquire().await.unwrap();
    let known = answers(&mut conn, &[("a1", "r4"), ("a1", "r9"), ("b", "r4")]).await.unwrap();
    let four = FirstAnswer {
        id: Uuid::from_u128(4),
        action: Action::Blocked,
        until: Some(noon() + TimeDelta::days(90)),
    };
    assert_eq!(known, HashMap::from([(("a1".to_owned(), "r4".to_owned()), four)]));
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn the_list_is_newest_first_and_pages_miss_nothing(pool: PgPool) {
    fill(&pool).await;
    assert_eq!(ids(&pool, &Filter::default()).await, [5, 2, 3, 4, 1]);
    for size in 1..=6 {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = list(&pool, &Filter::default(), after, size).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(After { time: last.received, id: last.id });
            seen.extend(page.iter().map(|row| row.id.as_u128()));
        }
        assert_eq!(seen, [5, 2, 3, 4, 1], "pages of {size}");
    }
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn filters_leave_what_fits(pool: PgPool) {
    fill(&pool).await;
    let handled = Handled { at: noon(), by: "ann@example.com".into(), note: Some("ok".into()) };
    assert!(
        written(&pool, async |write| handle(write, Uuid::from_u128(3), &handled).await)
            .await
            .unwrap()
    );
    assert!(
        !written(&pool, async |write| handle(write, Uuid::nil(), &handled).await).await.unwrap()
    );
    assert_eq!(get(&pool, Uuid::from_u128(3)).await.unwrap().unwrap().handled, Some(handled));
    let all = Filter::default;
    let minute = |minute| Some(noon() + TimeDelta::minutes(minute));
    for (filter, fits) in [
        (Filter { action: Some(Action::Blocked), ..all() }, vec![4]),
        (Filter { users: Some(vec!["bob".into()]), ..all() }, vec![2]),
        (Filter { users: Some(vec!["bob".into(), "ann".into()]), ..all() }, vec![5, 2, 3, 4, 1]),
        (Filter { users: Some(Vec::new()), ..all() }, vec![]),
        (Filter { channel: Some(Channel::Voice), ..all() }, vec![3]),
        (Filter { from: minute(1), to: minute(2), ..all() }, vec![2, 3, 4]),
        (Filter { handled: Some(true), ..all() }, vec![3]),
        (Filter { handled: Some(false), ..all() }, vec![5, 2, 4, 1]),
        (
            Filter { handled: Some(false), action: Some(Action::NoAction), to: minute(2), ..all() },
            vec![2, 1],
        ),
    ] {
        assert_eq!(ids(&pool, &filter).await, fits, "{filter:?}");
    }
    let bobs = by_user(&pool, &["bob".to_owned()], 10).await.unwrap();
    assert_eq!(bobs.iter().map(|row| row.id.as_u128()).collect::<Vec<_>>(), [2]);
}

#[sqlx::test(migrator = "crate::MIGRATOR")]
async fn the_report_goes_by_the_time_of_reporting(pool: PgPool) {
    fill(&pool).await;
    let from = noon() - TimeDelta::minutes(1);
    let period = Period { from, to: noon() + TimeDelta::microseconds(1) };
    let rows: Vec<Row> =
        report(&pool, period, None, PieceSize::full()).try_collect().await.unwrap();
    assert_eq!(rows.iter().map(|row| row.id.as_u128()).collect::<Vec<_>>(), [1, 3, 4, 2]);
    let voice: Vec<Row> =
        report(&pool, period, Some(Channel::Voice), PieceSize::full()).try_collect().await.unwrap();
    assert_eq!(voice.len(), 1);
    let before = Period { from, to: noon() };
    assert_eq!(
        report(&pool, before, None, PieceSize::full()).try_collect::<Vec<_>>().await.unwrap().len(),
        3
    );
}
