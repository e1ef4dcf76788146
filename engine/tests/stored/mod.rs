//! What the store derives from events.

use sqlx::PgPool;

/// The events as a statement gives them, all attempts and all tallies, as text.
pub async fn dump(pool: &PgPool, events: &'static str) -> Vec<String> {
    let mut all = Vec::new();
    for sql in [
        events,
        "select attempt::text from attempt order by id",
        "select (grain, dim, bucket, channel, key, detail, sum(n))::text from tally
         group by grain, dim, bucket, channel, key, detail having sum(n) <> 0
         order by grain, dim, bucket, channel, key, detail",
    ] {
        let rows: Vec<String> = sqlx::query_scalar(sql).fetch_all(pool).await.unwrap();
        assert!(!rows.is_empty(), "{sql}");
        all.extend(rows);
    }
    all
}
