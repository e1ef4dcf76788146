use super::*;

fn entry() -> Entry {
    Entry {
        seq: 7,
        time: DateTime::from_timestamp(1_780_000_000, 123_456_000).unwrap(),
        actor: "a@example.com".into(),
        source_ip: Some("192.0.2.1".into()),
        activity: "Blocked".into(),
        object: "user x".into(),
        before: None,
        after: Some("{}".into()),
    }
}

#[test]
fn every_column_counts() {
    let key = [1; 32];
    let whole = link(&key, &ROOT, &entry());
    let changes: [fn(&mut Entry); 10] = [
        |e| e.seq += 1,
        |e| e.time += chrono::TimeDelta::microseconds(1),
        |e| e.actor.push('x'),
        |e| e.source_ip = None,
        |e| e.source_ip = Some(String::new()),
        |e| e.activity.push('x'),
        |e| e.object.push('x'),
        |e| e.before = Some(String::new()),
        |e| e.after = None,
        // A letter moved from one column into the next.
        |e| {
            e.actor.push('B');
            e.activity.remove(0);
        },
    ];
    for (at, change) in changes.iter().enumerate() {
        let mut other = entry();
        change(&mut other);
        assert_ne!(link(&key, &ROOT, &other), whole, "change {at}");
    }
    assert_ne!(link(&[2; 32], &ROOT, &entry()), whole);
    assert_ne!(link(&key, &[1; 32], &entry()), whole);
    assert_eq!(link(&key, &ROOT, &entry()), whole);
}

#[test]
fn nothing_is_not_the_same_as_empty() {
    let (mut one, mut two) = (entry(), entry());
    (one.source_ip, two.source_ip) = (None, Some(String::new()));
    assert_ne!(link(&[1; 32], &ROOT, &one), link(&[1; 32], &ROOT, &two));
}

#[test]
fn before_and_after_do_not_stand_in_for_each_other() {
    let (mut one, mut two) = (entry(), entry());
    (one.before, one.after) = (Some("{}".into()), None);
    (two.before, two.after) = (None, Some("{}".into()));
    assert_ne!(link(&[1; 32], &ROOT, &one), link(&[1; 32], &ROOT, &two));
}

#[test]
fn a_head_is_read_back() {
    let head = Head { seq: 12, hash: [0xf0; 32] };
    assert_eq!(head.to_string().parse(), Ok(head));
    for wrong in ["", "12", "12:", "x:00", "-1:00", &format!("1:{}", "é".repeat(32))] {
        assert!(wrong.parse::<Head>().is_err(), "{wrong}");
    }
}
