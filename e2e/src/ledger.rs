//! What runs have found, without what differs between two equal histories; and whether the books are right.

use std::collections::BTreeMap;

use anyhow::ensure;

use crate::stack::Stack;

/// Tables about runs and the service, not about what was found; `analysis_runs` and `run_results` in part, see [`dump`].
const LIFECYCLE: [&str; 9] = [
    "analyze_migrations",
    "analysis_runs",
    "run_phases",
    "run_checkpoints",
    "run_events",
    "run_results",
    "worker_processes",
    "idempotency_keys",
    "model_usage",
];

/// Columns with real time in the other tables. All other times there are of the market clock.
const REAL_TIME: [(&str, &str); 2] = [("portfolios", "created_at"), ("system_config", "updated_at")];

/// What stands for a reference, whatever the keys are. Runs count from one in every history.
const REFERENCES: [(&str, &str); 6] = [
    ("comment_id", "(select reddit_id from comments where id = t.comment_id)"),
    (
        "parent_comment_id",
        "(select reddit_id from comments where id = t.parent_comment_id)",
    ),
    ("post_id", "(select reddit_id from reddit_posts where id = t.post_id)"),
    (
        "signal_id",
        "(select signal_date || ' ' || ticker || ' ' || signal_type from signals where id = t.signal_id)",
    ),
    (
        "position_id",
        "(select s.signal_date || ' ' || s.ticker || ' ' || s.signal_type || ' ' || p.portfolio_id
          from positions as p join signals as s on s.id = p.signal_id where p.id = t.position_id)",
    ),
    (
        "prediction_id",
        "(select c.reddit_id || ' ' || p.ticker
          from predictions as p join comments as c on c.id = p.comment_id where p.id = t.prediction_id)",
    ),
];

/// Rows by table, in the order of their text.
pub type Dump = BTreeMap<String, Vec<String>>;

/// Every table of the domain with every column, and of runs what they have found and warned of.
///
/// Keys are replaced by what they stand for: a row that is written again after a crash may use up a number.
pub fn dump(stack: &Stack) -> anyhow::Result<Dump> {
    let mut tables = tables(stack)?;
    tables.retain(|table, _| !LIFECYCLE.contains(&table.as_str()));
    let select = |(table, columns): (&String, &Vec<String>)| {
        let shown: Vec<_> = columns.iter().filter_map(|column| expression(table, column)).collect();
        format!("select '{table} ' || {} from {table} as t", shown.join(" || '|' || "))
    };
    let mut selects: Vec<_> = tables.iter().map(select).collect();
    selects.extend([runs(), RESULTS.to_owned()]);
    let names = tables
        .into_keys()
        .chain(["analysis_runs".to_owned(), "run_results".to_owned()]);
    rows(stack, names, &selects)
}

/// Every column of every table of ours, but for the signs of life of workers.
pub fn raw(stack: &Stack) -> anyhow::Result<Dump> {
    let mut tables = tables(stack)?;
    tables.remove("worker_processes");
    let select = |(table, columns): (&String, &Vec<String>)| {
        let shown: Vec<_> = columns.iter().map(|column| format!("quote({column})")).collect();
        format!("select '{table} ' || {} from {table}", shown.join(" || '|' || "))
    };
    let selects: Vec<_> = tables.iter().map(select).collect();
    rows(stack, tables.into_keys(), &selects)
}

/// Our tables and their columns.
fn tables(stack: &Stack) -> anyhow::Result<BTreeMap<String, Vec<String>>> {
    let lines = stack.texts(
        "select t.name || ' ' || c.name from sqlite_master as t join pragma_table_info(t.name) as c
         where t.type = 'table' and t.name glob '[a-z]*' and t.name not like 'sqlite_%' order by t.name, c.cid",
    )?;
    let mut tables = BTreeMap::<String, Vec<String>>::new();
    for (table, column) in lines.iter().filter_map(|line| line.split_once(' ')) {
        tables.entry(table.to_owned()).or_default().push(column.to_owned());
    }
    Ok(tables)
}

/// What the queries yield, each line of which begins with the name of a table, in one call.
fn rows(stack: &Stack, tables: impl Iterator<Item = String>, selects: &[String]) -> anyhow::Result<Dump> {
    let mut dump: Dump = tables.map(|table| (table, Vec::new())).collect();
    for line in stack.texts(&selects.join(" union all "))? {
        let (table, row) = line.split_once(' ').unwrap_or((&line, ""));
        dump.entry(table.to_owned()).or_default().push(row.to_owned());
    }
    for rows in dump.values_mut() {
        rows.sort_unstable();
    }
    Ok(dump)
}

/// Final results without the keys of signals.
const RESULTS: &str = "select 'run_results ' || run_id || json_set(payload, '$.signals',
           (select json_group_array(json(json_remove(value, '$.id'))) from json_each(payload, '$.signals')))
    from run_results where kind = 'final'";

/// What runs have found and warned of.
fn runs() -> String {
    let meant = |key: &str| {
        let natural = REFERENCES
            .iter()
            .find(|(name, _)| *name == key)
            .map_or("", |(_, natural)| natural);
        let context = format!("$.context.{key}");
        let natural = natural.replace(&format!("t.{key}"), &format!("json_extract(value, '{context}')"));
        format!("'{context}', {natural}")
    };
    let (post, position) = (meant("post_id"), meant("position_id"));
    let warning = format!("json_replace(json_remove(value, '$.timestamp'), {post}, {position})");
    format!(
        "select 'analysis_runs ' || json_array(id, subreddit, request, status, market_now, signals_created,
                positions_opened, exits_triggered,
                (select json_group_array(json({warning})) from json_each(warnings)))
         from analysis_runs"
    )
}

fn expression(table: &str, column: &str) -> Option<String> {
    let reference = REFERENCES.iter().find(|(name, _)| *name == column);
    let key = column == "id" && table != "portfolios";
    (!key && !REAL_TIME.contains(&(table, column)))
        .then(|| format!("quote({})", reference.map_or(column, |(_, natural)| *natural)))
}

/// Fails with the first row in which they differ.
pub fn ensure_same(one: &Dump, other: &Dump) -> anyhow::Result<()> {
    let first = differences(one, other).into_iter().next();
    ensure!(first.is_none(), "{}", first.unwrap_or_default());
    Ok(())
}

/// The first row of every table in which they differ.
#[must_use]
pub fn differences(one: &Dump, other: &Dump) -> Vec<String> {
    if !one.keys().eq(other.keys()) {
        return vec![format!("{:?} {:?}", one.keys(), other.keys())];
    }
    let first = |(table, rows): (&String, &Vec<String>)| {
        let others = &other[table];
        let pairs = rows.iter().zip(others);
        let unlike = pairs.into_iter().find(|(row, other)| row != other);
        let text = unlike.map(|(row, other)| format!("{table}\n one: {row}\nother: {other}"));
        text.or_else(|| (rows.len() != others.len()).then(|| format!("{table}: {} {}", rows.len(), others.len())))
    };
    one.iter().filter_map(first).collect()
}

/// Portfolios whose books are wrong, to the micro-dollar.
///
/// Cash is what there was, less what was paid, and what was sold for; a portfolio is worth its cash and what it holds
/// at the last prices; it holds ten positions at most; and the newest run has kept both figures.
pub fn wrong_books(stack: &Stack) -> anyhow::Result<Vec<String>> {
    stack.texts(
        "with books as (
             select f.*,
                    (select coalesce(sum(p.position_size_micros), 0) from positions as p
                     where p.portfolio_id = f.id) as paid,
                    (select coalesce(sum(e.exit_price_micros * coalesce(e.shares_exited, e.contracts_exited * 100)), 0)
                     from position_exits as e join positions as p on p.id = e.position_id
                     where p.portfolio_id = f.id) as proceeds,
                    (select coalesce(sum(p.last_price_micros
                                         * coalesce(p.shares_remaining, p.contracts_remaining * 100)), 0)
                     from positions as p where p.portfolio_id = f.id and p.status = 'open') as held,
                    (select count(*) from positions as p where p.portfolio_id = f.id and p.status = 'open') as slots,
                    (select v.value_micros || ' ' || v.cash_micros from portfolio_values as v
                     where v.portfolio_id = f.id order by v.run_id desc limit 1) as kept
             from portfolios as f)
         select json_object('name', name, 'cash', cash_available_micros, 'value', current_value_micros,
                            'start', starting_capital_micros, 'paid', paid, 'proceeds', proceeds, 'held', held,
                            'open', slots, 'kept', kept)
         from books
         where cash_available_micros <> starting_capital_micros - paid + proceeds
            or current_value_micros <> cash_available_micros + held
            or cash_available_micros < 0 or slots > 10
            or kept is not current_value_micros || ' ' || cash_available_micros
         union all
         select json_object('position', id, 'status', status)
         from positions as p
         where (status = 'open') = (coalesce(shares_remaining, contracts_remaining) = 0)
            or coalesce(shares, contracts) <> coalesce(shares_remaining, contracts_remaining)
               + (select coalesce(sum(coalesce(e.shares_exited, e.contracts_exited)), 0) from position_exits as e
                  where e.position_id = p.id)",
    )
}
