//! The curve as an SVG file: axes, days, a line a portfolio, a legend, on a light background.
//!
//! A pure function of the curve, without a time or a font of its own, so that the same days give the same bytes.

use std::fmt::Write as _;

use super::{Equity, Series, bounds};
use crate::figures::{dollars, signed};

/// Size of the picture.
const SIZE: (f64, f64) = (960.0, 520.0);
/// Left, right, top and bottom of the plot.
const PLOT: (f64, f64, f64, f64) = (80.0, 910.0, 60.0, 420.0);
/// Colours of the lines, told apart by those who do not see red and green alike.
const COLOURS: [&str; 6] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"];
/// Days named under the axis, at most.
const NAMED: usize = 9;
/// Runs up to which each is marked by a dot.
const DOTTED: usize = 31;
/// Grid lines, about.
const GRID: f64 = 6.0;

/// Places percents and runs in the plot.
struct Scale {
    low: f64,
    high: f64,
    runs: usize,
}

impl Scale {
    fn x(&self, run: usize) -> f64 {
        let (left, right, ..) = PLOT;
        match self.runs {
            0 | 1 => f64::midpoint(left, right),
            runs => left + (right - left) * number(run) / number(runs - 1),
        }
    }

    fn y(&self, percent: f64) -> f64 {
        let (_, _, top, bottom) = PLOT;
        bottom - (bottom - top) * (percent - self.low) / (self.high - self.low)
    }
}

/// The picture.
#[must_use]
pub fn draw(equity: &Equity) -> String {
    let (width, height) = SIZE;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"13\" fill=\"#222222\">\n"
    );
    let title = heading(equity);
    let _ = writeln!(text, "<title>{title}</title>");
    let _ = writeln!(text, "<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>");
    let _ = writeln!(text, "<text x=\"{}\" y=\"34\" font-size=\"18\">{title}</text>", PLOT.0);
    let percents = equity.lines.iter().flat_map(Series::percents).collect::<Vec<_>>();
    let (step, low, high) = grid(bounds(percents.into_iter()));
    let scale = Scale {
        low,
        high,
        runs: equity.days.len(),
    };
    percent_axis(&mut text, &scale, step);
    day_axis(&mut text, &scale, equity);
    for (line, colour) in equity.lines.iter().zip(COLOURS.iter().cycle()) {
        curve(&mut text, &scale, line, colour);
    }
    legend(&mut text, equity);
    text + "</svg>\n"
}

fn heading(equity: &Equity) -> String {
    match (equity.days.first(), equity.days.last()) {
        (Some(first), Some(last)) => format!("Return of the portfolios since their start, {first} to {last}"),
        _ => "Return of the portfolios: none has been valued yet".to_owned(),
    }
}

/// The step of a grid, and the bounds moved out to it.
fn grid((low, high): (f64, f64)) -> (f64, f64, f64) {
    let rough = (high - low) / GRID;
    let magnitude = 10_f64.powf(rough.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * magnitude);
    let step = steps
        .into_iter()
        .find(|step| *step >= rough)
        .unwrap_or(10.0 * magnitude);
    (step, (low / step).floor() * step, (high / step).ceil() * step)
}

fn percent_axis(text: &mut String, scale: &Scale, step: f64) {
    let (left, right, top, bottom) = PLOT;
    let places = if step < 0.1 { 2 } else { usize::from(step < 1.0) };
    let mut percent = scale.low;
    while percent <= scale.high + step / 2.0 {
        let y = scale.y(percent);
        let is_start = percent.abs() < step / 2.0;
        let colour = if is_start { "#888888" } else { "#e4e4e4" };
        let shown = if is_start { 0.0 } else { percent };
        let _ = writeln!(
            text,
            "<line x1=\"{left}\" y1=\"{y:.1}\" x2=\"{right}\" y2=\"{y:.1}\" stroke=\"{colour}\"/>"
        );
        let _ = writeln!(
            text,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{shown:.places$} %</text>",
            left - 8.0,
            y + 4.5
        );
        percent += step;
    }
    let _ = writeln!(
        text,
        "<line x1=\"{left}\" y1=\"{top}\" x2=\"{left}\" y2=\"{bottom}\" stroke=\"#222222\"/>"
    );
}

fn day_axis(text: &mut String, scale: &Scale, equity: &Equity) {
    let (left, right, _, bottom) = PLOT;
    let _ = writeln!(
        text,
        "<line x1=\"{left}\" y1=\"{bottom}\" x2=\"{right}\" y2=\"{bottom}\" stroke=\"#222222\"/>"
    );
    let apart = equity.days.len().div_ceil(NAMED).max(1);
    for (run, day) in equity.days.iter().enumerate().step_by(apart) {
        let x = scale.x(run);
        let _ = writeln!(
            text,
            "<line x1=\"{x:.1}\" y1=\"{bottom}\" x2=\"{x:.1}\" y2=\"{:.1}\" stroke=\"#222222\"/>",
            bottom + 5.0
        );
        let _ = writeln!(
            text,
            "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{day}</text>",
            bottom + 20.0
        );
    }
}

fn curve(text: &mut String, scale: &Scale, line: &Series, colour: &str) {
    let places = line.percents().into_iter().enumerate();
    let places: Vec<(f64, f64)> = places.map(|(run, percent)| (scale.x(run), scale.y(percent))).collect();
    let points: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let _ = writeln!(
        text,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"><title>{}</title></polyline>",
        points.join(" "),
        escape(&line.name)
    );
    if places.len() <= DOTTED {
        for (x, y) in places {
            let _ = writeln!(text, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\"/>");
        }
    }
}

/// Two names a row, each with its last value.
fn legend(text: &mut String, equity: &Equity) {
    let (left, _, _, bottom) = PLOT;
    for (at, (line, colour)) in equity.lines.iter().zip(COLOURS.iter().cycle()).enumerate() {
        let (x, y) = (left + number(at % 2) * 430.0, bottom + 50.0 + number(at / 2) * 24.0);
        let gain = signed(line.percents().last().copied().unwrap_or(0.0));
        let _ = writeln!(
            text,
            "<rect x=\"{x:.1}\" y=\"{:.1}\" width=\"22\" height=\"4\" fill=\"{colour}\"/>",
            y - 6.0
        );
        let _ = writeln!(
            text,
            "<text x=\"{:.1}\" y=\"{y:.1}\">{}  {gain} %  ({} dollars)</text>",
            x + 30.0,
            escape(&line.name),
            dollars(line.last())
        );
    }
}

/// Text as XML takes it; letters that XML cannot hold are dropped.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars().filter(|letter| !letter.is_control()) {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[expect(clippy::cast_precision_loss, reason = "runs and portfolios are few")]
const fn number(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::equity::samples::equity;

    /// Names of all elements; panics where tags do not match or a text holds a bare sign of markup.
    fn elements(svg: &str) -> Vec<String> {
        let (mut open, mut names) = (Vec::new(), Vec::new());
        for part in svg.split('<').skip(1) {
            let (tag, text) = part.split_once('>').expect("a tag ends");
            assert!(!text.contains('>'), "{part}");
            let plain = text.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "");
            assert!(!plain.contains('&'), "{text}");
            if let Some(name) = tag.strip_prefix('/') {
                assert_eq!(open.pop().as_deref(), Some(name), "{svg}");
                continue;
            }
            assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
            let name = tag
                .trim_end_matches('/')
                .split(' ')
                .next()
                .unwrap_or_default()
                .to_owned();
            if !tag.ends_with('/') {
                open.push(name.clone());
            }
            names.push(name);
        }
        assert!(open.is_empty(), "{open:?} stay open");
        names
    }

    fn count(svg: &str, name: &str) -> usize {
        elements(svg).iter().filter(|element| *element == name).count()
    }

    #[test]
    fn a_picture_has_a_line_a_dot_a_run_and_a_name_for_every_portfolio() {
        let svg = draw(&equity());
        assert_eq!(
            (count(&svg, "svg"), count(&svg, "polyline"), count(&svg, "circle")),
            (1, 4, 12)
        );
        for part in [
            "2026-01-05</text>",
            "2026-01-07</text>",
            "fill=\"#ffffff\"",
            ">0 %</text>",
            "stocks_quality  +1.00 %  (101,000.00 dollars)",
            "options &lt;&amp; more&gt;",
        ] {
            assert!(svg.contains(part), "{part} is not in {svg}");
        }
    }

    #[test]
    fn the_same_days_give_the_same_picture() {
        assert_eq!(draw(&equity()), draw(&equity()));
    }

    #[test]
    fn lines_stay_inside_the_plot() {
        let svg = draw(&equity());
        let (left, right, top, bottom) = PLOT;
        let points = svg.split("points=\"").skip(1).filter_map(|rest| rest.split('"').next());
        for point in points.flat_map(|points| points.split(' ')) {
            let (x, y) = point.split_once(',').expect("a pair");
            let (x, y): (f64, f64) = (x.parse().expect("x"), y.parse().expect("y"));
            assert!((left..=right).contains(&x) && (top..=bottom).contains(&y), "{point}");
        }
    }

    #[test]
    fn one_day_no_day_and_many_days_are_drawn() {
        let mut one = equity();
        one.days.truncate(1);
        one.lines.iter_mut().for_each(|line| line.values.truncate(1));
        assert_eq!(count(&draw(&one), "circle"), 4);
        let none = draw(&Equity::default());
        assert_eq!(count(&none, "polyline"), 0);
        assert!(none.contains("none has been valued yet"));
        let mut many = equity();
        many.days = many.days[0].iter_days().take(100).collect();
        many.lines
            .iter_mut()
            .for_each(|line| line.values = vec![line.start; 100]);
        let svg = draw(&many);
        assert_eq!(count(&svg, "circle"), 0);
        assert!(svg.matches("2026-").count() <= NAMED + 4, "{svg}");
    }

    #[test]
    fn the_grid_is_of_round_numbers() {
        let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
        for (range, (step, low, high)) in [
            ((-1.0, 4.0), (1.0, -1.0, 4.0)),
            ((-0.5, 0.5), (0.2, -0.6, 0.6)),
            ((0.0, 37.0), (10.0, 0.0, 40.0)),
        ] {
            let found = grid(range);
            assert!(
                near(found.0, step) && near(found.1, low) && near(found.2, high),
                "{found:?}"
            );
        }
    }
}
