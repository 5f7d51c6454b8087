//! The official `clickhouse` crate, with its defaults, reads and writes through the server.

use clickhouse::{Client, Row, error::Error};
use serde::{Deserialize, Serialize};
use tracel_dev::testing::clickhouse;

#[derive(Clone, Debug, PartialEq, Row, Serialize, Deserialize)]
struct Line {
    no: u32,
    text: String,
    maybe: Option<i64>,
    list: Vec<u8>,
}

fn lines(count: u32) -> Vec<Line> {
    let line = |no| Line {
        no,
        text: format!("line {no}: 'quoted' \u{1f980}\n"),
        maybe: (no % 3 == 0).then_some(-i64::from(no)),
        list: vec![no as u8; (no % 5) as usize],
    };
    (0..count).map(line).collect()
}

async fn fresh(client: &Client, table: &str) -> Result<(), Error> {
    let columns = "no UInt32, text String, maybe Nullable(Int64), list Array(UInt8)";
    client
        .query(&format!("DROP TABLE IF EXISTS {table}"))
        .execute()
        .await?;
    client
        .query(&format!(
            "CREATE TABLE {table} ({columns}) ENGINE = MergeTree ORDER BY no"
        ))
        .execute()
        .await
}

#[tokio::test]
async fn rows_go_in_and_come_out() -> Result<(), Error> {
    let Some(server) = clickhouse() else { return Ok(()) };
    let client = Client::default().with_url(server.url()).with_database("default");
    fresh(&client, "lines").await?;
    let lines = lines(20_000);
    let mut insert = client.insert::<Line>("lines").await?;
    for line in &lines {
        insert.write(line).await?;
    }
    insert.end().await?;
    assert_eq!(
        client
            .query("SELECT count() FROM lines")
            .fetch_one::<u64>()
            .await?,
        20_000
    );
    let back = client
        .query("SELECT ?fields FROM lines ORDER BY no")
        .fetch_all::<Line>()
        .await?;
    assert!(back == lines);
    let one = client
        .query("SELECT ?fields FROM lines WHERE no = ? AND text = {text:String}")
        .bind(17)
        .param("text", &lines[17].text)
        .fetch_one::<Line>()
        .await?;
    assert_eq!(one, lines[17]);
    let none = client
        .query("SELECT ?fields FROM lines WHERE no = 99999")
        .fetch_optional::<Line>()
        .await?;
    assert_eq!(none, None);
    Ok(())
}

#[tokio::test]
async fn without_compression_too() -> Result<(), Error> {
    let Some(server) = clickhouse() else { return Ok(()) };
    let client = Client::default()
        .with_url(server.url())
        .with_compression(clickhouse::Compression::None);
    fresh(&client, "plain").await?;
    let mut insert = client.insert::<Line>("plain").await?;
    for line in &lines(10) {
        insert.write(line).await?;
    }
    insert.end().await?;
    assert_eq!(
        client
            .query("SELECT ?fields FROM plain ORDER BY no")
            .fetch_all::<Line>()
            .await?,
        lines(10)
    );
    Ok(())
}

#[tokio::test]
async fn what_fails_says_so() -> Result<(), Error> {
    #[derive(Row, Serialize)]
    struct Other {
        no: String,
    }
    let Some(server) = clickhouse() else { return Ok(()) };
    let client = Client::default().with_url(server.url());
    fresh(&client, "strict").await?;

    let unknown = client.query("SELECT * FROM nowhere").fetch_all::<u8>().await;
    assert!(
        matches!(&unknown, Err(Error::BadResponse(text)) if text.contains("UNKNOWN_TABLE")),
        "{unknown:?}"
    );

    // An insert that the server refuses: the rows do not parse.
    let mut broken = client.insert_formatted_with("INSERT INTO strict FORMAT JSONEachRow");
    let sent = broken.send("{\"no\":\"many\"}\n".into()).await;
    let ended = broken.end().await;
    assert!(sent.is_err() || ended.is_err(), "{sent:?} {ended:?}");

    // One that is given up half-way, and one of the wrong type.
    let mut dropped = client.insert::<Line>("strict").await?;
    dropped.write(&lines(1)[0]).await?;
    drop(dropped);
    let wrong = match client.insert::<Other>("strict").await {
        Ok(mut insert) => match insert.write(&Other { no: "one".into() }).await {
            Ok(()) => insert.end().await,
            Err(error) => Err(error),
        },
        Err(error) => Err(error),
    };
    assert!(wrong.is_err());

    assert_eq!(
        client
            .query("SELECT count() FROM strict")
            .fetch_one::<u64>()
            .await?,
        0
    );
    Ok(())
}
