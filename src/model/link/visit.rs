//! Who came by a link and did what. Mail scanners open every link, and some press buttons: they are shown
//! apart from people.

/// What a visitor did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    /// Opened the link.
    Opened,
    /// Sent the form without a birth date and code that could be such.
    Pressed,
    /// Gave a birth date and code that were wrong, or came too soon after others.
    Refused,
    /// Gave the right ones.
    Entered,
    /// Looked at images.
    Viewed,
    /// Saved the package, or part of it.
    Downloaded,
    /// Passed it on.
    Shared,
}

impl Deed {
    const ALL: [Self; 7] = [
        Self::Opened,
        Self::Pressed,
        Self::Refused,
        Self::Entered,
        Self::Viewed,
        Self::Downloaded,
        Self::Shared,
    ];

    /// The word rows use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Pressed => "pressed",
            Self::Refused => "refused",
            Self::Entered => "entered",
            Self::Viewed => "viewed",
            Self::Downloaded => "downloaded",
            Self::Shared => "shared",
        }
    }

    /// The deed of this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|deed| deed.as_str() == word)
    }

    /// Whether only someone who gave birth date and code can do it.
    #[must_use]
    pub fn is_inside(self) -> bool {
        matches!(self, Self::Entered | Self::Viewed | Self::Downloaded | Self::Shared)
    }
}

/// A deed of one visitor, counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// What they did.
    pub deed: Deed,
    /// What their browser calls itself (`User-Agent`), cut.
    pub agent: String,
    /// Their network address.
    pub address: String,
    /// When they did it first.
    pub first_at: i64,
    /// When last.
    pub last_at: i64,
    /// How often.
    pub times: u64,
}

/// Who a visitor is, as far as one can tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visitor {
    /// Someone who gave birth date and code, with all they did.
    Person(Vec<Visit>),
    /// Someone who tried, or who opened the link and went away.
    Unknown(Vec<Visit>),
    /// A program that looks at links in mail.
    Scanner(Vec<Visit>),
}

/// What programs that look at links call themselves, in lower case.
const PROGRAMS: [&str; 18] = [
    "bot",
    "crawl",
    "spider",
    "scan",
    "preview",
    "headless",
    "python",
    "curl",
    "wget",
    "go-http",
    "java/",
    "okhttp",
    "safelinks",
    "proofpoint",
    "mimecast",
    "barracuda",
    "urldefense",
    "slurp",
];

/// Nobody reads a mail and follows its link so soon after it was sent.
const TOO_SOON_MS: i64 = 20_000;

impl Visitor {
    /// The visitors behind these visits: one for each browser and address, in the order they came first.
    /// `sent_at` is when the mail with the link left, if one did.
    #[must_use]
    pub fn of(visits: &[Visit], sent_at: Option<i64>) -> Vec<Self> {
        let mut groups: Vec<Vec<Visit>> = Vec::new();
        for visit in visits {
            let same = |group: &&mut Vec<Visit>| {
                (&group[0].agent, &group[0].address) == (&visit.agent, &visit.address)
            };
            match groups.iter_mut().find(same) {
                Some(group) => group.push(visit.clone()),
                None => groups.push(vec![visit.clone()]),
            }
        }
        let mut visitors: Vec<(i64, Self)> = groups
            .into_iter()
            .map(|visits| {
                let first_at = visits.iter().map(|visit| visit.first_at).min().unwrap_or_default();
                (first_at, Self::judge(visits, first_at, sent_at))
            })
            .collect();
        visitors.sort_by_key(|(first_at, _)| *first_at);
        visitors.into_iter().map(|(_, visitor)| visitor).collect()
    }

    fn judge(visits: Vec<Visit>, first_at: i64, sent_at: Option<i64>) -> Self {
        if visits.iter().any(|visit| visit.deed.is_inside()) {
            return Self::Person(visits);
        }
        let agent = visits[0].agent.to_lowercase();
        let is_program = agent.is_empty() || PROGRAMS.iter().any(|program| agent.contains(program));
        let at_once = sent_at.is_some_and(|sent_at| first_at < sent_at.saturating_add(TOO_SOON_MS));
        let tried = visits.iter().any(|visit| visit.deed == Deed::Refused);
        if (is_program || at_once) && !tried { Self::Scanner(visits) } else { Self::Unknown(visits) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit(deed: Deed, agent: &str, first_at: i64) -> Visit {
        let (agent, address) = (agent.to_owned(), "192.0.2.7".to_owned());
        Visit { deed, agent, address, first_at, last_at: first_at, times: 1 }
    }

    #[test]
    fn a_scanner_that_opens_and_presses_is_told_from_a_person_who_enters() {
        let phone = "Mozilla/5.0 (iPhone)";
        let visits = [
            visit(Deed::Opened, phone, 900_000),
            visit(Deed::Entered, phone, 910_000),
            visit(Deed::Opened, "Mozilla/5.0 HeadlessChrome", 60_000),
            visit(Deed::Pressed, "Mozilla/5.0 HeadlessChrome", 61_000),
            visit(Deed::Opened, "Mozilla/5.0 (Windows NT 10.0)", 5_000),
            visit(Deed::Opened, "Mozilla/5.0 (Macintosh)", 700_000),
            visit(Deed::Refused, "python-requests", 800_000),
        ];
        let visitors = Visitor::of(&visits, Some(0));
        assert!(matches!(
            visitors.as_slice(),
            [
                Visitor::Scanner(_),
                Visitor::Scanner(pressed),
                Visitor::Unknown(_),
                Visitor::Unknown(_),
                Visitor::Person(all)
            ] if pressed.len() == 2 && all.len() == 2
        ));
    }

    #[test]
    fn every_deed_comes_back_from_its_word() {
        for deed in Deed::ALL {
            assert_eq!(Deed::parse(deed.as_str()), Some(deed));
        }
    }
}
