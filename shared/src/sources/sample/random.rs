//! The sample's randomness: streams of numbers that follow from a seed and a few labels, for ever.
//!
//! A published generator would do, but not one whose next version may draw differently: a recorded day must stay the
//! day it was. So this is `SplitMix64` (Steele, Lea and Flood, 2014) in ten lines. A stream is addressed by labels,
//! `Stream::new(seed).named("gap").named("TSLA").numbered(12)`; two streams that differ in one label share nothing,
//! so that a draw added in one place moves nothing in another. Everything is drawn in whole numbers: the same bytes
//! on every machine.

/// The increment of `SplitMix64`, 2^64 divided by the golden ratio.
const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;
/// One standard deviation, in the parts per million that the market counts in.
pub(super) const PPM: i64 = 1_000_000;

/// A stream of pseudo-random numbers.
#[derive(Debug, Clone)]
pub(super) struct Stream {
    state: u64,
}

impl Stream {
    /// The root of all streams of a world.
    pub(super) const fn new(seed: u64) -> Self {
        Self { state: mix(seed) }
    }

    /// The stream below this one with a name.
    #[must_use]
    pub(super) fn named(&self, label: &str) -> Self {
        label
            .bytes()
            .fold(self.numbered(0), |stream, byte| stream.numbered(u64::from(byte)))
    }

    /// The stream below this one with a number.
    #[must_use]
    pub(super) const fn numbered(&self, label: u64) -> Self {
        Self {
            state: mix(self.state.rotate_left(23) ^ mix(label.wrapping_add(GAMMA))),
        }
    }

    /// 64 random bits.
    pub(super) const fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GAMMA);
        mix(self.state)
    }

    /// A number in `0..bound`; 0 when the bound is 0.
    pub(super) const fn below(&mut self, bound: u64) -> u64 {
        let drawn = self.next();
        if bound == 0 { 0 } else { drawn % bound }
    }

    /// A number in `low..=high`.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        low.saturating_add_unsigned(self.below(high.abs_diff(low) + 1))
    }

    /// An index into something of `len` elements; 0 when it is empty.
    pub(super) fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).unwrap_or(0)
    }

    /// One of `choices`, which must not be empty.
    pub(super) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.index(choices.len())]
    }

    /// True in `percent` of a hundred cases.
    pub(super) const fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// A nearly normal number with mean 0 and a standard deviation of [`PPM`]: the sum of four uniform ones.
    pub(super) fn normal(&mut self) -> i64 {
        let bits = self.next();
        let sum: i64 = [0, 16, 32, 48]
            .into_iter()
            .map(|shift| ((bits >> shift) & 0xffff).cast_signed())
            .sum();
        // Four numbers of 0..65536 have the mean 131,070 and the standard deviation 37,837.
        (sum - 131_070) * PPM / 37_837
    }
}

/// The finalizer of `SplitMix64`: every input bit moves about half of the output bits.
const fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_splitmix64() {
        let mut stream = Stream { state: 1_234_567 };
        assert_eq!(stream.next(), 6_457_827_717_110_365_317);
        assert_eq!(stream.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn streams_differ_by_every_label() {
        let root = Stream::new(1);
        let drawn = |stream: Stream| stream.clone().next();
        assert_eq!(drawn(root.named("a").numbered(1)), drawn(root.named("a").numbered(1)));
        assert_ne!(drawn(root.named("a").numbered(1)), drawn(root.named("a").numbered(2)));
        assert_ne!(drawn(root.named("ab")), drawn(root.named("ba")));
        assert_ne!(drawn(root.named("a").named("b")), drawn(root.named("ab")));
        assert_ne!(drawn(Stream::new(1)), drawn(Stream::new(2)));
    }

    #[test]
    fn normal_numbers_have_the_promised_moments() {
        let mut stream = Stream::new(7);
        let drawn: Vec<i64> = (0..20_000).map(|_| stream.normal()).collect();
        let mean = drawn.iter().sum::<i64>() / 20_000;
        let variance = drawn.iter().map(|z| z * z / PPM).sum::<i64>() / 20_000;
        assert!(mean.abs() < 20_000, "{mean}");
        assert!((variance - PPM).abs() < 30_000, "{variance}");
    }

    #[test]
    fn between_reaches_both_ends() {
        let mut stream = Stream::new(3);
        let drawn: Vec<i64> = (0..200).map(|_| stream.between(-2, 2)).collect();
        assert_eq!((drawn.iter().min(), drawn.iter().max()), (Some(&-2), Some(&2)));
    }
}
