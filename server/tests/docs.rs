//! README and docs/ are true: their marked programs are run against a server on loopback, and their
//! XML is well-formed.
//!
//! Needs `sh` with `curl`, `python3` and `node`; `xtask/setup.sh docs` installs what is missing.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what goes wrong")]

use app::Assets;
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use domain::audit::By;
use domain::keys::KeyName;
use domain::roles::Scope;
use engine::Engine;
use engine::keys::NewKey;
use engine::settings;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use sqlx::PgPool;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use store::{Clock, Db};
use tollwarden_server::config::Config;
use tollwarden_server::router::router;

/// A page of the repository.
fn page(path: &str) -> String {
    let path = format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The blocks of a language on a page, in its order; those that are marked to be run, or all.
fn blocks(page: &str, language: &str, marked: bool) -> Vec<String> {
    let fence = format!("```{language}\n");
    let start = if marked { format!("<!-- run -->\n{fence}") } else { fence };
    let blocks = page.split(start.as_str()).skip(1);
    blocks.map(|block| block.split("```").next().unwrap().to_owned()).collect()
}

/// A program from a page, and the command that runs it.
#[derive(Debug, Clone)]
struct Program {
    by: &'static str,
    text: String,
}

impl Program {
    fn cut(page: &str, language: &str, by: &'static str) -> Self {
        let text = blocks(page, language, true).join("\n");
        assert!(!text.is_empty(), "no {language} to be run");
        Self { by, text }
    }

    /// The same with longer time-outs, for a machine that is busy with other tests.
    fn patient(&self) -> Self {
        let mut text = self.text.clone();
        for (short, long) in [
            ("--max-time 0.5", "--max-time 60"),
            ("timeout=0.5", "timeout=60"),
            ("}, 0.5)", "}, 60)"),
            ("timeout(500)", "timeout(60000)"),
        ] {
            text = text.replace(short, long);
        }
        assert_ne!(text, self.text, "{}: it does not say how long it waits", self.by);
        Self { text, ..*self }
    }

    fn start(&self, environment: &[(&str, &str)], arguments: &[&str]) -> Child {
        let mut command = Command::new(self.by);
        match self.by {
            "node" => command.args(["--input-type=module", "-"]),
            "sh" => command.args(["-s", "--"]),
            _ => command.arg("-"),
        };
        command.args(arguments).envs(environment.iter().copied());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| {
            panic!("{} cannot be run, and what docs/ says is tested with it: {error}", self.by)
        });
        child.stdin.take().unwrap().write_all(self.text.as_bytes()).unwrap();
        child
    }

    /// Runs to its end; stdout and stderr.
    async fn run(&self, environment: &[(&str, &str)], arguments: &[&str]) -> (String, String) {
        let child = self.start(environment, arguments);
        let ended = tokio::task::spawn_blocking(move || child.wait_with_output());
        let Output { status, stdout, stderr } = ended.await.unwrap().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().trim().to_owned();
        let (said, complained) = (text(stdout), text(stderr));
        assert!(status.success(), "{}: {status}: {complained}", self.by);
        (said, complained)
    }
}

/// Is killed at the end of its test, also if that fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server on loopback, and a key.
struct LoopbackServer {
    db: Db,
    url: String,
    key: String,
}

impl LoopbackServer {
    async fn open(pool: PgPool) -> Self {
        let db = Db::new(pool, Clock::system());
        let engine = Engine::start(db.clone()).await.unwrap();
        let scopes = vec![Scope::DecisionsWrite, Scope::EventsWrite];
        let new = NewKey::new(KeyName::parse("shop").unwrap(), scopes);
        let key = engine::keys::create(&db, &By::command(), new).await.unwrap().reveal();
        let router = router(engine, &Config::default(), Assets::default()).await;
        let site = Self { db, url: serve(router).await, key };
        site.set("countries", json!({ "sms": { "mode": "allowlist", "regions": ["US"] } })).await;
        site
    }

    async fn set(&self, section: &str, document: Value) {
        let kind = domain::settings::section(section).unwrap();
        settings::save_document(
            &self.db,
            &By::command(),
            kind,
            settings::ExpectedVersion::Any,
            document,
        )
        .await
        .unwrap();
    }

    fn environment(&self) -> [(&str, &str); 2] {
        [("TOLLWARDEN_URL", &self.url), ("TOLLWARDEN_KEY", &self.key)]
    }

    /// The kinds of the events of a number, by journey.
    async fn event_kinds(&self, phone: &str) -> Vec<String> {
        sqlx::query_scalar(
            "select string_agg(kind, ' ' order by kind) from event where phone = $1
             group by journey order by 1",
        )
        .bind(phone)
        .fetch_all(self.db.read())
        .await
        .unwrap()
    }
}

async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    format!("http://{at}")
}

fn any_application() -> [Program; 3] {
    let page = page("docs/integrating/any-application.md");
    [("sh", "sh"), ("python", "python3"), ("ts", "node")]
        .map(|(language, by)| Program::cut(&page, language, by))
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn any_application_does_what_the_gate_says(pool: PgPool) {
    let site = LoopbackServer::open(pool).await;
    let limits = json!([{ "per": "number", "limit": 1, "window": 600 }]);
    let texts = json!({ "en": { "deny": "Not there, ann.", "delay": "x", "challenge": "x" } });
    let texts = json!({ "texts": texts });
    let rules = json!({ "limits": limits.clone(), "user_message": texts.clone() });
    site.set("rules", rules).await;
    let env = site.environment();
    for (at, program) in any_application().iter().enumerate() {
        let (program, by) = (program.patient(), program.by);
        let phone = format!("+1415555010{at}");
        let sent = program.run(&env, &[&phone, "ann@example.com"]).await;
        assert_eq!(sent, ("sent".to_owned(), String::new()), "{by}");
        assert_eq!(
            site.event_kinds(&phone).await,
            ["requested sent verified"],
            "{by}: one journey"
        );
        let (said, _) = program.run(&env, &[&phone, "ann@example.com"]).await;
        let wait: u32 = said.strip_prefix("wait ").unwrap_or(&said).parse().unwrap();
        assert!((60..=600).contains(&wait), "{by}: {said}");
        assert_eq!(site.event_kinds(&phone).await.len(), 2, "{by}: another journey, refused");
        let (said, _) = program.run(&env, &["+18765551234", "ann@example.com"]).await;
        assert_eq!(said, "no: Not there, ann.", "{by}");
        let (said, complained) = program.run(&env, &["+1415", "ann@example.com"]).await;
        assert_eq!((said.as_str(), complained.as_str()), ("no: is this your number?", ""), "{by}");
        // A wrong request is not reported as a wrong number.
        let deny = [env[0], env[1], ("WITHOUT_GATE", "deny")];
        let (said, complained) = program.run(&deny, &[&phone, &"u".repeat(400)]).await;
        assert_eq!(said, "no:", "{by}");
        assert!(complained.contains("decided without the gate: deny"), "{by}: {complained}");
        assert!(complained.contains("320"), "{by}: {complained}");
    }
    let captcha = json!({ "ask": "everybody" });
    site.set("rules", json!({ "captcha": captcha, "limits": limits, "user_message": texts })).await;
    for (at, program) in any_application().iter().enumerate() {
        let phone = format!("+1415555011{at}");
        let (said, _) = program.patient().run(&env, &[&phone, "ann@example.com"]).await;
        assert_eq!(said, "captcha", "{}", program.by);
    }
}

#[tokio::test]
async fn any_application_decides_when_nobody_answers() {
    // Accepts connections and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("http://{}", silent.local_addr().unwrap());
    let gone = {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", socket.local_addr().unwrap())
    };
    for program in any_application() {
        for url in [&silent, &gone] {
            let env = [("TOLLWARDEN_URL", url.as_str()), ("TOLLWARDEN_KEY", "tw_x")];
            let deny = [env[0], env[1], ("WITHOUT_GATE", "deny")];
            let start = Instant::now();
            let (said, complained) = program.run(&deny, &["+14155550100", "ann"]).await;
            assert!(start.elapsed() < Duration::from_secs(10), "{}: it waits", program.by);
            assert!(said.starts_with("no:"), "{}: {said}", program.by);
            assert!(complained.contains("decided without the gate: deny"), "{complained}");
        }
        let env = [("TOLLWARDEN_URL", gone.as_str()), ("TOLLWARDEN_KEY", "tw_x")];
        let (said, complained) = program.run(&env, &["+14155550100", "ann"]).await;
        assert_eq!(said, "sent", "{}", program.by);
        assert!(complained.contains("not told: verified"), "{complained}");
    }
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn the_first_call_of_the_readme_is_answered(pool: PgPool) {
    let site = LoopbackServer::open(pool).await;
    let program = Program::cut(&page("README.md"), "sh", "sh");
    let (said, _) = program.run(&site.environment(), &[]).await;
    let answer: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(
        (&answer["verdict"], &answer["reasons"][0]["code"]),
        (&json!("deny"), &json!("region"))
    );
}

/// What the provider got: the header with the secret, and the body.
type Received = Arc<Mutex<Vec<(String, String)>>>;

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn keycloaks_gateway_passes_on_what_is_allowed(pool: PgPool) {
    let site = LoopbackServer::open(pool).await;
    let received = Received::default();
    let take = async |State(received): State<Received>, headers: HeaderMap, body: String| {
        let secret = headers.get("authorization").map(|value| value.to_str().unwrap());
        let broken = body.contains("broken");
        received.lock().unwrap().push((secret.unwrap_or_default().to_owned(), body));
        if broken { StatusCode::BAD_GATEWAY } else { StatusCode::ACCEPTED }
    };
    let provider = serve(Router::new().route("/", post(take)).with_state(received.clone())).await;

    let program = Program::cut(&page("docs/integrating/keycloak.md"), "python", "python3");
    let mut env = site.environment().to_vec();
    env.extend([("GATEWAY_URL", provider.as_str()), ("PORT", "0"), ("WITHOUT_GATE", "deny")]);
    let mut gateway = Running(program.patient().start(&env, &[]));
    let mut first = String::new();
    let out = gateway.0.stdout.take().unwrap();
    BufReader::new(out).read_line(&mut first).unwrap();
    let port = first.trim().strip_prefix("listening on ").unwrap_or_else(|| panic!("{first}"));
    let url = format!("http://127.0.0.1:{port}/");

    let send = async |kind: &'static str, body: &'static str| {
        let url = url.clone();
        let sent = tokio::task::spawn_blocking(move || {
            let agent = ureq::Agent::config_builder().http_status_as_error(false).build();
            let call = ureq::Agent::from(agent).post(url);
            let call = call.header("content-type", kind).header("authorization", "Basic eDp5");
            call.send(body).unwrap().status().as_u16()
        });
        sent.await.unwrap()
    };
    let json = "application/json";
    let allowed = r#"{"text":"1234","to":"+14155550100","from":"Keycloak"}"#;
    assert_eq!(send(json, allowed).await, 202);
    let form = "application/x-www-form-urlencoded";
    assert_eq!(send(form, "text=1234&to=%2B14155550101&from=Keycloak").await, 202);
    assert_eq!(send(json, r#"{"text":"broken","to":["+14155550102"]}"#).await, 502);
    assert_eq!(send(json, r#"{"text":"1234","to":"+18765551234"}"#).await, 403, "refused");
    assert_eq!(send(json, r#"{"text":"1234","to":"0415555"}"#).await, 403, "no number");
    assert_eq!(send(json, r#"{"text":"1234"}"#).await, 400);
    let received = received.lock().unwrap().clone();
    assert_eq!(received.len(), 3, "{received:?}");
    assert_eq!(received[0], ("Basic eDp5".to_owned(), allowed.to_owned()), "as it came");
    // It sends its events after it has answered.
    let told = async |phone: &str, kinds: &str| {
        let end = Instant::now() + Duration::from_secs(60);
        while site.event_kinds(phone).await != [kinds] {
            assert!(Instant::now() < end, "{phone}: {:?}", site.event_kinds(phone).await);
            tokio::task::yield_now().await;
        }
    };
    told("+14155550100", "requested sent").await;
    told("+14155550102", "failed requested").await;
}

#[test]
fn the_policys_xml_is_well_formed() {
    let blocks = blocks(&page("docs/integrating/b2c-custom-policy.md"), "xml", false);
    assert_eq!(blocks.len(), 4);
    let judge = Program {
        by: "python3",
        text: "import sys, xml.dom.minidom as dom\nfor text in sys.argv[1:]: \
               print(dom.parseString(text).documentElement.tagName)\n"
            .to_owned(),
    };
    let texts: Vec<&str> = blocks.iter().map(String::as_str).collect();
    let done = judge.start(&[], &texts).wait_with_output().unwrap();
    let roots = String::from_utf8(done.stdout).unwrap();
    let roots: Vec<&str> = roots.lines().collect();
    assert_eq!(roots, ["BuildingBlocks", "ClaimsProvider", "ClaimsProvider", "OrchestrationSteps"]);
}

#[sqlx::test(migrator = "store::MIGRATOR")]
async fn what_the_policy_sends_is_understood(pool: PgPool) {
    let site = LoopbackServer::open(pool).await;
    let page = page("docs/integrating/b2c-custom-policy.md");
    let asking = &blocks(&page, "xml", false)[1];
    // Every claim that the profile sends, by the name it is sent under.
    let attribute = |line: &str, name: &str| -> Option<String> {
        let (_, value) = line.split_once(&format!(" {name}=\""))?;
        Some(value.split('"').next().unwrap().to_owned())
    };
    let values = BTreeMap::from([
        ("phoneNumber", "+1 8765551234"),
        ("objectId", "6f1c2a"),
        ("ui_locales", "de-AT"),
        ("ipAddress", "203.0.113.7"),
        ("policyId", "B2C_1A_signup_signin"),
        ("correlationId", "c-81723"),
    ]);
    let mut claims = BTreeMap::new();
    for line in asking.lines().filter(|line| line.contains("<InputClaim ")) {
        let name = attribute(line, "PartnerClaimType");
        let name = name.or_else(|| attribute(line, "ClaimTypeReferenceId")).unwrap();
        let value = values.get(name.as_str()).unwrap_or_else(|| panic!("{name} is not known"));
        claims.insert(name, *value);
    }
    assert_eq!(claims.len(), values.len());
    let deny = json!({ "deny": "Hier nicht.", "delay": "x", "challenge": "x" });
    let english = json!({ "deny": "Not here.", "delay": "x", "challenge": "x" });
    site.set("rules", json!({ "user_message": { "texts": { "de": deny, "en": english } } })).await;
    let call = Program {
        by: "sh",
        text:
            r#"curl -s --user "shop:$TOLLWARDEN_KEY" -d "$1" -H 'Content-Type: application/json' \
                 "$TOLLWARDEN_URL/api/v1/b2c/validate-phone""#
                .to_owned(),
    };
    let claims = serde_json::to_string(&claims).unwrap();
    let (said, _) = call.run(&site.environment(), &[&claims]).await;
    let answer: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(
        answer,
        json!({ "version": "1.0.0", "action": "ShowBlockPage", "userMessage": "Hier nicht." })
    );
    let kept: (String, String, String, String) = sqlx::query_as(
        r#"select journey, "user", host(ip), flow from event where kind = 'refused'"#,
    )
    .fetch_one(site.db.read())
    .await
    .unwrap();
    let text = |text: &str| text.to_owned();
    assert_eq!(
        kept,
        (text("c-81723"), text("6f1c2a"), text("203.0.113.7"), text("B2C_1A_signup_signin"))
    );
}
