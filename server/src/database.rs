//! The database of a subcommand: its roles, its schema, and warnings about both.

use crate::cli::Global;
use crate::commands::CommandFailure;
use crate::withheld::Withheld;
use domain::secret::Secret;
use engine::postgres::Cluster;
use sqlx::migrate::MigrateError;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{Connection as _, PgConnection};
use std::net::IpAddr;
use store::roles::RolePower;
use store::{Db, MIGRATOR, roles, schema};

/// The addresses of a database, one for each role. Has no `Debug`: they contain passwords.
pub(crate) struct Database {
    serve: String,
    migrate: Option<String>,
    private: bool,
}

impl Database {
    /// The operator's database, if one is configured.
    ///
    /// # Errors
    /// Only the address for migrations is given.
    pub(crate) fn named(global: &Global) -> Result<Option<Self>, CommandFailure> {
        let given = |url: &Option<Withheld>| {
            let url = url.as_ref().map(Withheld::reveal);
            url.filter(|url| !url.trim().is_empty()).map(str::to_owned)
        };
        let migrate = given(&global.database_migrate_url);
        match given(&global.database_url) {
            Some(serve) => Ok(Some(Self { serve, migrate, private: false })),
            None if migrate.is_some() => Err(CommandFailure::new(
                "database_migrate_url is given without database_url: give the address that \
                 serves in DATABASE_URL, too, or neither for the private Postgres",
            )),
            None => Ok(None),
        }
    }

    /// Logs warnings about the encryption of the connection and the rights of the serving role.
    pub(crate) async fn warn(&self, db: &Db) -> Result<(), store::Error> {
        for url in [Some(&self.serve), self.migrate.as_ref()].into_iter().flatten() {
            if let Some(warning) = tls_warning(url) {
                tracing::warn!("{warning}");
            }
        }
        warn_of_role(db).await
    }

    pub(crate) fn private(cluster: &Cluster) -> Self {
        let (serve, migrate) = (cluster.serving_url().to_owned(), cluster.url().to_owned());
        Self { serve, migrate: Some(migrate), private: true }
    }

    /// Connects, brings the schema up to date and grants the serving role what it needs.
    ///
    /// # Errors
    /// It cannot be reached, its schema is newer than this program, or a migration fails.
    pub(crate) async fn open(&self, secret: Secret) -> Result<Db, CommandFailure> {
        let db = Db::connect(&self.serve, secret)
            .await
            .map_err(|error| self.unusable("database_url (DATABASE_URL)", error))?;
        match &self.migrate {
            None => {
                let mut conn = db.conn().await?;
                migrate(&mut conn).await?;
            }
            Some(url) => {
                let mut owner = PgConnection::connect(url).await.map_err(|error| {
                    self.unusable("database_migrate_url (DATABASE_MIGRATE_URL)", error.into())
                })?;
                migrate(&mut owner).await?;
                let serving = roles::current(db.read()).await?;
                if serving != roles::current(&mut owner).await? {
                    roles::grant(&mut owner, &serving).await.map_err(|error| {
                        CommandFailure::new(format!(
                            "the role of database_migrate_url cannot grant role {serving} what \
                             it needs; it must own the tables ({error})"
                        ))
                    })?;
                }
                owner.close().await?;
            }
        }
        Ok(db)
    }

    fn unusable(&self, what: &str, error: store::Error) -> CommandFailure {
        match error {
            error if self.private => CommandFailure::from(error),
            // The address may contain a password, which sqlx's error would show.
            store::Error::Sql(sqlx::Error::Configuration(_)) => CommandFailure::new(format!(
                "{what} cannot be read as an address of Postgres; it is written like \
                 postgres://user:password@host:5432/database"
            )),
            error => CommandFailure::new(format!("cannot use the database of {what}: {error}")),
        }
    }
}

/// Warns if the serving role could alter the audit log.
async fn warn_of_role(db: &Db) -> Result<(), store::Error> {
    let what = match roles::power(db.read()).await? {
        RolePower::Serving => return Ok(()),
        RolePower::Superuser => "is a superuser",
        RolePower::Owner => "owns the tables",
        RolePower::Overgranted => "was granted too much",
    };
    let role = roles::current(db.read()).await?;
    tracing::warn!(
        "the database role {role} of DATABASE_URL {what}, so it could alter the audit log: serve \
         with a role of its own and give the owner's address in DATABASE_MIGRATE_URL \
         (docs/operating.md, Two roles)"
    );
    Ok(())
}

/// The warning for a connection that others on the network could read or change; `None` for a
/// socket or this machine.
fn tls_warning(url: &str) -> Option<String> {
    let options: PgConnectOptions = url.parse().ok()?;
    let host = options.get_host();
    let here = options.get_socket().is_some()
        || host.starts_with('/')
        || host.eq_ignore_ascii_case("localhost")
        || host.trim_matches(['[', ']']).parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    let (mode, what) = match options.get_ssl_mode() {
        _ if here => return None,
        PgSslMode::VerifyFull => return None,
        PgSslMode::VerifyCa => ("verify-ca", "does not check whose certificate it is"),
        PgSslMode::Require => ("require", "accepts any certificate, even an attacker's"),
        PgSslMode::Prefer => ("prefer", "continues unencrypted if the other side asks for it"),
        PgSslMode::Allow => ("allow", "is unencrypted if the other side allows it"),
        PgSslMode::Disable => ("disable", "is unencrypted across the network"),
    };
    Some(format!(
        "the connection to the database at {host} has sslmode={mode}, which {what}: write \
         ?sslmode=verify-full&sslrootcert=FILE (docs/operating.md, TLS to Postgres)"
    ))
}

async fn migrate(conn: &mut PgConnection) -> Result<(), CommandFailure> {
    if schema::is_current(conn).await? {
        return Ok(());
    }
    schema::bring_up_to_date(conn).await.map_err(|error| match error {
        MigrateError::VersionMissing(found) => CommandFailure::new(format!(
            "the database's schema is newer than this Tollwarden: it has migration {found}, and \
             this program knows migrations up to {}; use the newer version",
            MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or(0)
        )),
        MigrateError::VersionMismatch(found) => CommandFailure::new(format!(
            "the database's schema was made by another build of Tollwarden: its migration \
             {found} differs from this program's"
        )),
        error if schema::is_not_allowed(&error) => CommandFailure::new(
            "the schema must be updated, and the role of database_url may not change it; give the \
             owner's address in DATABASE_MIGRATE_URL",
        ),
        error => CommandFailure::new(format!("the schema cannot be updated: {error}")),
    })
}

#[cfg(test)]
mod tests {
    use super::tls_warning;

    #[test]
    fn a_way_that_others_can_read_or_bend_is_warned_of() {
        for (url, warned) in [
            ("postgres://me:hunter2@db.example.com/x", Some("sslmode=prefer")),
            ("postgres://me:hunter2@db.example.com/x?sslmode=prefer", Some("sslmode=prefer")),
            ("postgres://me:hunter2@db.example.com/x?sslmode=allow", Some("sslmode=allow")),
            ("postgres://me:hunter2@db.example.com/x?sslmode=disable", Some("sslmode=disable")),
            ("postgres://me:hunter2@db.example.com/x?sslmode=require", Some("sslmode=require")),
            ("postgres://me:hunter2@10.0.0.1/x?sslmode=verify-ca", Some("sslmode=verify-ca")),
            ("postgres://me:hunter2@db.example.com/x?sslmode=verify-full", None),
            ("postgres://me:hunter2@localhost/x", None),
            ("postgres://me:hunter2@127.0.0.1/x?sslmode=disable", None),
            ("postgres://me:hunter2@[::1]/x?sslmode=require", None),
            ("postgres://me:hunter2@localhost/x?host=/run/postgresql", None),
            ("not an address", None),
        ] {
            let warning = tls_warning(url);
            assert_eq!(warning.is_some(), warned.is_some(), "{url}: {warning:?}");
            if let (Some(warning), Some(warned)) = (warning, warned) {
                assert!(warning.contains(warned) && warning.contains("verify-full"), "{warning}");
                assert!(!warning.contains("hunter2"), "{warning}");
            }
        }
    }
}
