//! What a delivery by FedEx costs and when it comes, on the request's page.

use crate::desk::parcel_outlook::{Comes, ParcelOutlook};
use crate::model::{Language, Promise};
use crate::notify::catalogs::Texts;
use crate::web::billing::state_sign;
use crate::web::plumbing::fee::{ComesWords, lines};
use crate::web::plumbing::show::{Sign, dollars};

/// What a parcel costs and when it comes.
pub struct ParcelView {
    pub comes: ComesWords,
    pub problem: Option<String>,
    pub fee: Option<FeeView>,
}

/// A fee that was told.
pub struct FeeView {
    pub amount: String,
    pub state: Sign,
    pub basis: Vec<(String, String)>,
    /// Its page, for who may see it.
    pub path: Option<String>,
}

/// When a parcel would come that were complete now, in the desk's language.
pub fn usual(promise: Promise) -> ComesWords {
    ComesWords::of(Texts::of(Language::English), &Comes::IfCompleteNow(promise))
}

impl ParcelView {
    /// What is said of it; a charge's page is for who may see it.
    pub fn of(ParcelOutlook { charge, comes }: ParcelOutlook, sees_charge: bool) -> Self {
        let (comes, problem) = match comes {
            Comes::Never(why) => {
                let words =
                    format!("FedEx does not deliver there: {why}. Cancel this delivery and choose again.");
                (ComesWords::default(), Some(words))
            }
            comes => (ComesWords::of(Texts::of(Language::English), &comes), None),
        };
        let fee = charge.map(|charge| FeeView {
            amount: dollars(charge.amount.get()),
            state: state_sign(&charge.state),
            basis: lines(&charge.basis),
            path: sees_charge.then(|| format!("/billing/charges/{}", charge.id)),
        });
        Self { comes, problem, fee }
    }
}
