//! Samples of portfolios, positions, predictions and prices: one story of a few trades.

use serde_json::{Value, json};

const OPENED: &str = "2026-01-05T20:00:00.000000Z";
const CHECKED: &str = "2026-01-08T20:00:00.000000Z";

/// The sample of a schema.
pub(super) fn of_schema(name: &str) -> Option<Value> {
    Some(match name {
        "Portfolio" => portfolio(),
        "PortfolioDetail" => portfolio_detail(),
        "PortfolioPoint" => json!({
            "run_id": 42, "market_now": CHECKED, "value": 100_080.0, "cash": 99_080.0
        }),
        "PositionExit" => exit(),
        "Position" => position(),
        "Prediction" => prediction(),
        "PredictionDetail" => prediction_detail(),
        "EvaluationPeriod" => json!({
            "id": 3, "subreddit": "wallstreetbets", "portfolio_id": 1, "period_start": "2026-01-05",
            "period_end": "2026-02-04", "instrument_type": "stock", "signal_type": "quality", "status": "active",
            "portfolio_return_pct": 0.08, "sp500_return_pct": 0.05, "relative_performance": 0.03,
            "beat_benchmark": true, "total_positions_closed": 0, "winning_positions": 0, "losing_positions": 0,
            "avg_return_pct": 0.0, "signal_accuracy_pct": 0.0, "value_at_period_start": 100_000.0,
            "created_at": OPENED
        }),
        "PricePoint" => json!({"date": "2026-01-05", "close": 24.5}),
        _ => return None,
    })
}

fn portfolio() -> Value {
    json!({
        "id": 1, "subreddit": "wallstreetbets", "name": "stocks_quality", "instrument_type": "stock",
        "signal_type": "quality", "starting_capital": 100_000.0, "current_value": 100_080.0,
        "cash_available": 99_080.0, "open_position_count": 1, "total_pnl": 80.0, "total_pnl_pct": 0.08,
        "created_at": OPENED, "last_valued_at": CHECKED
    })
}

fn portfolio_detail() -> Value {
    let mut detail = portfolio();
    detail["positions"] = json!([{
        "id": 11, "signal_id": 7, "ticker": "GME", "direction": "long", "confidence": 0.72,
        "entry_date": "2026-01-05", "entry_price": 24.5, "quantity": 40, "current_price": 25.0,
        "market_value": 1000.0, "unrealized_return_pct": 2.040_816_326_530_612, "hold_days": 3
    }]);
    detail["allocation_breakdown"] = json!([
        {"ticker": "GME", "position_count": 1, "market_value": 1000.0, "weight": 0.009_992},
        {"ticker": "cash", "position_count": 0, "market_value": 99_080.0, "weight": 0.990_008}
    ]);
    detail
}

fn exit() -> Value {
    json!({
        "id": 5, "position_id": 11, "run_id": null, "exit_date": "2026-01-08", "exit_price": 26.0,
        "exit_reason": "manual", "quantity_pct": 50.0, "shares_exited": 40, "contracts_exited": null,
        "realized_pnl": 60.0, "triggered_at": CHECKED, "created_at": CHECKED, "notes": "half is enough"
    })
}

fn position() -> Value {
    let mut position = json!({
        "id": 11, "subreddit": "wallstreetbets", "portfolio_id": 1, "signal_id": 7, "run_id": 42, "ticker": "GME",
        "instrument_type": "stock", "signal_type": "quality", "direction": "long", "confidence": 0.72,
        "position_size": 1960.0, "entry_date": "2026-01-05", "entry_price": 24.5, "opened_at": OPENED,
        "status": "open", "shares": 80, "shares_remaining": 40, "stop_loss_price": 22.05,
        "take_profit_price": 28.175, "peak_price": 26.2, "trailing_stop_active": false, "time_extension": "base"
    });
    let of_options = json!({
        "option_type": null, "strike_price": null, "expiration_date": null, "contract_symbol": null,
        "contracts": null, "contracts_remaining": null, "premium_paid": null, "peak_premium": null,
        "underlying_price_at_entry": null
    });
    let so_far = json!({
        "last_price": 25.0, "last_priced_at": CHECKED, "last_checked_at": CHECKED, "last_checked_run_id": 43,
        "exit_date": null, "exit_reason": null, "realized_return_pct": null, "current_price": 25.0,
        "unrealized_return_pct": 2.040_816_326_530_612, "nearest_exit_distance_pct": 11.8, "hold_days": 3,
        "dte": null, "premium_change_pct": null, "position_exits": [exit()]
    });
    extend(&mut position, of_options);
    extend(&mut position, so_far);
    position
}

fn extend(object: &mut Value, more: Value) {
    if let (Value::Object(fields), Value::Object(more)) = (object, more) {
        fields.extend(more);
    }
}

fn prediction() -> Value {
    json!({
        "id": 21, "subreddit": "wallstreetbets", "comment_id": 301, "author": "patient_reader",
        "analysis_run_id": 42, "ticker": "GME", "sentiment": "bullish", "option_type": "call",
        "strike_price": 25.0, "expiration_date": "2026-01-23", "entry_premium": 1.6, "current_premium": 2.0,
        "status": "tracking", "simulated_return_pct": null, "is_correct": null, "hitl_override": null,
        "created_at": OPENED
    })
}

fn prediction_detail() -> Value {
    let mut detail = prediction();
    let course = json!({
        "entry_date": "2026-01-05", "contract_symbol": "GME   260123C00025000", "contracts": 12,
        "contracts_remaining": 12, "peak_premium": 2.1, "trailing_stop_active": false, "resolved_at": null,
        "hitl_override_at": null, "accuracy_applied_at": null,
        "outcomes": [{"day_offset": 3, "premium": 2.0, "underlying_price": 25.0, "pnl_pct": 25.0}], "exits": []
    });
    extend(&mut detail, course);
    detail
}

/// The sample body of an operation.
pub(super) fn of_request(operation: &str) -> Option<Value> {
    Some(match operation {
        "close_position" => json!({"reason": "half is enough", "quantity_fraction": 0.5}),
        "override_prediction" => json!({"override_result": "correct"}),
        _ => return None,
    })
}

/// Makes the example of one status tell the story of its operation.
pub(super) fn adjust(operation: &str, example: &mut Value) {
    if operation == "override_prediction" {
        example["data"]["hitl_override"] = json!("correct");
        example["data"]["hitl_override_at"] = json!(CHECKED);
        example["data"]["is_correct"] = json!(true);
    }
}

/// Errors that only trading knows.
pub(super) fn error(operation: &str, status: &str) -> Option<(&'static str, &'static str, Value)> {
    let refused = |field: &str, rule: &str| json!({"field": field, "constraint": rule});
    Some(match (operation, status) {
        ("close_position", "409") => ("POSITION_ALREADY_CLOSED", "position 11 is closed already", Value::Null),
        ("close_position", "422") => (
            "VALIDATION_ERROR",
            "quantity_fraction must be at most 1",
            refused("quantity_fraction", "maximum"),
        ),
        ("close_position", "503") => (
            "PRICE_UNAVAILABLE",
            "there is no price for this position now; nothing changed",
            Value::Null,
        ),
        ("override_prediction", "422") => (
            "VALIDATION_ERROR",
            "override_result must be one of `correct`, `incorrect`, `excluded`, `none`",
            refused("override_result", "enum"),
        ),
        ("list_evaluation_periods", "422") => (
            "VALIDATION_ERROR",
            "query.portfolio_id must be given",
            refused("query.portfolio_id", "required"),
        ),
        _ => return None,
    })
}
