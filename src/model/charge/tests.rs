use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn user(id: &str) -> Actor {
    Actor::User { id: id.into() }
}

fn payment(paid_by: PaidBy) -> Payment {
    Payment { paid_by, receipt: "R-1".into(), by: user("clerk"), at: 1 }
}

fn approval() -> Approval {
    Approval::new("the disc came late", &user("clerk"), &user("lead"), 2).unwrap()
}

fn events() -> Vec<ChargeEvent> {
    vec![
        ChargeEvent::Open,
        ChargeEvent::Collect(payment(PaidBy::Cash)),
        ChargeEvent::Collect(payment(PaidBy::Card)),
        ChargeEvent::Waive(approval()),
        ChargeEvent::Void { reason: "switched to mail".into() },
        ChargeEvent::Earn,
        ChargeEvent::Refund(approval()),
        ChargeEvent::Repay(payment(PaidBy::Cash)),
        ChargeEvent::Repay(payment(PaidBy::Check)),
        ChargeEvent::Dispute { dispute: "D-1".into() },
        ChargeEvent::WinDispute { dispute: "D-1".into() },
        ChargeEvent::LoseDispute { dispute: "D-1".into() },
        ChargeEvent::LoseDispute { dispute: "another one".into() },
    ]
}

/// Every state, where it matters with the fee deferred and earned, paid in cash and by card.
fn states() -> Vec<(&'static str, ChargeState)> {
    let mut states = vec![
        ("quoted", ChargeState::Quoted),
        ("open", ChargeState::Open),
        ("void", ChargeState::Void { reason: "x".into() }),
    ];
    let dispute = || "D-1".to_owned();
    for (word, fee) in [("deferred", Fee::Deferred), ("earned", Fee::Earned)] {
        let [cash, card] = [PaidBy::Cash, PaidBy::Card].map(payment);
        let name = |state: &str| &*format!("{state} {word}").leak();
        states.extend([
            (name("paid cash"), ChargeState::Paid { payment: cash.clone(), fee }),
            (name("paid card"), ChargeState::Paid { payment: card.clone(), fee }),
            (name("waived"), ChargeState::Waived { waiver: approval(), fee }),
            (name("refunding"), ChargeState::Refunding { payment: card.clone(), refund: approval(), fee }),
            (
                name("refunded"),
                ChargeState::Refunded { payment: card.clone(), refund: approval(), fee, repaid: cash },
            ),
            (name("disputed"), ChargeState::Disputed { payment: card.clone(), fee, dispute: dispute() }),
            (name("written off"), ChargeState::WrittenOff { payment: card, fee, dispute: dispute() }),
        ]);
    }
    states
}

/// All that may happen; everything else is refused.
const ALLOWED: [(&str, &str, &str); 27] = [
    ("quoted", "opened", "open"),
    ("quoted", "voided", "void"),
    ("open", "collected", "paid"),
    ("open", "waived", "waived"),
    ("open", "voided", "void"),
    ("waived deferred", "voided", "void"),
    ("written off deferred", "voided", "void"),
    ("paid cash deferred", "earned", "paid"),
    ("paid card deferred", "earned", "paid"),
    ("waived deferred", "earned", "waived"),
    ("disputed deferred", "earned", "disputed"),
    ("written off deferred", "earned", "written_off"),
    ("paid cash deferred", "refunded", "refunding"),
    ("paid cash earned", "refunded", "refunding"),
    ("paid card deferred", "refunded", "refunding"),
    ("paid card earned", "refunded", "refunding"),
    ("refunding deferred", "repaid", "refunded"),
    ("refunding earned", "repaid", "refunded"),
    ("paid card deferred", "disputed", "disputed"),
    ("paid card earned", "disputed", "disputed"),
    ("disputed deferred", "won back", "paid"),
    ("disputed earned", "won back", "paid"),
    ("disputed deferred", "written off", "written_off"),
    ("disputed earned", "written off", "written_off"),
    // Once more by the other means of payment.
    ("open", "collected", "paid"),
    ("refunding deferred", "repaid", "refunded"),
    ("refunding earned", "repaid", "refunded"),
];

#[test]
fn of_all_pairs_of_a_state_and_an_event_exactly_the_listed_ones_happen() {
    let mut happened = 0;
    for (name, state) in states() {
        for event in events() {
            let foreign = matches!(&event, ChargeEvent::LoseDispute { dispute } if dispute != "D-1");
            let listed =
                ALLOWED.iter().find(|(from, by, _)| *from == name && *by == event.as_str() && !foreign);
            match state.clone().after(event.clone()) {
                Ok((after, _)) => {
                    happened += 1;
                    assert_eq!(Some(after.as_str()), listed.map(|(_, _, to)| *to), "{name}, {event:?}");
                }
                Err(refusal) => {
                    assert!(listed.is_none(), "{name}, {event:?}");
                    let refused = Refused { what: "charge", state: state.as_str(), event: event.as_str() };
                    assert_eq!(refusal, ChargeRefusal::NotNow(refused));
                }
            }
        }
    }
    assert_eq!(happened, ALLOWED.len());
}

#[test]
fn what_a_state_allows_is_what_may_happen_to_it() {
    for (name, state) in states() {
        let may = |event| state.clone().after(event).is_ok();
        assert_eq!(state.allows(ProposalKind::Waiver), may(ChargeEvent::Waive(approval())), "{name}");
        assert_eq!(state.allows(ProposalKind::Refund), may(ChargeEvent::Refund(approval())), "{name}");
        assert_eq!(state.is_voidable(), may(ChargeEvent::Void { reason: "x".into() }), "{name}");
    }
}

#[test]
fn every_state_comes_back_from_its_row_and_has_its_word() {
    for (_, state) in states() {
        let row = serde_json::to_value(&state).unwrap();
        assert_eq!(row["state"], state.as_str());
        assert!(ChargeState::WORDS.contains(&state.as_str()));
        assert_eq!(serde_json::from_value::<ChargeState>(row).unwrap(), state);
    }
}

#[test]
fn nobody_approves_what_he_proposed() {
    assert_eq!(Approval::new("late", &user("clerk"), &user("clerk"), 1), Err(ChargeRefusal::SamePerson));
}

#[test]
fn a_fee_whose_lines_do_not_sum_to_it_is_refused() {
    let line = |cents| CostLine { label: "Postage".into(), cents: Cents::new(cents).unwrap() };
    let fee = |lines: &[i64]| {
        FeeSchedule::new(Cents::new(4_500).unwrap(), lines.iter().map(|cents| line(*cents)).collect())
    };
    fee(&[2_000, 2_500]).unwrap();
    let refused = fee(&[2_000, 2_499]).unwrap_err();
    assert_eq!(refused.to_string(), "the fee is 45.00 and its cost lines sum to 44.99: they must be equal");
    assert!(fee(&[]).is_err());
}

/// Balances by account, those that are not zero.
fn sums(sides: impl IntoIterator<Item = (Account, i64)>) -> BTreeMap<Account, i64> {
    let mut sums = BTreeMap::new();
    for (account, side) in sides {
        *sums.entry(account).or_insert(0) += side;
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

proptest! {
    #[test]
    fn whatever_happens_charge_and_ledger_agree(choices in prop::collection::vec(0_usize..13, 0..40)) {
        let (events, mut state, mut ledger) = (events(), ChargeState::Quoted, Vec::new());
        for choice in choices {
            if let Ok((after, movement)) = state.clone().after(events[choice].clone()) {
                ledger.extend(movement.into_iter().flat_map(|by| [(by.debit(), 1), (by.credit(), -1)]));
                state = after;
            }
            prop_assert_eq!(sums(ledger.clone()), state.balances().into_iter().collect());
            prop_assert_eq!(state.balances().len(), sums(state.balances()).len());
        }
    }
}
