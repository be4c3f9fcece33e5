//! Reads of signals for clients: lists, one signal, the comments behind it, and how it developed. Reads only.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::FromRow;

use super::{StoreError, session::Session};
use crate::market::money::Micros;
use crate::run::result::SignalSummary;

/// A signal, as stored.
#[derive(Debug, Clone, FromRow)]
pub struct SignalRow {
    /// What every list shows of it.
    #[sqlx(flatten)]
    pub summary: SignalSummary,
    /// Whether any portfolio opened a position on it.
    pub position_opened: bool,
    /// First time it fired that day.
    pub created_at: DateTime<Utc>,
    /// Last time it fired that day.
    pub updated_at: DateTime<Utc>,
}

/// Which signals a list shows.
#[derive(Debug, Clone, Default)]
pub struct SignalFilter {
    /// Only this subreddit.
    pub subreddit: Option<String>,
    /// Only this ticker.
    pub ticker: Option<String>,
    /// Only this type.
    pub signal_type: Option<String>,
    /// From this day on.
    pub from: Option<NaiveDate>,
    /// Up to this day, inclusive.
    pub to: Option<NaiveDate>,
    /// Rows of the page.
    pub limit: i64,
    /// Rows before the page.
    pub offset: i64,
}

/// A page of signals, newest day first, most confident first, and how many there are in all.
pub async fn list(session: &mut impl Session, filter: &SignalFilter) -> Result<(Vec<SignalRow>, i64), StoreError> {
    let (total,) = query!(
        session,
        fetch_one,
        (i64,),
        "select count(*) from signals
         where ($1 is null or subreddit = $1) and ($2 is null or ticker = $2) and ($3 is null or signal_type = $3)
           and ($4 is null or signal_date >= $4) and ($5 is null or signal_date <= $5)",
        &filter.subreddit,
        &filter.ticker,
        &filter.signal_type,
        filter.from,
        filter.to
    )?;
    let rows = query!(
        session,
        fetch_all,
        SignalRow,
        "select * from signals
         where ($1 is null or subreddit = $1) and ($2 is null or ticker = $2) and ($3 is null or signal_type = $3)
           and ($4 is null or signal_date >= $4) and ($5 is null or signal_date <= $5)
         order by signal_date desc, confidence desc, id desc limit $6 offset $7",
        &filter.subreddit,
        &filter.ticker,
        &filter.signal_type,
        filter.from,
        filter.to,
        filter.limit,
        filter.offset
    )?;
    Ok((rows, total))
}

/// The signal with that key.
pub async fn find(session: &mut impl Session, id: i64) -> Result<Option<SignalRow>, StoreError> {
    query!(
        session,
        fetch_optional,
        SignalRow,
        "select * from signals where id = $1",
        id
    )
}

/// What decides whether a portfolio takes a signal.
#[derive(Debug, Clone, FromRow)]
pub struct PortfolioRow {
    /// Key.
    pub id: i64,
    /// Subreddit.
    pub subreddit: String,
    /// `stock` or `option`.
    pub instrument_type: String,
    /// `quality` or `consensus`.
    pub signal_type: String,
}

/// The portfolio with that key.
pub async fn portfolio(session: &mut impl Session, id: i64) -> Result<Option<PortfolioRow>, StoreError> {
    query!(
        session,
        fetch_optional,
        PortfolioRow,
        "select id, subreddit, instrument_type, signal_type from portfolios where id = $1",
        id
    )
}

/// A position that was opened on a signal.
#[derive(Debug, Clone, FromRow)]
pub struct SignalPosition {
    /// Key.
    pub id: i64,
    /// The signal.
    pub signal_id: i64,
    /// The portfolio that holds it.
    pub portfolio_id: i64,
    /// `open` or `closed`.
    pub status: String,
    /// US/Eastern day.
    pub entry_date: NaiveDate,
    /// Price of a share, or premium per share of the contract.
    #[sqlx(rename = "entry_price_micros")]
    pub entry_price: Micros,
    /// Last seen price in the same unit.
    #[sqlx(rename = "last_price_micros")]
    pub last_price: Option<Micros>,
    /// Fraction of what it cost, once closed.
    pub realized_return_pct: Option<f64>,
    /// Days held, once closed.
    pub hold_days: Option<i64>,
    /// Market clock of the subreddit's newest run.
    pub market_now: Option<DateTime<Utc>>,
}

/// The positions of a portfolio on signals of the page `signal_id` in `first..=last`.
pub async fn positions_of_portfolio(
    session: &mut impl Session,
    portfolio: i64,
    (first, last): (i64, i64),
) -> Result<Vec<SignalPosition>, StoreError> {
    query!(
        session,
        fetch_all,
        SignalPosition,
        "select p.*, (select r.market_now from analysis_runs as r
                      where r.subreddit = (select subreddit from portfolios where id = $1) and r.market_now is not null
                      order by r.id desc limit 1) as market_now
         from positions as p where p.portfolio_id = $1 and p.signal_id between $2 and $3",
        portfolio,
        first,
        last
    )
}

/// The positions of every portfolio on one signal.
pub async fn positions_of_signal(session: &mut impl Session, signal: i64) -> Result<Vec<SignalPosition>, StoreError> {
    query!(
        session,
        fetch_all,
        SignalPosition,
        "select p.*, null as market_now from positions as p where p.signal_id = $1 order by p.id",
        signal
    )
}

/// A comment behind a signal.
#[derive(Debug, Clone, FromRow)]
pub struct SignalComment {
    /// Key.
    pub id: i64,
    /// Text.
    pub body: String,
    /// Who wrote it.
    pub author: String,
    /// When.
    pub created_utc: DateTime<Utc>,
    /// Votes.
    pub score: i64,
    /// Depth in its thread.
    pub depth: i64,
    /// The comment it answers, if that was selected too.
    pub parent_comment_id: Option<i64>,
    /// `bullish`, `bearish` or `neutral`.
    pub sentiment: Option<String>,
    /// Whether it is meant the other way round.
    pub sarcasm_detected: Option<bool>,
    /// Whether it argues.
    pub has_reasoning: Option<bool>,
    /// `0..=1`.
    pub ai_confidence: Option<f64>,
    /// Trust in the author when it was annotated.
    pub author_trust_score: Option<f64>,
    /// The argument in short.
    pub reasoning_summary: Option<String>,
    /// JSON array of `{ticker, sentiment}`.
    pub ticker_sentiments: String,
}

/// Rows of a page, and rows before it.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// Rows of the page; -1 for all.
    pub limit: i64,
    /// Rows before it.
    pub offset: i64,
}

/// Comments behind a signal, most voted first, and how many there are in all.
pub async fn comments(
    session: &mut impl Session,
    signal: i64,
    window: Window,
) -> Result<(Vec<SignalComment>, i64), StoreError> {
    let (total,) = query!(
        session,
        fetch_one,
        (i64,),
        "select count(*) from signal_comments where signal_id = $1",
        signal
    )?;
    let rows = query!(
        session,
        fetch_all,
        SignalComment,
        "select c.*, coalesce((
            select '[' || string_agg('{\"ticker\":\"' || t.ticker || '\",\"sentiment\":\"' || t.sentiment || '\"}', ',') || ']'
            from (select ticker, sentiment from comment_tickers where comment_id = c.id order by ticker) as t
         ), '[]') as ticker_sentiments
         from signal_comments as s join comments as c on c.id = s.comment_id
         where s.signal_id = $1 order by c.score desc, c.id limit $2 offset $3",
        signal,
        window.limit,
        window.offset
    )?;
    Ok((rows, total))
}

/// The confidence of a ticker's signal on one day.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct HistoryPoint {
    /// Symbol.
    pub ticker: String,
    /// UTC day.
    pub signal_date: NaiveDate,
    /// `0..=1`.
    pub confidence: f64,
}

/// Signals of one type from `from` on, by ticker and day.
pub async fn history(
    session: &mut impl Session,
    subreddit: &str,
    signal_type: &str,
    ticker: Option<&str>,
    from: NaiveDate,
) -> Result<Vec<HistoryPoint>, StoreError> {
    query!(
        session,
        fetch_all,
        HistoryPoint,
        "select ticker, signal_date, confidence from signals
         where subreddit = $1 and signal_type = $2 and ($3 is null or ticker = $3) and signal_date >= $4
         order by ticker, signal_date",
        subreddit,
        signal_type,
        ticker,
        from
    )
}

/// The market clock of a subreddit's newest run: what its lists call today.
pub async fn market_now(session: &mut impl Session, subreddit: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
    let row = query!(
        session,
        fetch_optional,
        (DateTime<Utc>,),
        "select market_now from analysis_runs where subreddit = $1 and market_now is not null order by id desc limit 1",
        subreddit
    )?;
    Ok(row.map(|(at,)| at))
}
