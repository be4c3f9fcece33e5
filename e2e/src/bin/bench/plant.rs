//! Open positions that nobody has bought: written into the database of a stack after its first day.

use anyhow::Context as _;
use e2e::stack::Stack;
use shared::sources::sample::{FIRST_DAY, INSTRUMENTS, Market, SAMPLE_SEED};

/// Every second one of a signal of the other type.
const SIGNALS: &str = "
insert into signals (subreddit, signal_date, created_at, updated_at, ticker, signal_type, sentiment_score, prediction,
                     confidence, comment_count, has_reasoning, prior_7d_mentions, distinct_users, position_opened, run_id)
with recursive stock (ticker, price) as (values STOCKS),
               number (n) as (select 0 union all select n + 1 from number where n < COUNT - 1),
               ranked as (select ticker, row_number() over (order by ticker) - 1 as place from stock)
select 'wallstreetbets', date('2024-01-01', '+' || (n / WIDTH) || ' days'), '2024-01-01T16:00:00+00:00',
       '2024-01-01T16:00:00+00:00', ticker, case n % 2 when 0 then 'quality' else 'consensus' end, 0.5, 'bullish', 0.8,
       3, true, 0, 3, true, 1
from number join ranked on place = n % WIDTH";

/// A hundred shares each, bought on the first day at the price of its close, with levels that are never met.
const POSITIONS: &str = "
insert into positions (portfolio_id, signal_id, run_id, ticker, instrument_type, signal_type, direction, confidence,
                       position_size_micros, entry_date, entry_price_micros, opened_at, status, shares,
                       shares_remaining, stop_loss_price_micros, take_profit_price_micros, peak_price_micros,
                       last_price_micros, last_priced_at)
with stock (ticker, price) as (values STOCKS)
select f.id, s.id, 1, s.ticker, 'stock', s.signal_type, 'long', 0.8, price * 100, 'DAY', price,
       'DAYT16:00:00+00:00', 'open', 100, 100, price / 10, price * 10, price, price, 'DAYT16:00:00+00:00'
from signals as s join stock using (ticker)
join portfolios as f on f.subreddit = s.subreddit and f.instrument_type = 'stock' and f.signal_type = s.signal_type
where s.signal_date < '2025-01-01'";

/// Plants `count` open positions over all stocks of the sample, bought on its first day, which must have been lived.
pub(crate) fn open_positions(stack: &Stack, count: usize) -> anyhow::Result<()> {
    let market = Market::new(SAMPLE_SEED);
    let stocks = INSTRUMENTS.iter().filter(|instrument| instrument.has_options());
    let mut values = Vec::new();
    for stock in stocks {
        let bar = market
            .bar(stock.symbol, FIRST_DAY)
            .context("the first day has prices")?;
        values.push(format!("('{}', {})", stock.symbol, bar.close));
    }
    let fill = |sql: &str| {
        sql.replace("STOCKS", &values.join(", "))
            .replace("COUNT", &count.to_string())
            .replace("WIDTH", &values.len().to_string())
            .replace("DAY", &FIRST_DAY.to_string())
    };
    stack.execute(&fill(SIGNALS))?;
    stack.execute(&fill(POSITIONS))
}
