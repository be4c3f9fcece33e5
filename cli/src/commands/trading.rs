//! The commands about trades.

use super::Client;
use crate::args::trading::TradeQuestion;
use crate::failure::Failure;
use crate::show;

impl Client {
    pub(super) async fn ask_about_trades(&self, question: TradeQuestion) -> Result<(), Failure> {
        let server = &self.server;
        match question {
            TradeQuestion::Portfolios { subreddit } => {
                self.print(&server.portfolios(subreddit.as_deref()).await?, show::portfolios)
            }
            TradeQuestion::Positions(filter) => self.print(&server.positions(&filter).await?, show::positions),
            TradeQuestion::Position { id } => {
                self.print(&server.position(id).await?, |answer| show::position(&answer.data))
            }
            TradeQuestion::Close(close) => self.print(&server.close(close).await?, |answer| show::sold(&answer.data)),
            TradeQuestion::Predictions(filter) => self.print(&server.predictions(&filter).await?, show::predictions),
            TradeQuestion::Prediction { id } => {
                self.print(&server.prediction(id).await?, |answer| show::prediction(&answer.data))
            }
            TradeQuestion::Override { id, word } => {
                let answer = server.override_prediction(id, word).await?;
                self.print(&answer, |answer| show::prediction(&answer.data))
            }
            TradeQuestion::Prices { ticker, days } => self.print(&server.prices(&ticker, days).await?, show::prices),
            TradeQuestion::Periods { portfolio } => self.print(&server.periods(portfolio).await?, show::periods),
        }
    }
}
