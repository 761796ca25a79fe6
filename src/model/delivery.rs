//! Deliveries: one way each by which a request is fulfilled.

use super::link::Rights;
use super::refused::Refused;
use super::shipment::Recipient;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The ways a request is fulfilled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// A link to pages. Free.
    Link,
    /// A disc by U.S. mail. Free.
    Mail,
    /// A disc by FedEx. The one way that costs something.
    FedEx,
    /// A disc handed over at the counter. Free.
    Desk,
}

impl Way {
    /// Every way.
    pub const ALL: [Self; 4] = [Self::Link, Self::Mail, Self::FedEx, Self::Desk];

    /// The word rows use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Mail => "mail",
            Self::FedEx => "fed_ex",
            Self::Desk => "desk",
        }
    }

    /// The way of this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.as_str() == word)
    }

    /// Whether it costs the recipient something.
    #[must_use]
    pub fn has_a_fee(self) -> bool {
        self == Self::FedEx
    }

    /// Whether discs are burned for it.
    #[must_use]
    pub fn needs_discs(self) -> bool {
        self != Self::Link
    }
}

/// A delivery as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The row's id.
    pub id: String,
    /// The request it is for.
    pub request: String,
    /// Who receives it.
    pub recipient: String,
    /// Where to, and so which way.
    pub destination: Destination,
    /// How the code that opens it gets to the recipient: never together with what it opens.
    pub code_route: CodeRoute,
    /// When a person confirmed that route; nothing before.
    pub code_route_confirmed_at: Option<i64>,
    /// How far it is.
    pub state: DeliveryState,
    /// When it was chosen.
    pub created_at: i64,
    /// When its state changed last.
    pub changed_at: i64,
}

impl Delivery {
    /// Its way.
    #[must_use]
    pub fn way(&self) -> Way {
        self.destination.way()
    }

    /// Whether a code opens it: plain discs have none.
    #[must_use]
    pub fn has_code(&self) -> bool {
        self.destination.disc().is_none_or(|disc| disc.code().is_some())
    }

    /// Whether a person has yet to confirm how its code gets to the recipient.
    #[must_use]
    pub fn is_code_route_open(&self) -> bool {
        self.has_code() && self.code_route_confirmed_at.is_none()
    }
}

/// Where a delivery goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "way", rename_all = "snake_case")]
pub enum Destination {
    /// A link by e-mail.
    Link {
        /// Where the link is mailed to; nothing: it is printed and handed over or mailed on paper.
        email: Option<String>,
        /// What the recipient may do; everything unless staff say otherwise.
        #[serde(default)]
        rights: Rights,
        /// How many days it is good for; as many as is configured unless staff say otherwise.
        #[serde(default)]
        good_for_days: Option<u32>,
    },
    /// A disc by U.S. mail.
    Mail {
        /// Where to.
        address: PostalAddress,
        /// What kind of disc.
        disc: DiscForm,
    },
    /// A disc by FedEx.
    FedEx {
        /// Where to.
        address: PostalAddress,
        /// The telephone number the carrier asks for.
        phone: String,
        /// What kind of disc.
        disc: DiscForm,
    },
    /// A disc at the counter.
    Desk {
        /// What kind of disc.
        disc: DiscForm,
    },
}

impl Destination {
    /// A link by e-mail, or on paper, as links are unless staff say otherwise.
    #[must_use]
    pub fn link(email: Option<String>) -> Self {
        Self::Link { email, rights: Rights::default(), good_for_days: None }
    }

    /// Which way it goes.
    #[must_use]
    pub fn way(&self) -> Way {
        match self {
            Self::Link { .. } => Way::Link,
            Self::Mail { .. } => Way::Mail,
            Self::FedEx { .. } => Way::FedEx,
            Self::Desk { .. } => Way::Desk,
        }
    }

    /// The kind of disc, where there is one.
    #[must_use]
    pub fn disc(&self) -> Option<&DiscForm> {
        match self {
            Self::Link { .. } => None,
            Self::Mail { disc, .. } | Self::FedEx { disc, .. } | Self::Desk { disc } => Some(disc),
        }
    }

    /// The postal address, where there is one.
    #[must_use]
    pub fn address(&self) -> Option<&PostalAddress> {
        match self {
            Self::Mail { address, .. } | Self::FedEx { address, .. } => Some(address),
            Self::Link { .. } | Self::Desk { .. } => None,
        }
    }

    /// What the carrier is told of it, where a carrier takes it to somebody of this name.
    #[must_use]
    pub fn by_carrier(&self, name: &str) -> Option<Recipient> {
        let Self::FedEx { address, phone, .. } = self else { return None };
        Some(Recipient { name: name.to_owned(), address: address.clone(), phone: Some(phone.clone()) })
    }
}

/// An address in the United States.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PostalAddress {
    /// Street and number, and what else stands above the city; one to three lines.
    pub lines: Vec<String>,
    /// City.
    pub city: String,
    /// The state's two letters.
    pub state: String,
    /// ZIP code: five digits, or nine with a hyphen.
    pub zip: String,
}

/// What kind of disc is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "form", rename_all = "snake_case")]
pub enum DiscForm {
    /// Sealed: it opens with an opening code.
    Sealed {
        /// In which form the code is wanted.
        code: CodeForm,
    },
    /// Of Secure DICOM files (PS3.15 D.1): it opens with an opening code, in programs that read DICOM Secure Media.
    Secure {
        /// In which form the code is wanted.
        code: CodeForm,
    },
    /// Plain: anyone who finds it can read it. The patient's choice, after a warning.
    Plain {
        /// The warning that was given, in its words.
        warning: String,
    },
}

impl DiscForm {
    /// The form of its opening code, if it has one.
    #[must_use]
    pub fn code(&self) -> Option<CodeForm> {
        match self {
            Self::Sealed { code } | Self::Secure { code } => Some(*code),
            Self::Plain { .. } => None,
        }
    }
}

/// The form of an opening code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CodeForm {
    /// Six words.
    Words,
    /// Six groups of five digits.
    Digits,
}

/// How an access or opening code gets to the recipient. Numbers and addresses are those on file before the
/// request came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "route", rename_all = "snake_case")]
pub enum CodeRoute {
    /// Told or handed over at the counter.
    InPerson,
    /// Told by telephone.
    Phone {
        /// The number on file.
        number: String,
    },
    /// In a letter of its own.
    Letter {
        /// The address on file.
        address: PostalAddress,
    },
    /// There is none: a plain disc is open to whoever has it.
    NoCode,
}

/// How far a delivery is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum DeliveryState {
    /// Asked for.
    Chosen,
    /// The fee was told, beside the free ways.
    Quoted,
    /// Nothing stands in its way.
    Ready,
    /// It has begun.
    UnderWay,
    /// It reached the recipient.
    Done {
        /// When.
        at: i64,
    },
    /// Another way was taken instead.
    Switched {
        /// The delivery taken instead.
        to: String,
    },
    /// Not wanted any more.
    Cancelled {
        /// Why.
        reason: String,
    },
}

impl DeliveryState {
    /// The word rows use.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Chosen => "chosen",
            Self::Quoted => "quoted",
            Self::Ready => "ready",
            Self::UnderWay => "under_way",
            Self::Done { .. } => "done",
            Self::Switched { .. } => "switched",
            Self::Cancelled { .. } => "cancelled",
        }
    }

    /// Whether it came to an end.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Done { .. } | Self::Switched { .. } | Self::Cancelled { .. })
    }

    /// Whether it was given up for another, or altogether.
    #[must_use]
    pub fn is_dropped(&self) -> bool {
        matches!(self, Self::Switched { .. } | Self::Cancelled { .. })
    }

    /// The fee was told.
    ///
    /// # Errors
    /// [`Refused`] if it is a free way, or was told before.
    pub fn quote(self, way: Way) -> Result<Self, Refused> {
        match self {
            Self::Chosen if way.has_a_fee() => Ok(Self::Quoted),
            other => Err(other.refuses("quoted")),
        }
    }

    /// Nothing stands in its way.
    ///
    /// # Errors
    /// [`Refused`] if a fee was not told, or it is past that.
    pub fn make_ready(self, way: Way) -> Result<Self, Refused> {
        match self {
            Self::Quoted => Ok(Self::Ready),
            Self::Chosen if !way.has_a_fee() => Ok(Self::Ready),
            other => Err(other.refuses("made ready")),
        }
    }

    /// It begins.
    ///
    /// # Errors
    /// [`Refused`] if it is not ready.
    pub fn begin(self) -> Result<Self, Refused> {
        match self {
            Self::Ready => Ok(Self::UnderWay),
            other => Err(other.refuses("begun")),
        }
    }

    /// It reached the recipient.
    ///
    /// # Errors
    /// [`Refused`] if it had not begun.
    pub fn finish(self, at: i64) -> Result<Self, Refused> {
        match self {
            Self::UnderWay => Ok(Self::Done { at }),
            other => Err(other.refuses("done")),
        }
    }

    /// It did not reach the recipient after all: it is under way again.
    ///
    /// # Errors
    /// [`Refused`] if nobody thought that it did.
    pub fn resume(self) -> Result<Self, Refused> {
        match self {
            Self::Done { .. } => Ok(Self::UnderWay),
            other => Err(other.refuses("resumed")),
        }
    }

    /// Another is taken instead.
    ///
    /// # Errors
    /// [`Refused`] if it has ended.
    pub fn switch(self, to: String) -> Result<Self, Refused> {
        if self.is_closed() { Err(self.refuses("switched")) } else { Ok(Self::Switched { to }) }
    }

    /// It is not wanted any more.
    ///
    /// # Errors
    /// [`Refused`] if it has ended.
    pub fn cancel(self, reason: String) -> Result<Self, Refused> {
        if self.is_closed() { Err(self.refuses("cancelled")) } else { Ok(Self::Cancelled { reason }) }
    }

    fn refuses(&self, event: &'static str) -> Refused {
        Refused { what: "delivery", state: self.as_str(), event }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Event = fn(DeliveryState, Way) -> Result<DeliveryState, Refused>;

    const EVENTS: [Event; 7] = [
        |state, way| state.quote(way),
        |state, way| state.make_ready(way),
        |state, _| state.begin(),
        |state, _| state.finish(7),
        |state, _| state.switch("d2".into()),
        |state, _| state.cancel("moved away".into()),
        |state, _| state.resume(),
    ];

    fn all() -> [DeliveryState; 7] {
        [
            DeliveryState::Chosen,
            DeliveryState::Quoted,
            DeliveryState::Ready,
            DeliveryState::UnderWay,
            DeliveryState::Done { at: 7 },
            DeliveryState::Switched { to: "d2".into() },
            DeliveryState::Cancelled { reason: "moved away".into() },
        ]
    }

    /// A row for each state, a column for each event; a dot refuses.
    const BY_FEDEX: [&str; 7] = [
        "quoted . . . switched cancelled .",
        ". ready . . switched cancelled .",
        ". . under_way . switched cancelled .",
        ". . . done switched cancelled .",
        ". . . . . . under_way",
        ". . . . . . .",
        ". . . . . . .",
    ];

    #[test]
    fn every_event_in_every_state_leads_where_the_table_says() {
        let chosen_free = ". ready . . switched cancelled .";
        for way in Way::ALL {
            for (number, state) in all().into_iter().enumerate() {
                let free = number == 0 && !way.has_a_fee();
                let row = if free { chosen_free } else { BY_FEDEX[number] };
                for (event, expected) in EVENTS.iter().zip(row.split(' ')) {
                    let reached = event(state.clone(), way);
                    let word = reached.as_ref().map_or(".", DeliveryState::as_str);
                    assert_eq!(word, expected, "{way:?} {state:?}");
                }
            }
        }
    }

    #[test]
    fn states_and_destinations_come_back_from_their_json_under_the_words_rows_use() {
        for state in all() {
            let json = serde_json::to_value(&state).unwrap();
            assert_eq!(json["state"], state.as_str());
            assert_eq!(serde_json::from_value::<DeliveryState>(json).unwrap(), state);
        }
        let disc = || DiscForm::Sealed { code: CodeForm::Words };
        let address = || PostalAddress {
            lines: vec!["1 Main St".into()],
            city: "Phoenix".into(),
            state: "AZ".into(),
            zip: "85001".into(),
        };
        for (destination, way) in [
            (Destination::link(None), Way::Link),
            (Destination::Mail { address: address(), disc: disc() }, Way::Mail),
            (Destination::FedEx { address: address(), phone: "1".into(), disc: disc() }, Way::FedEx),
            (Destination::Desk { disc: disc() }, Way::Desk),
        ] {
            let json = serde_json::to_value(&destination).unwrap();
            assert_eq!((destination.way(), json["way"].as_str()), (way, Some(way.as_str())));
            assert_eq!(Way::parse(way.as_str()), Some(way));
            assert_eq!(serde_json::from_value::<Destination>(json).unwrap(), destination);
            assert_eq!(destination.disc().is_some(), way.needs_discs());
        }
    }
}
