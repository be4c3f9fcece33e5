//! Trading: a position closed by hand over the real server, and days lived through with the client.

use e2e::{process::command, stack::Stack};
use serde_json::{Value, json};

/// A position of the first portfolio on the first bullish signal, unless that signal was traded.
const POSITION: &str = "
insert or ignore into positions (portfolio_id, signal_id, run_id, ticker, instrument_type, signal_type, direction,
                                 confidence, position_size_micros, entry_date, entry_price_micros, opened_at, status,
                                 shares, shares_remaining, stop_loss_price_micros, take_profit_price_micros,
                                 peak_price_micros, last_price_micros, last_priced_at)
select 1, id, 1, ticker, 'stock', signal_type, 'long', confidence, 1000000000, '2026-01-05', 10000000,
       '2026-01-05T16:00:00+00:00', 'open', 100, 100, 9000000, 11500000, 10000000, 10000000,
       '2026-01-05T16:00:00+00:00'
from signals where prediction = 'bullish' order by id limit 1";

#[tokio::test(flavor = "multi_thread")]
async fn a_position_is_closed_by_hand_at_the_price_of_the_sample() {
    let stack = Stack::new(&[]).unwrap();
    let _server = stack.server().await.unwrap();
    let _worker = stack.worker().unwrap();
    let api = stack.api();
    let run = api.start().await.unwrap().run_id();
    assert_eq!(api.wait_for_end(run).await.unwrap()["status"], "completed");
    stack.execute(POSITION).unwrap();
    let held = api.get("/positions?status=open&instrument_type=stock").await.unwrap();
    let position = held.data()[0].clone();
    let path = format!("/positions/{}/close", position["id"]);
    let closed = api.post(&path, json!({"reason": "enough"})).await.unwrap();
    assert_eq!(closed.status, 200, "{}", closed.body);
    let exit = &closed.data()["exit"];
    assert_eq!(
        (&exit["exit_reason"], &exit["shares_exited"], &exit["notes"]),
        (&json!("manual"), &position["shares_remaining"], &json!("enough"))
    );
    assert!(exit["exit_price"].as_f64().unwrap() > 0.0, "{exit}");
    assert_eq!(closed.data()["position"]["status"], "closed");
    let again = api.post(&path, json!({"reason": "enough"})).await.unwrap();
    assert_eq!((again.status, again.code()), (409, "POSITION_ALREADY_CLOSED"));
}

#[tokio::test(flavor = "multi_thread")]
async fn three_days_are_lived_through_with_the_client_and_not_twice() {
    let stack = Stack::new(&[]).unwrap();
    let _server = stack.server().await.unwrap();
    let _worker = stack.worker().unwrap();
    let replay = |from: &str| {
        let mut client = command("analyze").unwrap();
        client.args(["replay", "--from", from, "--to", "2026-01-07", "--json"]);
        let output = client.args(["--server", stack.api().base()]).output().unwrap();
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), told)
    };
    let (code, told) = replay("2026-01-05");
    assert_eq!(code, Some(0), "{told}");
    let days = told["days"].as_array().unwrap();
    let of = |field: &str| days.iter().map(|day| day[field].clone()).collect::<Vec<_>>();
    assert_eq!(of("run_id"), [1, 2, 3]);
    assert_eq!(of("status"), ["completed"; 3]);
    assert_eq!(of("as_of")[2], "2026-01-07T16:00:00Z");
    assert_eq!(told["portfolios"].as_array().unwrap().len(), 4);
    let runs = stack.api().get("/runs").await.unwrap();
    assert_eq!(runs.body["meta"]["total"], 3);
    let (code, told) = replay("2026-01-06");
    assert_eq!(code, Some(1));
    assert!(
        told["days"][0]["refused"]
            .as_str()
            .unwrap()
            .contains("must not lie before"),
        "{told}"
    );
    assert_eq!(told["days"][1]["status"], "completed", "the newest day may be repeated");
}
