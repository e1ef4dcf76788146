//! The page `/captcha`.

use super::api::{ASK, VERIFY};
use crate::form::{Outcome, outcome};
use crate::ui::{Button, ButtonKind, Field, FormResult, Hidden, Icon, PageHead, Panel, area_text};
use domain::captcha::Challenge;
use islands::{SolveCaptcha, text::thousands};
use leptos::prelude::*;

const LINE: &str = "A task that the browser solves before a code is sent: negligible for one \
                    person, costly for anyone who requests thousands of codes.";

/// The three steps, and how an application uses them.
#[component]
pub(crate) fn CaptchaPage() -> impl IntoView {
    let (asked, verified) = (outcome(ASK), outcome(VERIFY));
    let last = if verified.is_told() { &verified } else { &asked };
    let text = last.value("challenge");
    let challenge = serde_json::from_str::<Challenge>(&text).ok();
    let phone = last.value("phone");
    let solving = challenge.map(|challenge| {
        let solved = !last.value("token").is_empty();
        view! { <Solve challenge solved/> }
    });
    view! {
        <PageHead title="Captcha" line=LINE/>
        <div class="panels captcha">
            <Ask phone=phone.clone() tried=asked/>
            {solving}
            <Verify phone text tried=verified/>
            <How/>
        </div>
        <SolveCaptcha/>
    }
}

#[component]
fn Ask(phone: String, tried: Outcome) -> impl IntoView {
    view! {
        <Panel by="ask-title" title="1. Get a challenge">
            <form class="form panel-form" method="post" action="/_fn/captcha-challenge">
                <Field
                    label="Number" name="phone" id="ask-phone" kind="tel" value=phone
                    error=tried.error("phone") required=true
                    help="The number a code would be sent to, such as +14155550100. Nothing is sent."
                />
                <div class="form-end"><Button>"Get a challenge"</Button></div>
            </form>
        </Panel>
    }
}

/// The challenge, and the browser's progress.
#[component]
fn Solve(
    challenge: Challenge,
    /// Whether the form below has a token.
    solved: bool,
) -> impl IntoView {
    let until = challenge
        .expires()
        .map(|end| end.format(" The challenge is valid until %H:%M:%S UTC.").to_string());
    let text = serde_json::to_string_pretty(&challenge).unwrap_or_default();
    let Challenge { algorithm, challenge, salt, signature, maxnumber } = challenge;
    view! {
        <Panel id="solve" by="solve-title" title="2. Solve it">
            <div class="panel-body">
                <p>
                    "The challenge is the hash of the salt and a number from 0 to "{thousands(maxnumber)}
                    ". The browser finds the number by trying."{until}
                </p>
                <pre tabindex="0" role="group" aria-label="Challenge"><code>{text}</code></pre>
                {(!solved).then(|| view! {
                    <div
                        class="captcha-work" data-captcha="" hidden
                        data-algorithm=algorithm data-challenge=challenge data-salt=salt
                        data-signature=signature data-maxnumber=maxnumber
                    >
                        <progress max=maxnumber value="0" aria-label="Numbers tried"></progress>
                        <p role="status"></p>
                    </div>
                })}
                <p class="field-help">
                    "Solving needs JavaScript. A token that was made elsewhere can be pasted below."
                </p>
            </div>
        </Panel>
    }
}

#[component]
fn Verify(
    phone: String,
    /// The challenge as JSON, to keep it on the page.
    text: String,
    tried: Outcome,
) -> impl IntoView {
    let error = tried.error("token");
    let described = error.is_some().then_some("captcha-token-help captcha-token-error");
    let token = tried.value("token");
    view! {
        <Panel id="verify" by="verify-title" title="3. Verify the token">
            <form class="form panel-form" method="post" action="/_fn/captcha-verify">
                <FormResult tried=tried.clone()/>
                <Hidden values=vec![("challenge".to_owned(), text)]/>
                <Field
                    label="For the number" name="phone" id="verify-phone" kind="tel" value=phone
                    error=tried.error("phone") required=true
                    help="The token is refused for any number other than the challenge’s."
                />
                <div class="field">
                    <label for="captcha-token">"Token"</label>
                    <textarea
                        id="captcha-token" name="token" rows="8" spellcheck="false"
                        autocomplete="off" autocapitalize="off"
                        aria-invalid=error.is_some().then_some("true")
                        aria-describedby=described.unwrap_or("captcha-token-help")
                    >
                        {area_text(&token)}
                    </textarea>
                    <p class="field-help" id="captcha-token-help">
                        "The browser passes it to the application, which sends it with its \
                         request for a decision."
                    </p>
                    {error.map(|error| view! {
                        <p class="field-error" id="captcha-token-error" role="alert">
                            <Icon name="alert"/>{error}
                        </p>
                    })}
                </div>
                <div class="form-end">
                    <Button>"Verify"</Button>
                    <Button kind=ButtonKind::Quiet name="spend" value="yes">"Verify and mark as used"</Button>
                </div>
                <p class="field-help">"A token can be verified any number of times, but used only \
                                       once."</p>
            </form>
        </Panel>
    }
}

/// Examples to copy.
#[component]
fn How() -> impl IntoView {
    const CHALLENGE: &str = "GET /api/v1/captcha/challenge?phone=%2B14155550100\n\
        Authorization: Bearer tw_…";
    const WIDGET: &str = "<form method=\"post\">\n  \
        <altcha-widget challengejson='{\"algorithm\":\"SHA-256\", …}'></altcha-widget>\n\
        </form>";
    const DECISION: &str = "POST /api/v1/decisions\n\
        Authorization: Bearer tw_…\n\n\
        {\"phone\": \"+14155550100\", \"channel\": \"sms\",\n \
        \"captcha\": {\"provider\": \"altcha\", \"token\": \"eyJhbGdvcml0aG0i…\"}}";
    let code = |label: &'static str, text: &'static str| {
        view! { <pre tabindex="0" role="group" aria-label=label><code>{text}</code></pre> }
    };
    view! {
        <Panel by="how-title" title="In an application">
            <div class="panel-body">
                <p>
                    "When a decision is “challenge”, the application’s server gets a challenge \
                    with a key of the scope " <code>"decisions:write"</code> "."
                </p>
                {code("Request for a challenge", CHALLENGE)}
                <p>
                    "Its page shows ALTCHA’s widget with that answer ("<code>"challengejson"</code>
                    " up to version 2 of the widget, " <code>"challenge"</code> " from version 3)."
                </p>
                {code("Widget", WIDGET)}
                <p>
                    "Its server asks for the decision again, with the token from the form’s field "
                    <code>"altcha"</code> ". Other rules can still refuse the number."
                </p>
                {code("Request for a decision", DECISION)}
                <p><a href="/api/docs">"API reference"</a></p>
            </div>
        </Panel>
    }
}
