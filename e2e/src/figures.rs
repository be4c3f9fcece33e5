//! The table of figures, as `bench` and `chaos` print it.

/// Rows of what was measured.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<(String, String, String)>,
}

impl Table {
    /// Adds a figure with the promise it is held against.
    pub fn add(&mut self, what: &str, figure: String, promise: &str) {
        eprintln!("{what}: {figure}");
        self.rows.push((what.to_owned(), figure, promise.to_owned()));
    }

    /// Prints it as Markdown.
    pub fn print(&self) {
        let width = |pick: fn(&(String, String, String)) -> &str, title: &str| {
            self.rows
                .iter()
                .map(|row| pick(row).chars().count())
                .max()
                .unwrap_or(0)
                .max(title.len())
        };
        let titles = ["what", "measured", "promised"];
        let (a, b, c) = (
            width(|r| &r.0, titles[0]),
            width(|r| &r.1, titles[1]),
            width(|r| &r.2, titles[2]),
        );
        println!("| {:<a$} | {:<b$} | {:<c$} |", titles[0], titles[1], titles[2]);
        println!("|{:-<w$}|{:-<x$}|{:-<y$}|", "", "", "", w = a + 2, x = b + 2, y = c + 2);
        for (what, figure, promise) in &self.rows {
            println!("| {what:<a$} | {figure:<b$} | {promise:<c$} |");
        }
    }
}

/// The value below which that share of the samples lies.
#[must_use]
pub fn percentile(samples: &mut [f64], share: f64) -> f64 {
    samples.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "an index"
    )]
    let index = ((samples.len().saturating_sub(1)) as f64 * share).round() as usize;
    samples.get(index).copied().unwrap_or(f64::NAN)
}
