//! `/portfolios`: the four of every subreddit, one with what it holds, and what it was worth.

mod view;

use poem_openapi::OpenApi;
use shared::store::portfolios;
use shared::store::positions_read::{self, PositionFilter};
use shared::store::session::Session;

use crate::app::App;
use crate::http::envelope::{Envelope, List};
use crate::http::error::ApiError;
use crate::http::params::{Key, Path, Q};
use crate::http::reply::{Handled, Operation, Reply};
use crate::positions::view::Today;
use crate::tags::Tags;
use crate::words::Subreddit;
use view::{Portfolio, PortfolioDetail, PortfolioPoint};

/// `GET /portfolios`
pub struct ListPortfolios;
impl Operation for ListPortfolios {
    const ERRORS: &'static [u16] = &[422];
}

/// `GET /portfolios/{id}` and what stands below it
pub struct GetPortfolio;
impl Operation for GetPortfolio {
    const ERRORS: &'static [u16] = &[404];
}

/// The operations.
pub struct PortfoliosApi(pub App);

#[OpenApi(tag = "Tags::Portfolios")]
impl PortfoliosApi {
    /// List portfolios
    ///
    /// Four per subreddit, in the order they were opened.
    #[oai(path = "/portfolios", method = "get", operation_id = "list_portfolios")]
    async fn list_portfolios(
        &self,
        /// Only portfolios of this subreddit.
        subreddit: Q<Option<Subreddit>>,
    ) -> Handled<List<Portfolio>, ListPortfolios> {
        let subreddit = subreddit.0.map(|name| name.0);
        let rows = portfolios::list(&mut self.0.store.read().await?, subreddit.as_deref()).await?;
        Ok(Reply::ok(&List::new(rows.iter().map(Portfolio::from).collect())))
    }

    /// Get a portfolio
    ///
    /// With its open positions, and how its value is spread over tickers and cash.
    #[oai(path = "/portfolios/:portfolio_id", method = "get", operation_id = "get_portfolio")]
    async fn get_portfolio(
        &self,
        /// Key of the portfolio.
        portfolio_id: Path<Key>,
    ) -> Handled<Envelope<PortfolioDetail>, GetPortfolio> {
        let mut conn = self.0.store.snapshot().await?;
        let portfolio = find(&mut conn, portfolio_id.0.0).await?;
        let filter = PositionFilter {
            portfolio_id: Some(portfolio.id),
            status: Some("open".to_owned()),
            limit: -1,
            ..PositionFilter::default()
        };
        let (held, _) = positions_read::list(&mut conn, &filter).await?;
        let today = Today::of(&mut conn, &held).await?;
        Ok(Reply::ok(&Envelope::new(PortfolioDetail::of(
            &portfolio, &held, &today,
        ))))
    }

    /// Get the history of a portfolio
    ///
    /// What it was worth after every run, oldest first.
    #[oai(
        path = "/portfolios/:portfolio_id/history",
        method = "get",
        operation_id = "get_portfolio_history"
    )]
    async fn get_portfolio_history(
        &self,
        /// Key of the portfolio.
        portfolio_id: Path<Key>,
    ) -> Handled<List<PortfolioPoint>, GetPortfolio> {
        let mut conn = self.0.store.snapshot().await?;
        let portfolio = find(&mut conn, portfolio_id.0.0).await?;
        let points = portfolios::history(&mut conn, portfolio.id).await?;
        Ok(Reply::ok(&List::new(points.iter().map(PortfolioPoint::from).collect())))
    }
}

async fn find(conn: &mut impl Session, id: i64) -> Result<portfolios::Portfolio, ApiError> {
    portfolios::find(conn, id)
        .await?
        .ok_or_else(|| ApiError::not_found("portfolio"))
}
