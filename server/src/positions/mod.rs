//! `/positions`: lists, one position, and closing one by hand.

mod close;
pub mod figures;
pub mod request;
pub mod view;

use poem::web::Data;
use poem_openapi::{Enum, Object, OpenApi};
use shared::store::positions_read::{self, PositionFilter, PositionRow};
use shared::store::session::Session;

use crate::analyze::REPLAYED;
use crate::analyze::key::IdempotencyKey;
use crate::app::App;
use crate::http::body::JsonBody;
use crate::http::envelope::{Envelope, Page};
use crate::http::error::ApiError;
use crate::http::params::{H, Key, Path, Q};
use crate::http::reply::{Answer, Handled, Operation, Reply};
use crate::http::scalar::listed;
use crate::http::values::{Limit, Offset, default_limit, from_the_start};
use crate::security::Principal;
use crate::tags::Tags;
use crate::words::{InstrumentType, SignalType, Subreddit, Ticker};
use close::Closing;
use request::ClosePositionRequest;
use view::{Position, PositionExit, Today};

/// Whether a position is still held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "lowercase")]
pub enum PositionState {
    /// Units of it are held.
    Open,
    /// Everything is sold.
    Closed,
}
listed!(PositionState: "open", "closed");

impl PositionState {
    /// The stored and served word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

/// A position that was closed by hand, or a part of it.
#[derive(Debug, Clone, Object)]
pub struct PositionClose {
    /// The position as it is now.
    pub position: Position,
    /// The exit that was booked.
    pub exit: PositionExit,
}

/// `GET /positions`
pub struct ListPositions;
impl Operation for ListPositions {
    const ERRORS: &'static [u16] = &[422];
}

/// `GET /positions/{id}`
pub struct GetPosition;
impl Operation for GetPosition {
    const ERRORS: &'static [u16] = &[404];
}

/// `POST /positions/{id}/close`
pub struct ClosePosition;
impl Operation for ClosePosition {
    const ANSWERS: &'static [Answer] = &[Answer {
        status: 200,
        description: "The exit is booked.",
        headers: &[REPLAYED],
    }];
    const ERRORS: &'static [u16] = &[400, 404, 409, 413, 415, 422, 429];
}

/// The operations.
pub struct PositionsApi(pub App);

#[OpenApi(tag = "Tags::Portfolios")]
impl PositionsApi {
    /// List positions
    ///
    /// Newest entry first, each with its exits. Filters combine.
    #[oai(path = "/positions", method = "get", operation_id = "list_positions")]
    #[expect(clippy::too_many_arguments, reason = "one argument a query parameter")]
    async fn list_positions(
        &self,
        /// Only positions of this subreddit.
        subreddit: Q<Option<Subreddit>>,
        /// Only positions of this portfolio.
        portfolio_id: Q<Option<Key>>,
        /// Only open or only closed ones.
        #[oai(name = "status")]
        state: Q<Option<PositionState>>,
        /// Only positions of this ticker.
        ticker: Q<Option<Ticker>>,
        /// Only stocks or only options.
        instrument_type: Q<Option<InstrumentType>>,
        /// Only positions on signals of this type.
        signal_type: Q<Option<SignalType>>,
        /// Items of a page.
        #[oai(default = "default_limit")]
        limit: Q<Limit>,
        /// Items to skip.
        #[oai(default = "from_the_start")]
        offset: Q<Offset>,
    ) -> Handled<Page<Position>, ListPositions> {
        let filter = PositionFilter {
            subreddit: subreddit.0.map(|name| name.0),
            portfolio_id: portfolio_id.0.map(|id| id.0),
            status: state.0.map(|state| state.as_str().to_owned()),
            ticker: ticker.0.map(|symbol| symbol.0),
            instrument_type: instrument_type.0.map(|kind| kind.as_str().to_owned()),
            signal_type: signal_type.0.map(|kind| kind.as_str().to_owned()),
            limit: limit.0.0,
            offset: offset.0.0,
        };
        let mut conn = self.0.store.snapshot().await?;
        let (rows, total) = positions_read::list(&mut conn, &filter).await?;
        let exits = positions_read::exits_of_page(&mut conn, &filter).await?;
        let today = Today::of(&mut conn, &rows).await?;
        let data = rows.iter().map(|row| Position::of(row, &exits, &today)).collect();
        Ok(Reply::ok(&Page::new(data, total, filter.limit, filter.offset)))
    }

    /// Get a position
    ///
    /// With all its exits.
    #[oai(path = "/positions/:position_id", method = "get", operation_id = "get_position")]
    async fn get_position(
        &self,
        /// Key of the position.
        position_id: Path<Key>,
    ) -> Handled<Envelope<Position>, GetPosition> {
        let (position, _) = self.show(position_id.0.0).await?;
        Ok(Reply::ok(&Envelope::new(position)))
    }

    /// Close a position
    ///
    /// Sells a fraction of what is still held, rounded down to whole units, at the price of this moment: exit, cash and
    /// the value of the portfolio change together or not at all. Without a price nothing changes and the answer is 503.
    /// With an `Idempotency-Key` the same request can be sent again safely for 24 hours.
    #[oai(
        path = "/positions/:position_id/close",
        method = "post",
        operation_id = "close_position"
    )]
    async fn close_position(
        &self,
        body: JsonBody<ClosePositionRequest>,
        /// Key of the position.
        position_id: Path<Key>,
        /// Makes repeats of this request safe: 1 to 255 printable characters, with or without quotes.
        #[oai(name = "Idempotency-Key")]
        idempotency_key: H<Option<IdempotencyKey>>,
        principal: Data<&Principal>,
    ) -> Handled<Envelope<PositionClose>, ClosePosition> {
        let closing = Closing {
            position: position_id.0.0,
            reason: &body.0.reason.0,
            fraction: body.0.fraction(),
            key: idempotency_key.0.as_ref().map(|key| (&*principal.0.0, key.0.as_str())),
        };
        let closed = close::close(&self.0, &closing).await?;
        let (position, exits) = self.show(closing.position).await?;
        let exit = exits.into_iter().find(|exit| exit.id == closed.exit);
        let exit = exit.ok_or_else(|| ApiError::internal(&"the booked exit is not there"))?;
        let reply = Reply::ok(&Envelope::new(PositionClose { position, exit }));
        Ok(if closed.replayed {
            reply.header("idempotency-replayed", "true")
        } else {
            reply
        })
    }
}

impl PositionsApi {
    async fn show(&self, id: i64) -> Result<(Position, Vec<PositionExit>), ApiError> {
        let mut conn = self.0.store.snapshot().await?;
        let row = find(&mut conn, id).await?;
        let exits = positions_read::exits_of(&mut conn, id).await?;
        let today = Today::of(&mut conn, std::slice::from_ref(&row)).await?;
        let position = Position::of(&row, &exits, &today);
        Ok((position, exits.iter().map(PositionExit::from).collect()))
    }
}

async fn find(session: &mut impl Session, id: i64) -> Result<PositionRow, ApiError> {
    positions_read::find(session, id)
        .await?
        .ok_or_else(|| ApiError::not_found("position"))
}
