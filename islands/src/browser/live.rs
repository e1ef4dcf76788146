//! Keeps pages current. When the server's stream says that something is new, the page is fetched
//! again and its changed parts are replaced. A part that the reader is using is replaced once they
//! leave it.

mod ask;
mod parts;
mod status;

use super::dom::{after, around, document, find, on, storage, window};
use parts::Parts;
use status::Status;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, Event, MouseEvent, VisibilityState};

/// The shortest time between two fetches of the page, in milliseconds.
const PACE: i64 = 2_000;
/// How long the stream may be silent, in milliseconds: it sends comments every 15 s.
const SILENCE: i64 = 40_000;
/// How long an update may take, in milliseconds, before the page says that it is behind.
const PATIENCE: i64 = 4_000;
/// The first and the longest pause before a reconnect, in milliseconds.
const RETRY: [i64; 2] = [1_000, 15_000];
/// The interval of [`tick`], in milliseconds.
const TICK: i32 = 500;
/// The key in session storage that keeps the pause, for this tab alone.
const PAUSED: &str = "live-paused";

#[derive(Debug)]
struct State {
    status: Status,
    parts: Parts,
    paused: bool,
    stream: Option<AbortController>,
    /// The number of the current stream, to ignore the end of an older one.
    turn: u32,
    /// Whether the last connection failed, when to reconnect, and the pause after that.
    cut: bool,
    retry: i64,
    wait: i64,
    /// When the stream last sent anything.
    said: i64,
    /// The newest sequence number, and that of the shown page.
    heard: u64,
    shown: u64,
    /// Whether the page is being fetched, and when that began.
    asking: bool,
    asked: i64,
    /// When the shown page was last known to be current.
    fresh: i64,
}

type Shared = Rc<RefCell<State>>;

/// Starts if the page shows a live status.
pub(crate) fn listen() {
    let Some(root) = find("[data-live]") else { return };
    let shown = root.get_attribute("data-seq").and_then(|seq| seq.parse().ok()).unwrap_or(0);
    let state = Rc::new(RefCell::new(State {
        status: Status::new(root),
        parts: Parts::default(),
        paused: storage().is_some_and(|kept| matches!(kept.get_item(PAUSED), Ok(Some(_)))),
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
        if around(&event, "[data-live-pause]").is_some() {
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

/// Calls [`tick`] at intervals, for ever.
fn beat(state: Shared) {
    tick(&state);
    after(TICK, move || beat(state));
}

/// Pauses or resumes.
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
            if ended.is_err() {
                leave();
            }
            tick(&shared);
        }
    });
}

/// Closes the stream on purpose.
fn close(state: &mut State) {
    if let Some(stream) = state.stream.take() {
        stream.abort();
    }
}

/// Handles a stream that ended or failed: reconnects later, with growing pauses.
fn lose(state: &mut State) {
    close(state);
    state.cut = true;
    state.retry = now() + state.wait;
    state.wait = (state.wait * 2).min(RETRY[1]);
}

/// Fetches the page and replaces what changed.
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
                // The reader followed a link meanwhile: this is not the shown page.
                Ok(Some(_)) if here() != address => {}
                Ok(Some(html)) => {
                    state.parts.take(&html);
                    state.shown = wanted;
                }
                Err(ask::SignedOut) => leave(),
                Ok(None) => {}
            }
        }
        let again = Rc::clone(&shared);
        let left = PACE - (now() - shared.borrow().asked);
        after(i32::try_from(left.max(0)).unwrap_or(TICK), move || tick(&again));
        tick(&shared);
    });
}

/// Reloads the page, which then redirects to the sign-in.
fn leave() {
    if let Some(window) = window() {
        let _ = window.location().reload();
    }
}

/// Milliseconds since 1970. An integer: formatting floats would add 10 KiB of code.
#[allow(clippy::cast_possible_truncation, reason = "the clock has no fractions worth keeping")]
fn now() -> i64 {
    js_sys::Date::now() as i64
}

/// The page's URL without its fragment.
fn here() -> String {
    let address = window().and_then(|window| window.location().href().ok()).unwrap_or_default();
    address.split('#').next().unwrap_or_default().to_owned()
}

fn is_visible() -> bool {
    document().is_some_and(|document| document.visibility_state() == VisibilityState::Visible)
}

fn on_window(event: &str, hear: impl FnMut() + 'static) {
    let heard = Closure::<dyn FnMut()>::new(hear);
    if let Some(window) = window() {
        let _ = window.add_event_listener_with_callback(event, heard.as_ref().unchecked_ref());
    }
    heard.forget();
}
