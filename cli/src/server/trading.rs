//! What a server knows of trades.

use super::{Server, Told};
use crate::api::types;
use crate::args::trading::{Close, Positions, Predictions};

impl Server {
    /// Portfolios, in the order they were opened.
    pub async fn portfolios(&self, subreddit: Option<&str>) -> Told<types::PortfolioList> {
        self.told(self.client.list_portfolios(subreddit).await)
    }

    /// What a portfolio was worth after every run.
    pub async fn portfolio_history(&self, id: i64) -> Told<types::PortfolioPointList> {
        self.told(self.client.get_portfolio_history(id).await)
    }

    /// Positions, newest first.
    pub async fn positions(&self, filter: &Positions) -> Told<types::PositionPage> {
        self.positions_from(filter, None).await
    }

    /// The same behind the first `offset`.
    pub async fn positions_from(&self, filter: &Positions, offset: Option<i64>) -> Told<types::PositionPage> {
        let (subreddit, ticker) = (filter.subreddit.as_deref(), filter.ticker.as_deref());
        let (limit, portfolio) = (filter.limit, filter.portfolio);
        self.told(
            self.client
                .list_positions(None, limit, offset, portfolio, None, filter.status, subreddit, ticker)
                .await,
        )
    }

    /// One position.
    pub async fn position(&self, id: i64) -> Told<types::PositionEnvelope> {
        self.told(self.client.get_position(id).await)
    }

    /// Sells a position or a part of it.
    pub async fn close(&self, close: Close) -> Told<types::PositionCloseEnvelope> {
        let request = types::ClosePositionRequest {
            reason: close.reason,
            quantity_fraction: close.fraction,
        };
        let key = close.idempotency_key.as_deref();
        self.told(self.client.close_position(close.id, key, &request).await)
    }

    /// Predictions, newest first.
    pub async fn predictions(&self, filter: &Predictions) -> Told<types::PredictionPage> {
        let (author, ticker) = (filter.author.as_deref(), filter.ticker.as_deref());
        let (run, limit) = (filter.run, filter.limit);
        self.told(
            self.client
                .list_predictions(run, author, limit, None, filter.status, None, ticker)
                .await,
        )
    }

    /// One prediction.
    pub async fn prediction(&self, id: i64) -> Told<types::PredictionDetailEnvelope> {
        self.told(self.client.get_prediction(id).await)
    }

    /// Puts a word over the outcome of a prediction.
    pub async fn override_prediction(
        &self,
        id: i64,
        word: types::OverrideResult,
    ) -> Told<types::PredictionDetailEnvelope> {
        let request = types::OverridePredictionRequest { override_result: word };
        self.told(self.client.override_prediction(id, &request).await)
    }

    /// What a ticker closed at.
    pub async fn prices(&self, ticker: &str, days: Option<i64>) -> Told<types::PriceHistory> {
        self.told(self.client.get_prices(ticker, days, None).await)
    }

    /// How a portfolio did.
    pub async fn periods(&self, portfolio: i64) -> Told<types::EvaluationPeriodList> {
        self.told(self.client.list_evaluation_periods(portfolio, None).await)
    }
}
