//! Secrets and settings: which sources are accepted, and that no secret is shown.

use super::process::{folder, program};
use super::{refused, run, url};
use sqlx::PgPool;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

#[test]
fn secrets_are_no_flags_and_no_error_shows_one() {
    let dir = folder();
    let hidden = "hunter2";
    // Each setting with a value that is wrong in its own way.
    for (name, variable, value) in [
        ("database_url", "DATABASE_URL", "postgres://me:hunter2@localhost:port/x"),
        ("database_url", "TOLLWARDEN_DATABASE_URL", "hunter2"),
        ("database_migrate_url", "DATABASE_MIGRATE_URL", "postgres://me:hunter2@"),
        ("secret", "TOLLWARDEN_SECRET", "hunter2"),
        ("smtp_url", "TOLLWARDEN_SMTP_URL", "smtps://me:hunter2%40mail.example.com"),
        ("smtp_url", "TOLLWARDEN_SMTP_URL", "smtp://me:hunter2@mail.example.com"),
    ] {
        let never = |said: &str| assert!(!said.contains(hidden), "{said}");
        let serve = || {
            let mut command = program(dir.path());
            // Nothing starts there, so a value that is checked late is refused, too.
            command.args(["serve", "--listen", "127.0.0.1:0", "--pg-bin", "/nonexistent"]);
            command
        };
        let flag = format!("--{}", name.replace('_', "-"));
        for typed in [vec![format!("{flag}={value}")], vec![flag.clone(), value.to_owned()]] {
            let said = refused(serve().args(typed), 2);
            never(&said);
            assert!(said.contains("is not accepted") && said.contains("-file"), "{said}");
        }
        let said = refused(serve().env(variable, value), 1);
        never(&said);
        let path = dir.path().join("value");
        fs::write(&path, format!("{value}\n")).unwrap();
        let mode = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let file = |command: &mut Command| refused(command.arg(format!("{flag}-file=value")), 1);
        mode(0o644);
        let said = file(&mut serve());
        never(&said);
        assert!(said.contains("chmod 600 value") && said.contains(&format!("{name}_file")));
        mode(0o600);
        never(&file(&mut serve()));
        let said = file(serve().env(variable, value));
        never(&said);
        assert!(said.contains("both given"), "{said}");
        fs::remove_file(&path).unwrap();

        let toml = dir.path().join("tollwarden.toml");
        for line in [
            format!("{name} = \"{value}\""),
            format!("{name} = \"{value}"),
            format!("{name} = {value}"),
            format!("{name} = {{ x = \"{value}\" }}"),
            format!("{name} = [\"{value}\", \"{value}\"]"),
        ] {
            for mode in [0o600, 0o644] {
                fs::write(&toml, format!("log = \"warn\"\n{line}\n")).unwrap();
                fs::set_permissions(&toml, fs::Permissions::from_mode(mode)).unwrap();
                let said = refused(&mut serve(), 1);
                never(&said);
                let parses = line.ends_with('"') || line.ends_with(['}', ']']);
                if mode == 0o644 && parses {
                    assert!(said.contains("chmod 600 tollwarden.toml"), "{line}: {said}");
                }
            }
        }
        fs::remove_file(&toml).unwrap();
    }
}

#[test]
fn a_value_is_read_from_its_file() {
    let dir = folder();
    let path = dir.path().join("url");
    fs::write(&path, "postgres://me:hunter2@localhost:port/x\n").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let migrate = || {
        let mut command = program(dir.path());
        command.arg("migrate");
        command
    };
    for command in
        [migrate().args(["--database-url-file", "url"]), migrate().env("DATABASE_URL_FILE", "url")]
    {
        let said = refused(command, 1);
        assert!(said.contains("database_url (DATABASE_URL) cannot be read"), "{said}");
    }
    let said = refused(migrate().env("DATABASE_URL_FILE", "absent"), 1);
    assert!(said.contains("database_url_file: absent cannot be read"), "{said}");
}

#[test]
fn root_takes_no_settings_from_wherever_it_is_started() {
    if !rustix::process::geteuid().is_root() {
        // Other users can only be led by files that are theirs anyway.
        return;
    }
    let dir = folder();
    let toml = dir.path().join("tollwarden.toml");
    fs::write(&toml, "listen = \"192.0.2.1:1\"\n").unwrap();
    let said = refused(program(dir.path()).arg("serve"), 1);
    assert!(said.contains("listen = 192.0.2.1:1"), "one of root's is taken: {said}");
    let refused_with = |args: &[&str], words: &str| {
        let said = refused(program(dir.path()).args(args), 1);
        assert!(said.contains(words), "{said}");
    };
    fs::set_permissions(&toml, fs::Permissions::from_mode(0o646)).unwrap();
    refused_with(&["serve"], "could be somebody else's");
    fs::set_permissions(&toml, fs::Permissions::from_mode(0o600)).unwrap();
    std::os::unix::fs::chown(&toml, Some(12345), Some(12345)).unwrap();
    refused_with(&["serve"], "could be somebody else's");
    // A file that is named is taken.
    refused_with(&["serve", "--config", "tollwarden.toml"], "listen = 192.0.2.1:1");
    fs::rename(&toml, dir.path().join("planted")).unwrap();
    std::os::unix::fs::symlink("planted", &toml).unwrap();
    refused_with(&["serve"], "cannot be read");
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_secret_is_rotated_where_it_lies(pool: PgPool) {
    let dir = folder();
    let command = |args: &[&str]| {
        let mut command = program(dir.path());
        command.args(args).env("DATABASE_URL", url(&pool));
        command
    };
    let create = |name| command(&["key", "create", "--scope", "read", "--name", name]);
    assert_eq!(run(&mut create("a")).0, 0);
    let secret = || fs::read_to_string(dir.path().join("var/secret")).unwrap();
    let first = secret();
    let (code, stdout, said) = run(&mut command(&["secret", "rotate"]));
    assert_eq!((code, stdout.as_str()), (0, ""), "{said}");
    assert!(said.contains("under key 2") && said.contains("restart them"), "{said}");
    assert_ne!(secret(), first);
    assert!(!said.contains(secret().trim()) && !said.contains(first.trim()), "{said}");
    assert_eq!(run(&mut create("b")).0, 0);
    let (code, stdout, said) = run(&mut command(&["audit", "verify"]));
    assert_eq!(code, 0, "{stdout}{said}");
    let old = |args: &[&str]| {
        let mut command = command(args);
        command.env("TOLLWARDEN_SECRET", first.trim());
        command
    };
    let said = refused(&mut old(&["key", "create", "--scope", "read", "--name", "c"]), 1);
    assert!(said.contains("secret rotate"), "{said}");

    // From the environment: the new one goes into a file.
    let now = secret();
    let mut from_environment = command(&["secret", "rotate"]);
    from_environment.env("TOLLWARDEN_SECRET", now.trim());
    let said = refused(&mut from_environment, 1);
    assert!(said.contains("--output"), "{said}");
    let (code, _, said) = run(from_environment.args(["--output", "new"]));
    assert_eq!(code, 0, "{said}");
    let verify = || {
        let mut verify = command(&["audit", "verify", "--secret-file", "new"]);
        run(&mut verify).0
    };
    assert_eq!(verify(), 0);
    let mode = fs::metadata(dir.path().join("new")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
