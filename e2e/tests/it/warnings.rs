//! Warnings: each of the seven kinds in runs over the sample, with exactly the fields and details of its kind.

use std::collections::{BTreeMap, BTreeSet};

use e2e::days::Days;
use serde_json::{Value, json};

use crate::history::{History, history};

fn warnings(run: &Value) -> &[Value] {
    run["warnings"].as_array().map_or(&[], Vec::as_slice)
}

fn of_kind<'a>(run: &'a Value, kind: &str) -> Vec<&'a Value> {
    let of = |warning: &&Value| warning["type"] == kind;
    warnings(run).iter().filter(of).collect()
}

fn keys(object: &Value) -> BTreeSet<&str> {
    let object = object.as_object().unwrap();
    object.keys().map(String::as_str).collect()
}

/// Checks a warning's fields and details; yields its form: kind, phase and details, and how it was made good.
fn form(warning: &Value) -> String {
    let (kind, context) = (warning["type"].as_str().unwrap(), &warning["context"]);
    let known = match (kind, warning["phase"].as_i64().unwrap()) {
        ("image_analysis_failed", 1) => "post_id image_url",
        ("schwab_prediction_unavailable", 3) => "ticker attempts predictions_affected",
        ("prediction_strike_unavailable", 3) => "ticker option_type expirations_checked",
        ("market_hours_skipped", 5) => "signals_affected",
        ("insufficient_cash", 5) => "portfolio needed available",
        ("schwab_stock_unavailable", 5 | 6) => "ticker attempts fallback",
        ("schwab_options_unavailable", 5) if context["position_id"].is_null() => "ticker",
        ("schwab_options_unavailable", 6) if context["position_id"].is_null() => "ticker predictions_affected",
        ("schwab_options_unavailable", 5 | 6) => "ticker position_id",
        _ => panic!("nobody warns so: {warning}"),
    };
    assert_eq!(keys(context), known.split(' ').collect(), "{warning}");
    let fields = BTreeSet::from(["type", "message", "phase", "timestamp", "ticker", "context"]);
    assert_eq!(keys(warning), fields, "{warning}");
    let of_all = ["image_analysis_failed", "market_hours_skipped"].contains(&kind);
    let ticker = warning["ticker"].as_str();
    assert!(
        if of_all {
            warning["ticker"].is_null()
        } else {
            ticker > Some("")
        },
        "{warning}"
    );
    assert!(!warning["message"].as_str().unwrap().is_empty(), "{warning}");
    assert!(
        context.get("ticker").is_none_or(|ticker| *ticker == warning["ticker"]),
        "{warning}"
    );
    assert!(
        context.get("attempts").is_none_or(|attempts| *attempts == 3),
        "{warning}"
    );
    for count in ["post_id", "predictions_affected", "signals_affected", "position_id"] {
        assert!(
            context.get(count).is_none_or(|number| number.as_i64() > Some(0)),
            "{warning}"
        );
    }
    if kind == "prediction_strike_unavailable" {
        let side = context["option_type"].as_str();
        assert!(
            matches!(side, Some("call" | "put")) && context["expirations_checked"].is_u64(),
            "{warning}"
        );
    }
    let fallback = context.get("fallback").map_or(String::new(), Value::to_string);
    assert!(
        ["", "\"none\"", "\"daily_bar\""].contains(&fallback.as_str()),
        "{warning}"
    );
    format!("{kind} {} {known} {fallback}", warning["phase"]).replace('"', "")
}

#[tokio::test(flavor = "multi_thread")]
async fn forty_days_meet_every_planted_trouble_and_say_exactly_what_it_was() {
    let history = history().await;
    let mut forms = BTreeSet::new();
    for (run, date) in history.runs.iter().zip(&history.dates) {
        let (mut met, mut said) = (BTreeSet::new(), BTreeSet::new());
        for warning in warnings(run) {
            met.insert(form(warning));
            let facts = json!([warning["type"], warning["phase"], warning["context"]]).to_string();
            assert!(said.insert(facts), "said twice: {warning}");
            check_references(history, date, warning);
        }
        forms.extend(met);
    }
    let expected = [
        "image_analysis_failed 1 post_id image_url ",
        "prediction_strike_unavailable 3 ticker option_type expirations_checked ",
        "schwab_options_unavailable 5 ticker ",
        "schwab_options_unavailable 5 ticker position_id ",
        "schwab_options_unavailable 6 ticker position_id ",
        "schwab_options_unavailable 6 ticker predictions_affected ",
        "schwab_prediction_unavailable 3 ticker attempts predictions_affected ",
        "schwab_stock_unavailable 5 ticker attempts fallback none",
        "schwab_stock_unavailable 6 ticker attempts fallback none",
    ];
    assert_eq!(forms, expected.map(str::to_owned).into());
}

/// Whether what a warning names is there, and was when the run met it.
fn check_references(history: &History, date: &str, warning: &Value) {
    let context = &warning["context"];
    if warning["type"] == "image_analysis_failed" {
        let picture = format!("{} {}", context["post_id"], context["image_url"].as_str().unwrap());
        assert!(history.pictures.contains(&picture), "{warning}");
    }
    if let Some(id) = context.get("position_id") {
        let position = history.positions.iter().find(|position| position["id"] == *id);
        let position = position.unwrap_or_else(|| panic!("{warning}"));
        assert_eq!(
            (&position["ticker"], &position["instrument_type"]),
            (&warning["ticker"], &json!("option"))
        );
        assert!(position["entry_date"].as_str().unwrap() <= date, "{position}");
        assert!(
            position["exit_date"].as_str().is_none_or(|exit| date <= exit),
            "{position}"
        );
    }
}

/// With the default sizes ten slots cost half of a portfolio at most; these ask for one and a half of it.
const BOLD: &str = "insert into system_config (key, value, updated_at) values ('stock_size_base_pct', '0.20', '')";

#[tokio::test(flavor = "multi_thread")]
async fn the_weekdays_up_to_a_holiday_meet_all_seven_when_sizes_are_bold() {
    let days = Days::start(&[]).await.unwrap();
    days.stack().execute(BOLD).unwrap();
    let mut met: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
    for day in (5..=9).chain(12..=16).chain([19]) {
        let run = days.at(&format!("2026-01-{day:02}T16:00:00Z")).await.unwrap();
        for warning in warnings(&run) {
            form(warning);
            let kind = warning["type"].as_str().unwrap().to_owned();
            met.entry(kind).or_default().insert(day);
        }
    }
    let kinds: BTreeSet<&str> = met.keys().map(String::as_str).collect();
    let seven = [
        "image_analysis_failed",
        "insufficient_cash",
        "market_hours_skipped",
        "prediction_strike_unavailable",
        "schwab_options_unavailable",
        "schwab_prediction_unavailable",
        "schwab_stock_unavailable",
    ];
    assert_eq!(kinds, seven.into());
    assert_eq!(
        met["market_hours_skipped"],
        [19].into(),
        "the market is closed on the holiday"
    );
    assert!(
        !met["insufficient_cash"].contains(&19),
        "nothing is bought on the holiday"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_close_the_daily_bar_stands_in_for_a_stock_and_nothing_is_bought() {
    let days = Days::start(&[]).await.unwrap();
    for _ in 0..4 {
        days.next().await.unwrap();
    }
    let run = days.at("2026-01-08T22:00:00Z").await.unwrap();
    assert_eq!(run["positions_opened"], 0);
    let skipped = of_kind(&run, "market_hours_skipped");
    assert_eq!(skipped.len(), 1, "{run}");
    for warning in warnings(&run) {
        form(warning);
    }
    let stocks = of_kind(&run, "schwab_stock_unavailable");
    let stood_in: Vec<_> = stocks
        .iter()
        .filter(|one| one["context"]["fallback"] == "daily_bar")
        .collect();
    let [warning] = stood_in[..] else { panic!("{stocks:?}") };
    let ticker = warning["ticker"].as_str().unwrap();
    let prices = days.api().get(&format!("/prices/{ticker}")).await.unwrap();
    let held = days
        .api()
        .get(&format!("/positions?instrument_type=stock&ticker={ticker}"))
        .await
        .unwrap();
    let position = &held.data()[0];
    assert_eq!(
        (&warning["phase"], &position["last_checked_run_id"]),
        (&json!(6), &run["run_id"])
    );
    let newest = prices
        .data()
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["date"] == "2026-01-08");
    assert_eq!(
        newest.unwrap_or_else(|| panic!("{}", prices.body))["close"],
        position["last_price"],
        "{held:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn outside_of_trading_hours_qualified_signals_are_counted_and_wait() {
    for as_of in ["2026-01-05T14:29:59Z", "2026-01-05T21:00:00Z", "2026-01-05T22:00:00Z"] {
        let days = Days::start(&[]).await.unwrap();
        let run = days.at(as_of).await.unwrap();
        let skipped = of_kind(&run, "market_hours_skipped");
        let [warning] = skipped[..] else { panic!("{run}") };
        assert_eq!(form(warning), "market_hours_skipped 5 signals_affected ");
        let qualified = "select count(*) from signals where confidence >= 0.5 and not position_opened";
        let qualified = days.stack().texts(qualified).unwrap().remove(0);
        assert_eq!(warning["context"]["signals_affected"].to_string(), qualified, "{as_of}");
        assert_eq!(run["positions_opened"], 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portfolio_without_cash_for_a_signal_says_what_it_lacks() {
    let days = Days::start(&[]).await.unwrap();
    let large = "insert into system_config (key, value, updated_at)
                 values ('stock_size_base_pct', '0.9', ''), ('stock_size_max_pct', '0.95', '')";
    days.stack().execute(large).unwrap();
    let run = days.next().await.unwrap();
    let poor = of_kind(&run, "insufficient_cash");
    assert!(!poor.is_empty(), "{run}");
    for warning in poor {
        assert_eq!(form(warning), "insufficient_cash 5 portfolio needed available ");
        let context = &warning["context"];
        let list = days.api().get("/portfolios").await.unwrap();
        let named = list
            .data()
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["name"] == context["portfolio"]);
        let portfolio = named.unwrap_or_else(|| panic!("{warning}"));
        assert_eq!(portfolio["instrument_type"], "stock");
        assert_eq!(
            context["available"], portfolio["cash_available"],
            "nothing was bought after it"
        );
        assert!(context["needed"].as_f64() > context["available"].as_f64(), "{warning}");
        let bought = "select count(*) from positions as p join portfolios as f on f.id = p.portfolio_id";
        let (ticker, name) = (warning["ticker"].as_str().unwrap(), portfolio["name"].as_str().unwrap());
        let sql = format!("{bought} where p.ticker = '{ticker}' and f.name = '{name}'");
        assert_eq!(days.stack().texts(&sql).unwrap(), ["0"], "{warning}");
    }
}
