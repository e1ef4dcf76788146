//! Whom Postgres runs as. It refuses root, so root hands it to an ordinary user.

use super::ClusterError;
use std::path::Path;

/// The user of the cluster's processes and files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct User {
    /// For messages.
    pub(super) name: String,
    /// Owner of the files.
    pub(super) uid: u32,
    /// Their group.
    pub(super) gid: u32,
    /// Whether this process is root and has to become that user in its children.
    pub(super) switch: bool,
}

impl User {
    /// This process's own user; for root the owner of the existing cluster (`owner`: user and
    /// group id), else `postgres`, else `nobody`.
    pub(super) fn choose(owner: Option<(u32, u32)>) -> Result<Self, ClusterError> {
        let (uid, gid) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
        if uid != 0 {
            let name = name_of(uid);
            return Ok(Self { name, uid, gid, switch: false });
        }
        let passwd = passwd();
        // A cluster that an ordinary user made stays theirs when root looks in.
        if let Some((uid, gid)) = owner.filter(|(uid, _)| *uid != 0) {
            let gid = find(&passwd, |entry| entry.uid == uid).map_or(gid, |entry| entry.gid);
            return Ok(Self { name: name_of(uid), uid, gid, switch: true });
        }
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| find(&passwd, |entry| entry.name == name && entry.uid != 0))
            .map(|entry| Self {
                name: entry.name.to_owned(),
                uid: entry.uid,
                gid: entry.gid,
                switch: true,
            })
            .ok_or(ClusterError::NoUser)
    }
}

/// A user's name, else its number.
pub(super) fn name_of(uid: u32) -> String {
    find(&passwd(), |entry| entry.uid == uid)
        .map_or_else(|| format!("id {uid}"), |entry| entry.name.to_owned())
}

struct Entry<'a> {
    name: &'a str,
    uid: u32,
    gid: u32,
}

/// System users are local; what a directory service adds is not asked.
fn passwd() -> String {
    std::fs::read(Path::new("/etc/passwd"))
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default()
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
    use super::find;

    #[test]
    fn reads_passwd_lines_and_passes_over_broken_ones() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\n+::::::\nbroken\nnobody:x:65534:65533::/:/x\n";
        let nobody = find(passwd, |entry| entry.name == "nobody").unwrap();
        assert_eq!((nobody.uid, nobody.gid), (65534, 65533));
        assert!(find(passwd, |entry| entry.name == "postgres").is_none());
    }
}
