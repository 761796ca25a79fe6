//! A fee and a promised day in words, for whoever pays and waits.

use super::show::dollars;
use crate::desk::parcel_outlook::Comes;
use crate::model::charge::{ChargeState, CostLine};
use crate::model::promise::Reason;
use crate::model::{Promise, Site};
use crate::notify::catalogs::Texts;
use jiff::civil::Date;

/// When a parcel comes, and why then.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ComesWords {
    /// The day in a sentence; empty if nothing is to be said.
    pub words: String,
    /// Why that day, a sentence each.
    pub reasons: Vec<String>,
}

impl ComesWords {
    /// The words in a reader's language.
    #[must_use]
    pub fn of(t: Texts, comes: &Comes) -> Self {
        let by = |message, promise: &Promise| Self {
            words: t.with(message, "date", t.day(promise.due_on)),
            reasons: promise.reasons.iter().map(|each| reason(t, each)).collect(),
        };
        match comes {
            Comes::Promised(promise) => by("way-arrives", promise),
            Comes::IfCompleteNow(promise) => by("promise-if-complete-now", promise),
            Comes::Never(_) => Self { words: t.say("promise-never"), reasons: Vec::new() },
            Comes::Unknown => Self { words: t.say("promise-unknown"), reasons: Vec::new() },
            Comes::Ended => Self::default(),
        }
    }
}

fn reason(t: Texts, reason: &Reason) -> String {
    let on = |message, on: &Date| t.with(message, "on", t.day(*on));
    let closed = |message, on: &Date, holiday: &String| {
        t.with_all(message, [("on", &t.day(*on)), ("holiday", holiday)])
    };
    match reason {
        Reason::LeavesSameDay { on: day } => on("promise-leaves-same-day", day),
        Reason::AfterCutOff { cut_off } => {
            t.with("promise-after-cut-off", "cut_off", cut_off.strftime("%H:%M").to_string())
        }
        Reason::Weekend { on: day } => on("promise-weekend", day),
        Reason::SiteClosed { on, holiday } => closed("promise-site-closed", on, holiday),
        Reason::CarrierClosed { on, holiday } => closed("promise-carrier-closed", on, holiday),
        Reason::CarrierSays { service, on } => {
            t.with_all("promise-carrier-says", [("service", &service.name()), ("on", &t.day(*on))])
        }
        Reason::NoneIsFasterThan { on: day } => on("promise-none-is-faster", day),
    }
}

/// What a fee is made of: a label and an amount each.
#[must_use]
pub fn lines(basis: &[CostLine]) -> Vec<(String, String)> {
    basis.iter().map(|line| (line.label.clone(), dollars(line.cents.get()))).collect()
}

/// What is to be done about a fee, or was, a sentence each.
#[must_use]
pub fn standing(t: Texts, site: &Site, state: &ChargeState) -> Vec<String> {
    let paid = state.payment().map(|payment| {
        let (on, receipt) = (t.date(site.today(payment.at)), &payment.receipt);
        t.with_all("fee-paid-on", [("date", &on), ("receipt", receipt)])
    });
    let rest = match state {
        ChargeState::Quoted => Some("fee-told"),
        ChargeState::Open => Some("fee-due"),
        ChargeState::Waived { .. } => Some("fee-waived"),
        ChargeState::Void { .. } => Some("fee-void"),
        ChargeState::Refunding { .. } => Some("fee-refunding"),
        ChargeState::Refunded { .. } => Some("fee-refunded"),
        ChargeState::Paid { .. } | ChargeState::Disputed { .. } | ChargeState::WrittenOff { .. } => None,
    };
    paid.into_iter().chain(rest.map(|message| t.say(message))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Language, Service};
    use jiff::civil::{date, time};

    #[test]
    fn every_reason_is_said_in_every_language_with_its_day() {
        let on = date(2026, 11, 26);
        let holiday = || "Thanksgiving Day".to_owned();
        let reasons = vec![
            Reason::LeavesSameDay { on },
            Reason::AfterCutOff { cut_off: time(14, 0, 0, 0) },
            Reason::Weekend { on },
            Reason::SiteClosed { on, holiday: holiday() },
            Reason::CarrierClosed { on, holiday: holiday() },
            Reason::CarrierSays { service: Service::TwoDay, on },
            Reason::NoneIsFasterThan { on },
        ];
        let promise = Promise { complete_at: 1, starts_on: on, due_on: date(2026, 11, 30), reasons };
        for language in Language::ALL {
            let t = Texts::of(language);
            let said = ComesWords::of(t, &Comes::IfCompleteNow(promise.clone()));
            let plain = |words: &str| words.replace(['\u{2068}', '\u{2069}'], "");
            assert!(plain(&said.words).contains(&plain(&t.day(promise.due_on))), "{}", said.words);
            assert_eq!(said.reasons.len(), 7);
            assert!(said.reasons.iter().all(|said| !said.starts_with("promise-")), "{:?}", said.reasons);
            assert!(said.reasons[1].contains("14:00") && said.reasons[4].contains("Thanksgiving Day"));
        }
        let english = ComesWords::of(Texts::of(Language::English), &Comes::Promised(promise));
        assert_eq!(english.words, "Comes by Monday, November 30");
        assert_eq!(english.reasons[0], "It leaves on Thursday, November 26.");
    }
}
