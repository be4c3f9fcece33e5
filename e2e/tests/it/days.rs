//! Days: what forty of them leave behind, and that they leave the same behind every time.

use e2e::{
    days::Days,
    ledger::{dump, ensure_same},
};
use serde_json::{Value, json};

use crate::history::{DAYS, day, history};

#[tokio::test(flavor = "multi_thread")]
async fn forty_days_from_two_empty_databases_leave_the_same_behind() {
    let another = async {
        let days = Days::start(&[]).await.unwrap();
        for _ in 0..DAYS {
            day(&days).await.unwrap();
        }
        dump(days.stack()).unwrap()
    };
    let (one, other) = tokio::join!(history(), tokio::spawn(another));
    for table in [
        "positions",
        "position_exits",
        "prediction_outcomes",
        "prediction_exits",
        "price_history",
    ] {
        assert!(one.whole[table].len() > 100, "{table}");
    }
    assert_eq!(one.whole["portfolio_values"].len(), DAYS * 4);
    ensure_same(&one.whole, &other.unwrap()).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn forty_days_resolve_predictions_and_let_others_expire() {
    let [expired, resolved, tracking] = history().await.predictions;
    assert!(
        expired > 0 && resolved > 0 && tracking > 0,
        "{expired} {resolved} {tracking}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_thirty_days_of_every_portfolio_are_evaluated() {
    let history = history().await;
    assert_eq!(history.evaluated.len(), 4);
    for (period, portfolio) in history.evaluated.iter().zip(1..) {
        let number = |field: &str| period[field].as_f64().unwrap_or_else(|| panic!("{field}: {period}"));
        assert_eq!(period["portfolio_id"], portfolio);
        assert_eq!(
            (&period["period_start"], &period["period_end"]),
            (&json!("2026-01-05"), &json!("2026-02-04"))
        );
        let closed = history.positions.iter().filter(|position| {
            let day = position["exit_date"].as_str().unwrap_or("9999");
            position["portfolio_id"] == portfolio && day < "2026-02-04"
        });
        let returns: Vec<_> = closed.map(|one| one["realized_return_pct"].as_f64().unwrap()).collect();
        let (total, won) = (returns.len(), returns.iter().filter(|part| **part > 0.0).count());
        assert!(total > 0 && won > 0, "{period}");
        assert_eq!(period["total_positions_closed"], total);
        assert_eq!(period["winning_positions"], won);
        assert_eq!(period["losing_positions"], total - won);
        let near = |field: &str, expected: f64| {
            assert!(
                (number(field) - expected).abs() < 0.000_2,
                "{field} {expected}: {period}"
            );
        };
        let (total, won) = (count(total), count(won));
        near("avg_return_pct", returns.iter().sum::<f64>() / total);
        near("signal_accuracy_pct", won / total * 100.0);
        near(
            "relative_performance",
            number("portfolio_return_pct") - number("sp500_return_pct"),
        );
        let ahead = number("relative_performance") > 0.0;
        assert_eq!(period["beat_benchmark"], Value::Bool(ahead));
    }
}

fn count(items: usize) -> f64 {
    f64::from(u32::try_from(items).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_market_nothing_is_bought_or_predicted_and_nobody_is_warned() {
    let days = Days::start(&[("ANALYZE_MARKET", "none")]).await.unwrap();
    for _ in 0..3 {
        let run = day(&days).await.unwrap();
        assert!(run["signals_created"].as_i64().unwrap() > 0, "{run}");
        assert_eq!(
            (&run["positions_opened"], &run["exits_triggered"]),
            (&json!(0), &json!(0))
        );
        let warnings = run["warnings"].as_array().cloned().unwrap_or_default();
        assert!(
            warnings
                .iter()
                .all(|warning| warning["type"] == "image_analysis_failed"),
            "{warnings:?}"
        );
    }
    for path in ["/positions", "/predictions"] {
        assert_eq!(days.api().get(path).await.unwrap().body["meta"]["total"], 0, "{path}");
    }
    let list = days.api().get("/portfolios").await.unwrap();
    let portfolios = list.data().as_array().unwrap();
    assert_eq!(portfolios.len(), 4);
    assert!(
        portfolios.iter().all(|one| one["current_value"] == json!(100_000.0)),
        "{portfolios:?}"
    );
}
