//! Reddit-like ids: base-36 numbers that grow with time and never repeat.
//!
//! A number is made of the day, a mark of the seed and subreddit, and the place within the day, from high to low. So
//! ids of later days are greater, two subreddits of one database do not meet, and all ids of a kind are equally long:
//! in text order they are in order of time.

/// Comments that a day may have.
const COMMENT_BITS: u32 = 13;
/// Posts that a day may have.
const POST_BITS: u32 = 6;
/// Bits of the mark.
const MARK_BITS: u32 = 16;
/// 36^7: comment ids have eight digits.
const FIRST_COMMENT: u64 = 78_364_164_096;
/// 36^6: post ids have seven digits.
const FIRST_POST: u64 = 2_176_782_336;

/// The ids of one day of one subreddit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ids {
    day: u64,
    mark: u64,
}

impl Ids {
    /// The ids of day number `day`; of `mark` the low 16 bits count.
    pub(super) const fn new(day: u64, mark: u64) -> Self {
        Self {
            day,
            mark: mark & ((1 << MARK_BITS) - 1),
        }
    }

    /// The id of the day's post with this place.
    pub(super) fn post(self, place: usize) -> String {
        base36(FIRST_POST + self.number(place, POST_BITS))
    }

    /// The id of the day's comment with this place.
    pub(super) fn comment(self, place: usize) -> String {
        base36(FIRST_COMMENT + self.number(place, COMMENT_BITS))
    }

    const fn number(self, place: usize, bits: u32) -> u64 {
        (((self.day << MARK_BITS) | self.mark) << bits) | place as u64
    }
}

/// A number in Reddit's digits.
pub(super) fn base36(mut number: u64) -> String {
    let mut digits = Vec::new();
    while number > 0 || digits.is_empty() {
        digits.push(u32::try_from(number % 36).unwrap_or(0));
        number /= 36;
    }
    digits
        .into_iter()
        .rev()
        .filter_map(|digit| char::from_digit(digit, 36))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_in_order_of_time_and_equally_long_for_years() {
        let ids = [Ids::new(0, 7), Ids::new(1, 7), Ids::new(4_000, 7)];
        let comments: Vec<_> = ids
            .iter()
            .flat_map(|ids| [ids.comment(0), ids.comment(8_191)])
            .collect();
        let posts: Vec<_> = ids.iter().flat_map(|ids| [ids.post(0), ids.post(63)]).collect();
        assert!(
            comments.is_sorted() && comments.iter().all(|id| id.len() == 8),
            "{comments:?}"
        );
        assert!(posts.is_sorted() && posts.iter().all(|id| id.len() == 7), "{posts:?}");
    }

    #[test]
    fn marks_keep_subreddits_apart() {
        assert_ne!(Ids::new(3, 1).comment(5), Ids::new(3, 2).comment(5));
    }

    #[test]
    fn numbers_are_written_in_reddits_digits() {
        assert_eq!([base36(0), base36(35), base36(36 * 36)], ["0", "z", "100"]);
    }
}
