use super::known::Times;
use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use futures::future::join_all;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};
use store::Clock;
use testkit::noon;

const FROM: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn db(pool: &PgPool) -> Db {
    Db::new(pool.clone(), Clock::fixed(noon()))
}

fn new(name: &str) -> NewKey {
    // The highest rate: these tests are not about the rate limit.
    NewKey { rate: Rate::MAX, ..NewKey::new(KeyName::parse(name).unwrap(), vec![Scope::Read]) }
}

async fn made(db: &Db, name: &str) -> (ApiKey, String) {
    let key = create(db, &By::command(), new(name)).await.unwrap();
    let header = format!("Bearer {}", key.reveal());
    (key, header)
}

async fn authenticate(keys: &Keys, header: &str) -> Result<KeyHolder, KeyError> {
    keys.authenticate(Some(header), false, FROM).await
}

fn unknown(answer: &Result<KeyHolder, KeyError>) -> bool {
    matches!(answer, Err(KeyError::Unknown | KeyError::Ended { .. }))
}

/// Lookups may take as long as a busy machine needs, for tests in which the store answers.
fn patient() -> Times {
    let long = Duration::from_secs(30);
    Times { patience: long, look: long, ..Times::default() }
}

/// The same store over a single connection, which a test can close.
async fn narrow(pool: &PgPool) -> PgPool {
    let options = PgPoolOptions::new().max_connections(1);
    options.connect_with((*pool.connect_options()).clone()).await.unwrap()
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_key_opens_until_it_is_ended(pool: PgPool) {
    let db = db(&pool);
    let keys = Keys::with(db.clone(), patient());
    let (key, header) = made(&db, "gateway").await;
    let holder = authenticate(&keys, &header).await.unwrap();
    assert_eq!((holder.name.as_str(), holder.scopes), ("gateway", vec![Scope::Read]));
    let row = store::keys::by_id(db.read(), &key.id).await.unwrap().unwrap();
    assert!(!row.hash.windows(8).any(|part| part == &key.secret[..8]), "stored unencrypted");

    let taken = create(&db, &By::command(), new("gateway")).await;
    assert!(matches!(taken, Err(ChangeError::Invalid(_))));
    assert!(authenticate(&keys, &header).await.is_ok(), "it is in memory when it is ended");
    assert!(revoke(&db, &By::command(), &key.id).await.unwrap());
    assert!(unknown(&authenticate(&keys, &header).await), "revoked at once on this server");
    assert!(!revoke(&db, &By::command(), &key.id).await.unwrap());
    let told = store::audit::list(db.read(), &Default::default(), None, 9).await.unwrap();
    let activities: Vec<_> = told.iter().map(|row| &*row.entry.activity).collect();
    assert_eq!(activities, ["API key revoked", "API key made"]);
    assert!(!format!("{told:?}").contains(&key.reveal()[16..]), "the log contains the key");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn its_use_is_noted_and_nobody_waits_for_it(pool: PgPool) {
    let db = db(&pool);
    let keys = Keys::new(db.clone());
    let (key, header) = made(&db, "gateway").await;
    authenticate(&keys, &header).await.unwrap();
    let noted = async {
        loop {
            let row = store::keys::by_id(db.read(), &key.id).await.unwrap().unwrap();
            if let Some(used) = row.used {
                return used;
            }
        }
    };
    let noted = tokio::time::timeout(Duration::from_secs(10), noted).await;
    assert_eq!(noted.unwrap(), noon());
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn anything_else_opens_nothing(pool: PgPool) {
    let db = db(&pool);
    let keys = Keys::new(db.clone());
    let (mut key, right) = made(&db, "gateway").await;
    assert!(
        authenticate(&keys, &right).await.is_ok(),
        "in memory too, only the right key is accepted"
    );
    key.secret[0] ^= 1;
    let other = ApiKey::from_random([0; 6], key.secret);
    for header in [
        format!("Bearer {}", key.reveal()),
        format!("Bearer {}", other.reveal()),
        "Bearer".into(),
        "Bearer tw_".into(),
        "Bearer tw_a_é".into(),
    ] {
        assert!(unknown(&authenticate(&keys, &header).await), "{header}");
    }
    assert!(matches!(authenticate(&keys, "Basic eDp5").await, Err(KeyError::Missing)));
    assert!(matches!(keys.authenticate(None, false, FROM).await, Err(KeyError::Missing)));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn basic_auth_takes_name_and_key_that_belong_together(pool: PgPool) {
    let db = db(&pool);
    let keys = Keys::new(db.clone());
    let (key, bearer) = made(&db, "b2c tenant é").await;
    let (other, _) = made(&db, "other").await;
    let basic = |user: &str, key: &str| STANDARD.encode(format!("{user}:{key}"));
    let ask = async |header: &str| keys.authenticate(Some(header), true, FROM).await;
    let right = basic("b2c tenant é", &key.reveal());
    for header in [format!("Basic {right}"), format!("bASIC  {right} "), bearer] {
        assert_eq!(ask(&header).await.unwrap().id, key.id, "{header}");
    }
    for pair in [
        basic("other", &key.reveal()),
        basic("B2c tenant é", &key.reveal()),
        basic("", &key.reveal()),
        basic("b2c tenant é", &other.reveal()),
        basic("b2c tenant é", "password"),
        basic("b2c tenant é", &format!("{} ", key.reveal())),
        STANDARD.encode(key.reveal()),
        STANDARD.encode([0xff, b':', b'x']),
        "not base64!".into(),
        String::new(),
    ] {
        assert!(unknown(&ask(&format!("Basic {pair}")).await), "{pair}");
    }
    let elsewhere = authenticate(&keys, &format!("Basic {right}")).await;
    assert!(matches!(elsewhere, Err(KeyError::Missing)), "only where basic auth is accepted");
    revoke(&db, &By::command(), &key.id).await.unwrap();
    assert!(unknown(&ask(&format!("Basic {right}")).await));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn time_and_place_can_be_limited(pool: PgPool) {
    let db = db(&pool);
    let past = create(&db, &By::command(), NewKey { expires: Some(noon()), ..new("past") }).await;
    assert!(matches!(past, Err(ChangeError::Invalid(_))));
    let key = NewKey {
        expires: Some(noon() + TimeDelta::hours(1)),
        networks: vec!["10.0.0.0/8".parse().unwrap()],
        ..new("limited")
    };
    let header = format!("bearer {}", create(&db, &By::command(), key).await.unwrap().reveal());
    let inside = IpAddr::from([10, 1, 2, 3]);
    let keys = Keys::new(db);
    assert!(keys.authenticate(Some(&header), false, inside).await.is_ok());
    // The row is in memory now, and its address is still checked.
    assert!(matches!(authenticate(&keys, &header).await, Err(KeyError::Address { .. })));
    let late = Keys::new(Db::new(pool, Clock::fixed(noon() + TimeDelta::hours(1))));
    for _ in 0..2 {
        assert!(unknown(&late.authenticate(Some(&header), false, inside).await));
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn another_server_hears_of_an_end_within_200_ms(pool: PgPool) {
    let (here, there) = (db(&pool), db(&pool));
    let other = Keys::with(there.clone(), patient());
    let (key, header) = made(&here, "gateway").await;
    assert!(authenticate(&other, &header).await.is_ok());
    assert!(revoke(&here, &By::command(), &key.id).await.unwrap());
    let ended = Instant::now();
    loop {
        let asked = ended.elapsed();
        if unknown(&authenticate(&other, &header).await) {
            break;
        }
        assert!(asked < Duration::from_millis(200), "accepted {asked:?} after it was revoked");
    }
    assert_eq!(there.changes(), 0, "it learned this only from the store");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn all_who_wait_wait_for_one_look(pool: PgPool) {
    let (_, header) = made(&db(&pool), "gateway").await;
    let narrow = narrow(&pool).await;
    let keys = Keys::with(db(&narrow), patient());
    let taken = narrow.acquire().await.unwrap();
    // All 50 authenticate before the connection is free: the first poll of each runs up to its
    // wait.
    let ask = join_all((0..50).map(|_| authenticate(&keys, &header)));
    let (answers, ()) = tokio::join!(ask, async { drop(taken) });
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(keys.looks(), 1);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn requests_are_answered_from_memory(pool: PgPool) {
    let db = db(&pool);
    let keys = Keys::new(db.clone());
    let (_, header) = made(&db, "gateway").await;
    let begun = Instant::now();
    for _ in 0..5_000 {
        authenticate(&keys, &header).await.unwrap();
    }
    let most = 1 + begun.elapsed().as_millis() / 100;
    assert!(u128::from(keys.looks()) <= most, "{} looks, at most {most}", keys.looks());
    // A change by this process causes one new lookup.
    let before = keys.looks();
    authenticate(&keys, &header).await.unwrap();
    db.changed();
    authenticate(&keys, &header).await.unwrap();
    assert!(keys.looks() > before);
    // Ids that the store does not know are not kept.
    let stranger = format!("Bearer {}", ApiKey::from_random([9; 6], [9; 32]).reveal());
    let before = keys.looks();
    assert!(unknown(&authenticate(&keys, &stranger).await));
    assert!(unknown(&authenticate(&keys, &stranger).await));
    assert_eq!(keys.looks(), before + 2);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_store_that_is_gone_keeps_known_keys_and_no_others(pool: PgPool) {
    let whole = db(&pool);
    let ((key, known), (_, unmet)) = (made(&whole, "met").await, made(&whole, "unmet").await);
    let narrow = narrow(&pool).await;
    let gone = db(&narrow);
    let brief = Times { fresh: Duration::ZERO, ..Times::default() };
    let keys = Keys::with(gone.clone(), brief);
    // No grace period, as if the 15 minutes were over.
    let strict = Keys::with(gone.clone(), Times { grace: Duration::ZERO, ..brief });
    for keys in [&keys, &strict] {
        assert!(authenticate(keys, &known).await.is_ok());
    }
    narrow.close().await;
    assert!(matches!(authenticate(&strict, &known).await, Err(KeyError::Store(_))));
    for _ in 0..3 {
        assert!(authenticate(&keys, &known).await.is_ok());
        assert!(matches!(authenticate(&keys, &unmet).await, Err(KeyError::Store(_))));
    }
    // Checks that need no store still apply.
    let mut wrong = key.clone();
    wrong.secret[0] ^= 1;
    assert!(unknown(&authenticate(&keys, &format!("Bearer {}", wrong.reveal())).await));
    // This process made a change since: it queries again, and continues without an answer.
    gone.changed();
    assert!(authenticate(&keys, &known).await.is_ok());
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_store_that_hangs_is_waited_for_once_and_met_again(pool: PgPool) {
    let whole = db(&pool);
    let (key, known) = made(&whole, "met").await;
    let (_, unmet) = made(&whole, "unmet").await;
    let narrow = narrow(&pool).await;
    let keys =
        Keys::with(db(&narrow), Times { fresh: Duration::from_millis(20), ..Times::default() });
    assert!(authenticate(&keys, &known).await.is_ok());
    let mut taken = narrow.acquire().await.unwrap();
    let wait = async |header: &str| {
        let begun = Instant::now();
        let answer = authenticate(&keys, header).await;
        (answer, begun.elapsed())
    };
    // Until its row is too old and the store did not answer in time.
    loop {
        let (answer, took) = wait(&known).await;
        assert!(answer.is_ok());
        if took >= Duration::from_millis(200) {
            break;
        }
    }
    let before = keys.looks();
    let mut longest = Duration::ZERO;
    for _ in 0..1_000 {
        let (answer, took) = wait(&known).await;
        assert!(answer.is_ok());
        longest = longest.max(took);
    }
    assert!(longest < Duration::from_millis(200), "waited {longest:?} for a store that is away");
    assert!(keys.looks() <= before + 1, "one lookup keeps trying");
    assert!(matches!(wait(&unmet).await.0, Err(KeyError::Store(_))));

    // The store is back and the key was revoked meanwhile: this takes effect once the next lookup
    // is answered.
    let ended = sqlx::query("update api_key set revoked = $2 where id = $1").bind(&key.id);
    ended.bind(noon()).execute(&mut *taken).await.unwrap();
    drop(taken);
    let refused = async {
        while !unknown(&authenticate(&keys, &known).await) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), refused).await.unwrap();
    assert!(authenticate(&keys, &unmet).await.is_ok());
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn what_this_server_ended_stays_ended_while_the_store_is_gone(pool: PgPool) {
    let keys = Keys::new(db(&pool));
    let (key, header) = made(&db(&pool), "gateway").await;
    assert!(authenticate(&keys, &header).await.is_ok());
    assert!(keys.revoke(&By::command(), &key.id).await.unwrap());
    pool.close().await;
    assert!(matches!(authenticate(&keys, &header).await, Err(KeyError::Store(_))));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn each_key_has_its_rate_here(pool: PgPool) {
    let db = db(&pool);
    let slow = NewKey { rate: Rate::new(3).unwrap(), ..new("slow") };
    let slow = format!("Bearer {}", create(&db, &By::command(), slow).await.unwrap().reveal());
    let (_, other) = made(&db, "other").await;
    let keys = Keys::with(db.clone(), patient());
    let begun = Instant::now();
    let mut passed = 0;
    for n in 0..40 {
        match authenticate(&keys, &slow).await {
            Ok(_) => passed += 1,
            Err(KeyError::Rate { rate: 3, wait }) => assert!(wait <= Duration::from_secs(1)),
            Err(error) => panic!("{error}"),
        }
        if n % 8 == 0 {
            // The row is read again, and the requests stay counted.
            db.changed();
        }
    }
    let most = 4 + 3 * (begun.elapsed().as_secs() + 1);
    assert!((3..=most).contains(&passed), "{passed} of at most {most}");
    assert!(authenticate(&keys, &other).await.is_ok(), "another key has its own");
}
