//! Pages that stay current. The server's stream says that something is new; the page is then asked
//! for as it would be by hand, and those of its parts that changed are put in place of the old. A
//! part that somebody is reading or filling in waits until it is left.

mod ask;
mod parts;
mod status;

use super::dom::{after, document, find, on, window};
use parts::Parts;
use status::Status;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, Event, MouseEvent, VisibilityState};

/// Between two questions for the page, in milliseconds.
const PACE: i64 = 2_000;
/// How long the stream may say nothing: its comments come every 15 s.
const SILENCE: i64 = 40_000;
/// How long what is new may take to be shown before the page says that it is behind.
const PATIENCE: i64 = 4_000;
/// How long before the first new try to listen, and at most.
const RETRY: [i64; 2] = [1_000, 15_000];
/// Between two looks at what waits, in milliseconds.
const TICK: i32 = 500;
/// Where the choice to pause is kept, for this tab alone.
const PAUSED: &str = "live-paused";

/// What is under way.
#[derive(Debug)]
struct State {
    status: Status,
    parts: Parts,
    paused: bool,
    /// The stream that is open.
    stream: Option<AbortController>,
    /// Counts streams, so that the end of an older one is told from that of the present one.
    turn: u32,
    /// Whether the last try to listen failed, and when to try again.
    cut: bool,
    retry: i64,
    wait: i64,
    /// When the stream last said anything.
    said: i64,
    /// The newest number told, and the one that was told when what is shown was asked for.
    heard: u64,
    shown: u64,
    /// Whether the page is being asked for, and when that began.
    asking: bool,
    asked: i64,
    /// When what is shown was last known to be the newest.
    fresh: i64,
}

type Shared = Rc<RefCell<State>>;

/// Keeps the page current from here on, if it has parts that can be.
pub(crate) fn listen() {
    let Some(root) = find("[data-live]") else { return };
    let shown = root.get_attribute("data-seq").and_then(|seq| seq.parse().ok()).unwrap_or(0);
    let state = Rc::new(RefCell::new(State {
        status: Status::new(root),
        parts: Parts::default(),
        paused: stored().is_some(),
        stream: None,
        turn: 0,
        cut: false,
        retry: 0,
        wait: RETRY[0],
        said: 0,
        heard: shown,
        shown,
        asking: false,
        asked: 0,
        fresh: now(),
    }));
    let seen = Rc::clone(&state);
    on("visibilitychange", move |_: Event| tick(&seen));
    let clicked = Rc::clone(&state);
    on("click", move |event: MouseEvent| {
        if super::dom::around(&event, "[data-live-pause]").is_some() {
            turn_over(&clicked);
        }
    });
    let (off, back) = (Rc::clone(&state), Rc::clone(&state));
    on_window("offline", move || {
        lose(&mut off.borrow_mut());
        tick(&off);
    });
    on_window("online", move || {
        back.borrow_mut().retry = 0;
        tick(&back);
    });
    beat(state);
}

/// Looks around now and in a moment again, for ever.
fn beat(state: Shared) {
    tick(&state);
    after(TICK, move || beat(state));
}

/// Pauses, or goes on.
fn turn_over(state: &Shared) {
    {
        let mut now = state.borrow_mut();
        now.paused = !now.paused;
        if let Some(storage) = storage() {
            let _ = if now.paused {
                storage.set_item(PAUSED, "1")
            } else {
                storage.remove_item(PAUSED)
            };
        }
        now.retry = 0;
    }
    tick(state);
}

/// Does what is due.
fn tick(state: &Shared) {
    let now = now();
    let mut due = state.borrow_mut();
    if due.status.is_over(now) {
        close(&mut due);
        due.status.hide();
        return;
    }
    if due.paused || !is_visible() {
        close(&mut due);
        due.cut = false;
    } else if due.stream.is_none() {
        if now >= due.retry {
            open(&mut due, state);
        }
    } else if now - due.said > SILENCE {
        lose(&mut due);
    }
    if due.stream.is_some() {
        due.parts.settle();
        let current = due.heard <= due.shown && due.parts.is_settled();
        if current && !due.cut {
            due.fresh = now;
        } else if due.heard > due.shown && !due.asking && now - due.asked >= PACE {
            renew(&mut due, state);
        }
    }
    let State { paused, cut, fresh, ref status, .. } = *due;
    let late = now - fresh;
    status.show(match () {
        () if paused => status::Word::Paused,
        () if cut => status::Word::Cut,
        () if late > PATIENCE => status::Word::Behind(late),
        () => status::Word::Live,
    });
}

/// Opens the stream.
fn open(state: &mut State, shared: &Shared) {
    let Ok(abort) = AbortController::new() else { return };
    state.turn += 1;
    state.said = now();
    let turn = state.turn;
    let signal = abort.signal();
    state.stream = Some(abort);
    let shared = Rc::clone(shared);
    spawn_local(async move {
        let hears = Rc::clone(&shared);
        let ended = ask::listen(&signal, move |seq| {
            let mut state = hears.borrow_mut();
            if state.turn != turn {
                return;
            }
            state.said = now();
            if let Some(seq) = seq {
                (state.cut, state.wait) = (false, RETRY[0]);
                state.heard = state.heard.max(seq);
                drop(state);
                tick(&hears);
            }
        })
        .await;
        if shared.borrow().turn == turn && shared.borrow().stream.is_some() {
            lose(&mut shared.borrow_mut());
            if ended == ask::Ended::SignedOut {
                leave();
            }
            tick(&shared);
        }
    });
}

/// Closes the stream, as one that is not wanted now.
fn close(state: &mut State) {
    if let Some(stream) = state.stream.take() {
        stream.abort();
    }
}

/// The stream is gone, or never came: another try later, each later than the one before.
fn lose(state: &mut State) {
    close(state);
    state.cut = true;
    state.retry = now() + state.wait;
    state.wait = (state.wait * 2).min(RETRY[1]);
}

/// Asks for the page and puts in what changed.
fn renew(state: &mut State, shared: &Shared) {
    state.asking = true;
    state.asked = now();
    let wanted = state.heard;
    let shared = Rc::clone(shared);
    spawn_local(async move {
        let address = here();
        let answer = ask::page(&address).await;
        {
            let mut state = shared.borrow_mut();
            state.asking = false;
            match answer {
                // A link or a filter was used meanwhile: what came is not what is shown.
                ask::Page::Html(_) if here() != address => {}
                ask::Page::Html(html) => {
                    state.parts.take(&html);
                    state.shown = wanted;
                }
                ask::Page::SignedOut => leave(),
                ask::Page::Nothing => {}
            }
        }
        let again = Rc::clone(&shared);
        let left = PACE - (now() - shared.borrow().asked);
        after(i32::try_from(left.max(0)).unwrap_or(TICK), move || tick(&again));
        tick(&shared);
    });
}

/// The session has ended: the page itself leads to the sign-in.
fn leave() {
    if let Some(window) = window() {
        let _ = window.location().reload();
    }
}

/// Milliseconds since 1970. Whole numbers: fractions would bring 10 KiB of code that writes them.
#[allow(clippy::cast_possible_truncation, reason = "the clock has no fractions worth keeping")]
fn now() -> i64 {
    js_sys::Date::now() as i64
}

/// The address shown, without its place on the page.
fn here() -> String {
    let address = window().and_then(|window| window.location().href().ok()).unwrap_or_default();
    address.split('#').next().unwrap_or_default().to_owned()
}

fn is_visible() -> bool {
    document().is_some_and(|document| document.visibility_state() == VisibilityState::Visible)
}

fn storage() -> Option<web_sys::Storage> {
    window()?.session_storage().ok()?
}

fn stored() -> Option<String> {
    storage()?.get_item(PAUSED).ok()?
}

/// Listens on the window for as long as it lives.
fn on_window(event: &str, hear: impl FnMut() + 'static) {
    let heard = Closure::<dyn FnMut()>::new(hear);
    if let Some(window) = window() {
        let _ = window.add_event_listener_with_callback(event, heard.as_ref().unchecked_ref());
    }
    heard.forget();
}
