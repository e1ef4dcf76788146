use super::*;

#[test]
fn no_door_stands_twice() {
    for (at, door) in DOORS.iter().enumerate() {
        let twice = DOORS[at + 1..]
            .iter()
            .any(|other| (other.method, other.path) == (door.method, door.path));
        assert!(!twice, "{} {}", door.method, door.path);
    }
}

#[test]
fn head_goes_through_get() {
    assert_eq!(find("HEAD", "/healthz"), find("GET", "/healthz"));
    assert!(matches!(find("GET", "/healthz"), DoorMatch::Door(_)));
}

#[test]
fn another_method_is_told_from_no_door() {
    assert_eq!(find("DELETE", "/api/v1/events"), DoorMatch::OtherMethods(vec!["POST"]));
    assert_eq!(find("GET", "/nowhere"), DoorMatch::Nothing);
    assert_eq!(find("", "user add"), DoorMatch::Nothing);
}

#[test]
fn the_api_takes_keys_alone_and_nothing_else_takes_keys() {
    for door in DOORS {
        assert_eq!(
            door.kind == Kind::Api,
            matches!(door.need, Requirement::Key(_)),
            "{} {}",
            door.method,
            door.path
        );
    }
}

#[test]
fn basic_auth_is_for_one_door() {
    for door in DOORS.iter().filter(|door| door.basic) {
        assert_eq!((door.kind, door.path), (Kind::Api, "/api/v1/b2c/validate-phone"));
        assert_eq!(door.need, Requirement::Key(Scope::DecisionsWrite));
    }
}

#[test]
fn empty_and_dot_segments_are_no_address() {
    for path in ["/", "/audit", "/numbers/n_0", "/pkg/0/a.b.js", "/users/...", "/x/%2e%2ea"] {
        assert!(is_address(path), "{path}");
    }
    for path in ["", "*", "//", "/audit/", "//audit", "/a//b", "/.", "/./a", "/a/..", "/a/%2E."] {
        assert!(!is_address(path), "{path}");
    }
}

#[test]
fn what_asks_again_is_a_form_of_a_page_that_there_is() {
    let mut asking = DOORS.iter().filter_map(|door| Some((door, door.ask_again?)));
    assert!(asking.clone().count() >= 8, "the doors of accounts and keys ask again");
    assert!(asking.all(|(door, ask)| {
        let page = find("GET", ask.path());
        let page = matches!(page, DoorMatch::Door(page) if page.kind == Kind::Page);
        // The guard can return only a form's body.
        door.kind == Kind::Form && page && local_path(ask.page).is_some()
    }));
}

#[test]
fn only_our_own_paths_are_gone_on_to() {
    for path in ["/", "/?range=30d&tab=details", "/settings", "/a//b"] {
        assert_eq!(local_path(path), Some(path));
    }
    for path in [
        "",
        "settings",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\n/evil",
        "/a b",
        "/é",
    ] {
        assert_eq!(local_path(path), None, "{path:?}");
    }
}
