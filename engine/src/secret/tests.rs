use super::*;
use crate::audit::verify;
use domain::audit::{Activity, By, Change};
use sqlx::PgPool;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use store::Clock;

#[test]
fn a_directory_has_one_secret_for_its_owner_alone() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("data");
    let made: Vec<Secret> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| of_directory(&dir).unwrap())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(made.iter().all(|secret| *secret == made[0]));
    assert_eq!(of_directory(&dir).unwrap(), made[0]);
    let mode = std::fs::metadata(dir.join("secret")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 1, "drafts are removed");

    let open = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(dir.join("secret"), open).unwrap();
    let refused = of_directory(&dir).unwrap_err().to_string();
    assert!(refused.contains("chmod 600") && refused.contains("secret rotate"), "{refused}");
    assert!(!refused.contains(&made[0].reveal()), "{refused}");
    let closed = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(dir.join("secret"), closed).unwrap();
    std::fs::write(dir.join("secret"), "short").unwrap();
    let refused = of_directory(&dir).unwrap_err().to_string();
    assert!(refused.contains("64 hexadecimal digits"), "{refused}");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_store_knows_its_secret(pool: PgPool) {
    let db = Db::new(pool, Clock::system());
    check(&db).await.unwrap();
    check(&db).await.unwrap();
    let other = db.with_secret(Secret::new([9; 32]));
    assert!(matches!(check(&other).await, Err(store::Error::AnotherSecret)));
}

async fn entry(db: &Db, object: &str) -> store::Result<()> {
    let write = db.write(&By::command()).await?;
    write.commit(Change::new(Activity::TestSent, object)).await
}

/// A store with its secret in a file.
async fn with_file(pool: PgPool) -> (tempfile::TempDir, PathBuf, Db) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("secret");
    let secret = create(&path).unwrap();
    let db = Db::new(pool, Clock::system()).with_secret(secret);
    check(&db).await.unwrap();
    (dir, path, db)
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn old_entries_verify_under_the_keys_they_were_written_with(pool: PgPool) {
    let (dir, path, mut db) = with_file(pool).await;
    for turn in 1..=3 {
        for n in 0..3 {
            entry(&db, &format!("{turn} {n}")).await.unwrap();
        }
        let before = db.clone();
        let rotated = rotate_file(&db, &By::command(), &path).await.unwrap();
        assert_eq!(rotated, Rotated { key: turn + 1, sealed: 0, unreadable: 0 });
        db.secret = read(&path).unwrap().unwrap();
        check(&db).await.unwrap();
        // A server with the old secret refuses with an explanation and writes nothing.
        let refused = entry(&before, "late").await.unwrap_err();
        assert!(refused.to_string().contains("secret rotate"), "{refused}");
    }
    entry(&db, "last").await.unwrap();
    let verified = verify(&db, None, |_| ()).await.unwrap();
    assert_eq!(verified.count, 13);
    let keys: Vec<i32> = sqlx::query_scalar("select key from audit order by seq")
        .fetch_all(db.read())
        .await
        .unwrap();
    assert_eq!(keys, [1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4]);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "no other file is left");
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    // Entries signed with a leaked old key are not accepted, wherever they are inserted.
    for sql in [
        "update audit set key = 1 where seq = 13",
        "update audit set key = 4 where seq = 5",
        "update audit set key = 9 where seq = 13",
        "update audit_head set key = 3",
        "update audit_key set sealed = (select sealed from audit_key where number = 2)
         where number = 1",
        "delete from audit_key where number = 2",
    ] {
        let tamper = format!(
            "alter table audit disable trigger all; alter table audit_key disable trigger all;
             create table kept as select seq, key from audit;
             create table kept_keys as select * from audit_key;
             create table kept_head as select key from audit_head; {sql}"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(tamper)).execute(db.facts()).await.unwrap();
        assert!(verify(&db, None, |_| ()).await.is_err(), "{sql}");
        sqlx::raw_sql(
            "update audit set key = kept.key from kept where kept.seq = audit.seq;
             update audit_head set key = (select key from kept_head);
             delete from audit_key; insert into audit_key select * from kept_keys;
             drop table kept, kept_keys, kept_head",
        )
        .execute(db.facts())
        .await
        .unwrap();
        verify(&db, None, |_| ()).await.unwrap();
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn a_leaked_key_signs_no_new_entries(pool: PgPool) {
    let (_dir, path, mut db) = with_file(pool).await;
    entry(&db, "a").await.unwrap();
    let leaked = db.clone();
    rotate_file(&db, &By::command(), &path).await.unwrap();
    db.secret = read(&path).unwrap().unwrap();
    // An attacker who knows the old secret and owns the database continues the chain with the old
    // key.
    let sql = sqlx::AssertSqlSafe(format!(
        "update audit_head set key = 1, secret_check = '\\x{}'",
        domain::keys::hex(&leaked.secret.check())
    ));
    sqlx::raw_sql(sql).execute(db.facts()).await.unwrap();
    entry(&leaked, "forged").await.unwrap();
    let sql = sqlx::AssertSqlSafe(format!(
        "update audit_head set key = 2, secret_check = '\\x{}'",
        domain::keys::hex(&db.secret.check())
    ));
    sqlx::raw_sql(sql).execute(db.facts()).await.unwrap();
    let broken = verify(&db, None, |_| ()).await.unwrap_err().to_string();
    assert!(broken.contains("entry 3") && broken.contains("key 1"), "{broken}");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn an_interrupted_rotation_is_finished_or_forgotten(pool: PgPool) {
    let (dir, path, mut db) = with_file(pool).await;
    entry(&db, "a").await.unwrap();
    let old = std::fs::read(&path).unwrap();
    rotate_file(&db, &By::command(), &path).await.unwrap();
    // Interrupted after the store's commit: the new secret is next to the old one.
    std::fs::rename(&path, dir.path().join("secret.next")).unwrap();
    std::fs::write(&path, &old).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    db.secret = of_directory(dir.path()).unwrap();
    db.secret = settle(&db, &path).await.unwrap();
    check(&db).await.unwrap();
    assert_eq!(of_directory(dir.path()).unwrap(), db.secret);
    entry(&db, "b").await.unwrap();
    // Interrupted before the commit: the new file is useless, and the next rotation overwrites it.
    create(&dir.path().join("secret.next")).unwrap();
    assert_eq!(settle(&db, &path).await.unwrap(), db.secret);
    rotate_file(&db, &By::command(), &path).await.unwrap();
    db.secret = of_directory(dir.path()).unwrap();
    assert_eq!(verify(&db, None, |_| ()).await.unwrap().count, 4);

    // A secret from the environment: into a file that must not exist yet.
    let refused = rotate_into(&db, &By::command(), &path).await.unwrap_err();
    assert!(matches!(refused, RotateError::File(_)), "{refused}");
    check(&db).await.unwrap();
    let other = dir.path().join("other");
    rotate_into(&db, &By::command(), &other).await.unwrap();
    db.secret = read(&other).unwrap().unwrap();
    check(&db).await.unwrap();
}

/// The content of all binary columns. New ones must be listed here, and encrypted ones be rotated.
#[sqlx::test(migrator = "store::MIGRATOR")]
async fn every_sealed_column_is_sealed_anew(pool: PgPool) {
    let what: BTreeMap<&str, &str> = [
        ("api_key.hash", "hash"),
        ("audit.hash", "hash"),
        ("audit_anchor.hash", "hash"),
        ("audit_anchor.mac", "signed anew: domain::audit::anchor"),
        ("audit_head.hash", "hash"),
        ("audit_head.secret_check", "hash"),
        ("audit_key.sealed", "sealed"),
        ("audit_value.erased", "signed anew: domain::audit::erased"),
        ("audit_whole.hash", "hash"),
        ("recipient.old_secret", "sealed"),
        ("recipient.secret", "sealed"),
        ("reset_link.hash", "hash"),
        ("session.id", "hash"),
        ("set_up.hash", "hash"),
        ("store_key.handle_key", "key of handles; not derived from the secret"),
    ]
    .into();
    let columns: Vec<String> = sqlx::query_scalar(
        "select table_name || '.' || column_name from information_schema.columns
         where table_schema = 'public' and data_type = 'bytea' and table_name not like '\\_%'",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    for column in &columns {
        assert!(what.contains_key(&**column), "{column}: what does it contain, and is it rotated?");
    }

    let (_dir, path, mut db) = with_file(pool).await;
    let id = store::random::uuid();
    let seal = |text: &[u8]| {
        crate::notify::seal::seal(&db.secret.seal_key(), id.as_bytes(), text).unwrap()
    };
    sqlx::query(
        "insert into recipient (id, kind, address, events, created, created_by, secret, old_secret)
         values ($1, 'webhook', 'https://example.com', '{}', now(), 'x', $2, $3)",
    )
    .bind(id)
    .bind(seal(b"now"))
    .bind(seal(b"before"))
    .execute(db.facts())
    .await
    .unwrap();
    let rotated = rotate_file(&db, &By::command(), &path).await.unwrap();
    assert_eq!((rotated.sealed, rotated.unreadable), (2, 0));
    let old = std::mem::replace(&mut db.secret, read(&path).unwrap().unwrap());
    let (now, before): (Vec<u8>, Vec<u8>) =
        sqlx::query_as("select secret, old_secret from recipient")
            .fetch_one(db.read())
            .await
            .unwrap();
    for (sealed, text) in [(&now, &b"now"[..]), (&before, b"before")] {
        let open =
            |secret: &Secret| crate::notify::seal::open(&secret.seal_key(), id.as_bytes(), sealed);
        assert_eq!(open(&db.secret).as_deref(), Some(text));
        assert_eq!(open(&old), None);
    }
    let entry = store::audit::list(db.read(), &Default::default(), None, 1).await.unwrap();
    assert_eq!(entry[0].entry.activity, "Server secret rotated");
    assert!(!format!("{entry:?}").contains(&db.secret.reveal()));
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn erasures_are_signed_anew(pool: PgPool) {
    let (_dir, path, mut db) = with_file(pool).await;
    let blocked = Change::new(domain::audit::Activity::Blocked, "user anna@example.com");
    db.write(&By::command()).await.unwrap().commit(blocked).await.unwrap();
    let whom = domain::erase::Whom::User("anna@example.com".to_owned());
    crate::erase::erase(&db, &By::command(), &whom, false, |_, _| ()).await.unwrap();
    assert_eq!(verify(&db, None, |_| ()).await.unwrap().erased, 1);
    rotate_file(&db, &By::command(), &path).await.unwrap();
    db.secret = read(&path).unwrap().unwrap();
    assert_eq!(verify(&db, None, |_| ()).await.unwrap().erased, 1);
}
