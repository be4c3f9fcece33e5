//! The people of the sample: some four hundred authors with stable names, each with a character of their own.
//!
//! Every day an author has an opinion on every ticker, drawn from how often a person of that character is right about
//! the next days' move. The market knows the move; [`Authors::opinion`] only decides who sees it. So trust that the
//! pipeline learns about an author on some days holds on later ones.

use std::collections::HashSet;

use super::random::Stream;

/// How many people write.
const AUTHORS: u64 = 420;
/// First halves of names.
const FIRST: [&str; 40] = [
    "Amber", "Brisk", "Cedar", "Copper", "Dapper", "Dusty", "Early", "Fuzzy", "Gentle", "Hollow", "Humble", "Idle",
    "Jolly", "Kindly", "Late", "Lazy", "Linen", "Lucky", "Maple", "Mellow", "Misty", "Modest", "Nimble", "Olive",
    "Paper", "Patient", "Plain", "Quiet", "Rainy", "Rusty", "Sandy", "Silent", "Sleepy", "Sober", "Steady", "Sunny",
    "Tidy", "Velvet", "Windy", "Woolen",
];
/// Second halves of names.
const SECOND: [&str; 40] = [
    "Abacus", "Anchor", "Badger", "Beacon", "Biscuit", "Candle", "Compass", "Cricket", "Dumpling", "Ferry", "Garden",
    "Harbor", "Heron", "Kettle", "Ladder", "Lantern", "Ledger", "Lobster", "Magnet", "Mitten", "Noodle", "Otter",
    "Pancake", "Parade", "Pebble", "Pickle", "Pigeon", "Puddle", "Radish", "Saddle", "Scooter", "Sparrow", "Teapot",
    "Thimble", "Ticket", "Turnip", "Umbrella", "Walrus", "Wagon", "Whistle",
];

/// What kind of person an author is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Character {
    /// Argues with numbers and is right more often than not.
    Sharp,
    /// Argues too, and is wrong more often than not.
    Wrong,
    /// Says the opposite of what is meant and marks it.
    Sarcastic,
    /// Posts one text over and over.
    Spammer,
    /// Cheers with rockets.
    Hyped,
    /// Asks.
    Asker,
    /// Everybody else.
    Regular,
}

impl Character {
    /// How often, in percent, the opinion on a ticker agrees with its next move.
    const fn skill(self) -> u64 {
        match self {
            Self::Sharp => 69,
            Self::Wrong => 30,
            _ => 50,
        }
    }
}

/// Someone who writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Author {
    /// Place in [`Authors`], for ever the same.
    pub(super) number: u64,
    /// The name.
    pub(super) name: String,
    /// The character.
    pub(super) character: Character,
}

/// All authors of a seed, the most active ones first.
#[derive(Debug, Clone)]
pub(super) struct Authors {
    root: Stream,
    authors: Vec<Author>,
}

impl Authors {
    /// The authors of `seed`; every subreddit has the same.
    pub(super) fn new(seed: u64) -> Self {
        let root = Stream::new(seed).named("authors");
        let mut taken = HashSet::new();
        let authors = (0..AUTHORS)
            .map(|number| Author {
                number,
                name: unused_name(root.named("name").numbered(number), &mut taken),
                character: character(number),
            })
            .collect();
        Self { root, authors }
    }

    /// Somebody; the first of the list speak about four times as often as the last.
    pub(super) fn pick(&self, random: &mut Stream) -> &Author {
        let (one, other) = (random.index(self.authors.len()), random.index(self.authors.len()));
        &self.authors[if random.chance(60) { one.min(other) } else { one }]
    }

    /// The author with this number.
    #[cfg(test)]
    pub(super) fn by_number(&self, number: u64) -> Option<&Author> {
        self.authors.iter().find(|author| author.number == number)
    }

    /// Whether `author` expects the price of `symbol` to rise on day `day`, when in truth it does as `rises` says.
    pub(super) fn opinion(&self, author: &Author, symbol: &str, day: u64, rises: bool) -> bool {
        let mut random = self
            .root
            .named("opinion")
            .named(symbol)
            .numbered(day)
            .numbered(author.number);
        random.chance(author.character.skill()) == rises
    }
}

fn character(number: u64) -> Character {
    if number % 67 == 13 {
        return Character::Spammer;
    }
    match number % 20 {
        0 | 9 => Character::Sharp,
        2 | 13 => Character::Wrong,
        3 | 11 | 17 => Character::Hyped,
        5 | 14 => Character::Asker,
        7 => Character::Sarcastic,
        _ => Character::Regular,
    }
}

fn unused_name(mut random: Stream, taken: &mut HashSet<String>) -> String {
    loop {
        let (first, second) = (*random.pick(&FIRST), *random.pick(&SECOND));
        let number = random.between(2, 998);
        let name = match random.below(4) {
            0 => format!("{first}{second}"),
            1 => format!("{first}_{second}"),
            2 => format!("{first}-{second}-{number}"),
            _ => format!("{}{}{number}", first.to_lowercase(), second.to_lowercase()),
        };
        if taken.insert(name.clone()) {
            return name;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_look_like_names() {
        let authors = Authors::new(1).authors;
        let names: HashSet<_> = authors.iter().map(|author| author.name.as_str()).collect();
        assert_eq!(names.len(), authors.len());
        assert!(names.iter().all(|name| (3..=24).contains(&name.len())));
    }

    #[test]
    fn every_character_has_several_authors_among_the_active_ones() {
        use Character::{Asker, Hyped, Regular, Sarcastic, Sharp, Spammer, Wrong};
        let authors = Authors::new(1).authors;
        for character in [Sharp, Wrong, Sarcastic, Hyped, Asker, Regular, Spammer] {
            assert!(
                authors.iter().filter(|author| author.character == character).count() >= 6,
                "{character:?}"
            );
        }
    }

    #[test]
    fn opinions_are_as_good_as_the_character() {
        let authors = Authors::new(1);
        let right = |number: usize| {
            let author = &authors.authors[number];
            (0..1_000)
                .filter(|day| authors.opinion(author, "TSLA", *day, day % 2 == 0) == (day % 2 == 0))
                .count()
        };
        assert!((640..740).contains(&right(0)), "{}", right(0));
        assert!((250..350).contains(&right(2)), "{}", right(2));
        assert!((450..550).contains(&right(1)), "{}", right(1));
    }
}
