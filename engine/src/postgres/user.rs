//! The user that Postgres runs as. It refuses root, so root runs it as an ordinary user.

use super::ClusterError;
use std::os::unix::fs::lchown;
use std::path::Path;

/// Owner of the cluster's processes and files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct User {
    pub(super) name: String,
    /// User id, owner of the files.
    pub(super) uid: u32,
    /// Group id of the files.
    pub(super) gid: u32,
    /// Whether this process is root and must switch to that user in its child processes.
    pub(super) switch: bool,
}

impl User {
    /// The user of this process. For root: the owner of the existing cluster (`owner`: user and
    /// group id), or else `postgres`, or else `tollwarden`. Never `nobody`: other programs run as
    /// it too, and would have access to the data.
    pub(super) fn choose(owner: Option<(u32, u32)>) -> Result<Self, ClusterError> {
        let (uid, gid) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
        if uid != 0 {
            let name = name_of(uid);
            return Ok(Self { name, uid, gid, switch: false });
        }
        let passwd = passwd();
        // A cluster that an ordinary user created keeps its owner when root uses it.
        if let Some((uid, gid)) = owner.filter(|(uid, _)| *uid != 0) {
            let gid = find(&passwd, |entry| entry.uid == uid).map_or(gid, |entry| entry.gid);
            return Ok(Self { name: name_of(uid), uid, gid, switch: true });
        }
        of_system(&passwd).ok_or(ClusterError::NoUser)
    }

    /// Makes this user the owner of a file or directory.
    pub(super) fn take(&self, path: &Path) -> Result<(), ClusterError> {
        lchown(path, Some(self.uid), Some(self.gid)).map_err(ClusterError::file("give away", path))
    }
}

/// The system user as which root runs Postgres.
fn of_system(passwd: &str) -> Option<User> {
    let entry = OWN.into_iter().find_map(|name| {
        find(passwd, |entry| entry.name == name && entry.uid != 0 && !is_shared(entry.uid))
    })?;
    Some(User { name: entry.name.to_owned(), uid: entry.uid, gid: entry.gid, switch: true })
}

/// Users that only Postgres or Tollwarden uses, in order of preference.
const OWN: [&str; 2] = ["postgres", "tollwarden"];
/// User id of `nobody` on Linux, also used if the kernel cannot map a user (Debian base-passwd;
/// overflowuid).
const NOBODY: u32 = 65_534;

/// Whether other programs share this user.
pub(super) fn is_shared(uid: u32) -> bool {
    uid == NOBODY
}

/// The name of a user, or else its id.
pub(super) fn name_of(uid: u32) -> String {
    find(&passwd(), |entry| entry.uid == uid)
        .map_or_else(|| format!("id {uid}"), |entry| entry.name.to_owned())
}

struct Entry<'a> {
    name: &'a str,
    uid: u32,
    gid: u32,
}

/// System users are local; directory services are not queried.
fn passwd() -> String {
    let bytes = std::fs::read("/etc/passwd").unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn find<'a>(passwd: &'a str, wanted: impl Fn(&Entry<'_>) -> bool) -> Option<Entry<'a>> {
    passwd.lines().find_map(|line| {
        let mut parts = line.split(':');
        let name = parts.next()?;
        let entry =
            Entry { name, uid: parts.nth(1)?.parse().ok()?, gid: parts.next()?.parse().ok()? };
        wanted(&entry).then_some(entry)
    })
}

#[cfg(test)]
mod tests {
    use super::{find, of_system};

    #[test]
    fn root_hands_postgres_to_a_user_of_its_own_or_to_none() {
        let line = |name: &str, uid: u32| format!("{name}:x:{uid}:{uid}::/:/bin/sh\n");
        let root = line("root", 0) + &line("nobody", 65_534);
        let chosen = |passwd: &str| of_system(passwd).map(|user| (user.name, user.uid));
        assert_eq!(chosen(&root), None, "not nobody");
        assert_eq!(chosen(&(root.clone() + &line("postgres", 0))), None, "not root");
        assert_eq!(chosen(&(root.clone() + &line("postgres", 65_534))), None, "not by a name");
        let own = root.clone() + &line("tollwarden", 990);
        assert_eq!(chosen(&own), Some(("tollwarden".to_owned(), 990)));
        let both = own + &line("postgres", 100);
        assert_eq!(chosen(&both), Some(("postgres".to_owned(), 100)));
    }

    #[test]
    fn reads_passwd_lines_and_passes_over_broken_ones() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\n+::::::\nbroken\nnobody:x:65534:65533::/:/x\n";
        let nobody = find(passwd, |entry| entry.name == "nobody").unwrap();
        assert_eq!((nobody.uid, nobody.gid), (65534, 65533));
        assert!(find(passwd, |entry| entry.name == "postgres").is_none());
    }
}
