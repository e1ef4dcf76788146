//! Errors that say what to do.

use crate::{root, temp};
use engine::postgres::{Cluster, ClusterError, Options, ServeLock};
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;

#[tokio::test]
async fn a_second_serve_is_refused_by_name() {
    let temp = temp(0o755);
    let dir = temp.path().join("var");
    let held = ServeLock::take(&dir).unwrap();
    assert_eq!(held.path(), dir.join("serve.lock"));
    let refusal = ServeLock::take(&dir).unwrap_err().to_string();
    assert!(refusal.contains(&dir.display().to_string()), "{refusal}");
    assert!(refusal.contains(&std::process::id().to_string()), "{refusal}");
    drop(held);
    ServeLock::take(&dir).unwrap();
}

#[tokio::test]
async fn says_what_is_wrong() {
    let temp = temp(0o755);
    // Missing programs.
    let options = Options { pg_bin: Some(temp.path().join("nothing")), ..Options::default() };
    let error = Cluster::open(&temp.path().join("a"), options).await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("nothing: no initdb"), "{text}");

    // A cluster of another major version.
    let dir = temp.path().join("b");
    fs::create_dir_all(dir.join("data")).unwrap();
    fs::write(dir.join("data/PG_VERSION"), "9\n").unwrap();
    let error = Cluster::open(&dir, Options::default()).await.unwrap_err();
    assert!(error.to_string().contains("version 9, which made"), "{error}");

    // A directory with other content.
    let dir = temp.path().join("c");
    fs::create_dir_all(dir.join("data")).unwrap();
    fs::write(dir.join("data/letters.txt"), "x").unwrap();
    let error = Cluster::open(&dir, Options::default()).await.unwrap_err();
    assert!(matches!(error, ClusterError::NoCluster { .. }), "{error}");

    // A file instead of a directory.
    let error = Cluster::open(&dir.join("data/letters.txt"), Options::default()).await.unwrap_err();
    assert!(error.to_string().contains("letters.txt"), "{error}");
}

#[tokio::test]
async fn an_unreachable_directory_is_refused_with_one_that_works() {
    let temp = temp(0o700);
    let dir = temp.path().join("var");
    if !root() {
        // An ordinary user's Postgres runs as that user, so this uses a directory that it cannot
        // enter.
        println!("not root: testing a directory that this user cannot enter");
        fs::set_permissions(temp.path(), fs::Permissions::from_mode(0o600)).unwrap();
        let error = Cluster::open(&dir, Options::default()).await.unwrap_err();
        fs::set_permissions(temp.path(), fs::Permissions::from_mode(0o700)).unwrap();
        assert!(matches!(error, ClusterError::File { .. }), "{error}");
        return;
    }
    let error = Cluster::open(&dir, Options::default()).await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("/var/lib/tollwarden"), "{text}");
    assert!(text.contains(&format!("cannot enter {}", temp.path().display())), "{text}");
    // Our own empty directory is opened to others, one with other content is not.
    let cluster = Cluster::open(&dir_in(&temp, 0o711), Options::default()).await.unwrap();
    cluster.leave().await.unwrap();
    let full = temp.path().join("full");
    fs::create_dir(&full).unwrap();
    fs::set_permissions(&full, fs::Permissions::from_mode(0o700)).unwrap();
    fs::write(full.join("letters.txt"), "x").unwrap();
    let error = Cluster::open(&full, Options::default()).await.unwrap_err();
    assert!(matches!(error, ClusterError::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn what_an_older_version_gave_to_nobody_gets_an_owner_of_its_own() {
    if !root() {
        // Only root runs a cluster as another user.
        return;
    }
    let temp = temp(0o755);
    let dir = temp.path().join("var");
    Cluster::open(&dir, Options::default()).await.unwrap().leave().await.unwrap();
    let owner = |name: &str| fs::metadata(dir.join(name)).unwrap().uid();
    let own = owner("data");
    let shared = Command::new("chown").args(["-R", "65534"]).args([dir.join("data")]).status();
    assert!(shared.unwrap().success());
    std::os::unix::fs::chown(dir.join("run"), Some(65534), None).unwrap();
    let cluster = Cluster::open(&dir, Options::default()).await.unwrap();
    for name in ["data", "data/PG_VERSION", "data/base", "run"] {
        assert_eq!(owner(name), own, "{name}");
    }
    assert!(own != 0 && own != 65534);
    cluster.leave().await.unwrap();
}

/// Sets the parent's mode and creates a closed, empty directory in it.
fn dir_in(temp: &TempDir, parent: u32) -> PathBuf {
    fs::set_permissions(temp.path(), fs::Permissions::from_mode(parent)).unwrap();
    let dir = temp.path().join("empty");
    fs::create_dir(&dir).unwrap();
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o700)).unwrap();
    dir
}
