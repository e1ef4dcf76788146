use super::*;
#[sqlx::test(migrator = "store::MIGRATOR")]
async fn timing_of_200_000(pool: PgPool) {
    let db = known(pool.clone(), vec![]).await;
    let t = std::time::Instant::now();
    sqlx::query("insert into attempt (id,time,outcome,outcome_time,origins,phone,channel,region,user_key,\"user\",flow,ip)
      select gen_random_uuid(), $1::timestamptz - (n * interval '4.3 seconds'), case when hashint4(n) % 4 = 0 then 'sent' else 'verified' end, $1::timestamptz - (n * interval '4.3 seconds'), '{}',
       case when hashint4(n) % 10 = 0 then '+1876210' || lpad((abs(hashint4(n+1)) % 3000)::text, 4, '0')
            when hashint4(n) % 10 = 1 then '+447400' || lpad((abs(hashint4(n+2)) % 40000)::text, 6, '0')
            else '+1201555' || lpad((abs(hashint4(n+3)) % 10000)::text, 4, '0') end,
       'sms','US','user'||(abs(hashint4(n+4)) % 50000)||'@example.com','user'||(abs(hashint4(n+4)) % 50000)||'@example.com','sign-in',
       ('10.' || (abs(hashint4(n+5)) % 3) || '.' || (abs(hashint4(n+6)) % 250) || '.' || (abs(hashint4(n+7)) % 250))::inet
      from generate_series(0, 599999) n").bind(noon()).execute(&pool).await.unwrap();
    sqlx::query("analyze attempt").execute(&pool).await.unwrap();
    eprintln!("insert {:?}", t.elapsed());
    let sms = ChannelCountries {
        mode: Countries::Allowlist,
        regions: [region("US"), region("GB")].into(),
    };
    let countries = countries::Settings { sms, ..countries::Settings::default() };
    for (what, rules) in [
        ("default+countries", Rules::default()),
        (
            "lower limits",
            Rules {
                limits: vec![
                    Limit::new(Dimension::Number, 1, 600),
                    Limit::new(Dimension::User, 2, 3600),
                    Limit::new(Dimension::Region, 500, 3600),
                ],
                ..Rules::default()
            },
        ),
    ] {
        let t = std::time::Instant::now();
        let n = store::replay::newest(&db.pool, noon() - TimeDelta::days(30), noon(), MOST)
            .await
            .unwrap();
        eprintln!("newest {:?} {n:?}", t.elapsed());
        let t = std::time::Instant::now();
        let c = store::replay::count(&db.pool, noon() - TimeDelta::days(30), noon(), COUNTED)
            .await
            .unwrap();
        eprintln!("count {:?} {c:?}", t.elapsed());
        let t = std::time::Instant::now();
        let mut after = n.unwrap();
        let mut all = Vec::new();
        loop {
            let p = store::replay::piece(&db.pool, after, noon(), PIECE).await.unwrap();
            all.extend(p.attempts);
            match p.next {
                Some(n) => after = n,
                None => break,
            }
        }
        eprintln!("read {:?}", t.elapsed());
        let t = std::time::Instant::now();
        let tried = Tried { rules: rules.clone(), countries: countries.clone() };
        let mut runs = super::super::runs::Runs::new(
            Tried { rules: Rules::default(), countries: Default::default() },
            tried.clone(),
            noon(),
        );
        for p in all {
            runs.take(p);
        }
        eprintln!("fold {:?}", t.elapsed());
        let t = std::time::Instant::now();
        let r = ask(
            &db,
            &Replays::default(),
            tried,
            Size { most: MOST, counted: COUNTED, piece: PIECE },
        )
        .await
        .unwrap();
        eprintln!("{what}: ask {:?} {r:?}", t.elapsed());
    }
}
