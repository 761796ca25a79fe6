//! What the books promise, on both engines.

use super::fee::{self, DisputeEvent, Quoted};
use super::{Clerk, MoneyError, billing, close, export, verify};
use crate::model::charge::ProposalKind::{Refund, Waiver};
use crate::model::charge::{ChargeRefusal, CostLine};
use crate::model::site::tests::{at_phoenix, phoenix};
use crate::model::{Account, Actor, Cents, Charge, Delivery, FeeSchedule, PaidBy, ReleaseRequest, Site};
use crate::store::contract::{desk, in_tx, on_both_engines};
use crate::store::db::{Db, Dialect};
use crate::store::{StoreError, audit, books, charges, deliveries, ledger, requests};
use imaging::chance::{OsChance, SeededChance};
use jiff::civil::date;
use std::collections::BTreeMap;

fn fee() -> FeeSchedule {
    let lines = [("Labor", 1_500), ("Disc and mailer", 500), ("FedEx", 2_500)];
    let lines =
        lines.map(|(label, cents)| CostLine { label: label.into(), cents: Cents::new(cents).unwrap() });
    FeeSchedule::new(Cents::new(4_500).unwrap(), lines.to_vec()).unwrap()
}

/// A clerk of this name, for as long as the test runs.
fn clerk<'a>(site: &'a Site, name: &str) -> Clerk<'a> {
    let actor: &'static Actor = Box::leak(Box::new(Actor::User { id: name.into() }));
    Clerk { site, actor, now_ms: at_phoenix(11, 24, 10), chance: &OsChance }
}

/// A FedEx delivery with this id, of a request of its own.
async fn delivery(db: &Db, id: &str) -> ReleaseRequest {
    if let Some(known) = deliveries::get(db, id).await.unwrap() {
        return requests::get(db, &known.request).await.unwrap().unwrap();
    }
    let request =
        ReleaseRequest { reference: "FR-0000-0001".parse().unwrap(), ..desk::request(date(2026, 11, 20)) };
    let request = if requests::by_reference(db, &request.reference).await.unwrap().is_some() {
        desk::request(date(2026, 11, 20))
    } else {
        request
    };
    desk::kept(db, &request).await;
    let new = Delivery { id: id.into(), ..desk::delivery(&request.id, desk::by_mail()) };
    in_tx!(db, |tx| deliveries::add(tx, &new)).unwrap();
    request
}

async fn quoted(db: &Db, clerk: Clerk<'_>, id: &str) -> Charge {
    let request = delivery(db, id).await;
    let reference = request.reference.to_string();
    let what = Quoted { request: &request.id, reference: &reference, delivery: id };
    in_tx!(db, |tx| fee::quote(tx, &clerk, what, &fee())).unwrap()
}

async fn opened(db: &Db, clerk: Clerk<'_>, delivery: &str) -> String {
    let charge = quoted(db, clerk, delivery).await;
    in_tx!(db, |tx| fee::open(tx, &clerk, &charge.id)).unwrap().id
}

async fn paid(db: &Db, clerk: Clerk<'_>, delivery: &str, paid_by: PaidBy) -> String {
    let charge = opened(db, clerk, delivery).await;
    let receipt = format!("R-{delivery}");
    in_tx!(db, |tx| fee::collect(tx, &clerk, &charge, paid_by, &receipt)).unwrap();
    charge
}

async fn balances(db: &Db) -> BTreeMap<Account, i64> {
    let mut balances = ledger::balances(db, None).await.unwrap();
    balances.retain(|_, cents| *cents != 0);
    balances
}

async fn assert_verified(db: &Db) {
    let report = verify::verify(db).await.unwrap();
    assert_eq!(report.problem, None);
    assert_eq!(report.balances.values().sum::<i64>(), 0);
}

fn refused_in(state: &str) -> impl Fn(&MoneyError) -> bool + '_ {
    move |error| matches!(error, MoneyError::Refused(ChargeRefusal::NotNow(refused)) if refused.state == state)
}

on_both_engines! {
    async fn a_fee_is_due_when_opened_deferred_when_paid_and_earned_when_the_parcel_left(db) {
        let site = phoenix();
        let clerk = clerk(&site, "clerk");
        let charge = opened(&db, clerk, "d1").await;
        assert_eq!(balances(&db).await, [(Account::PatientsReceivable, 4_500), (Account::DeferredFees, -4_500)].into());
        in_tx!(&db, |tx| fee::collect(tx, &clerk, &charge, PaidBy::Check, "1207")).unwrap();
        assert_eq!(balances(&db).await, [(Account::DeskClearing, 4_500), (Account::DeferredFees, -4_500)].into());
        in_tx!(&db, |tx| fee::recognise(tx, &clerk, &charge)).unwrap();
        assert_eq!(balances(&db).await, [(Account::DeskClearing, 4_500), (Account::DeliveryFees, -4_500)].into());
        let transfer = ledger::of_charge(&db, &charge).await.unwrap().remove(0);
        assert_eq!((transfer.accounting_on, transfer.site.as_str()), (date(2026, 11, 24), "main"));
        assert_verified(&db).await;
    }

    async fn saying_the_same_again_changes_nothing(db) {
        let site = phoenix();
        let clerk = clerk(&site, "clerk");
        let charge = paid(&db, clerk, "d1", PaidBy::Cash).await;
        assert_eq!(quoted(&db, clerk, "d1").await.id, charge);
        in_tx!(&db, |tx| fee::open(tx, &clerk, &charge)).unwrap();
        in_tx!(&db, |tx| fee::collect(tx, &clerk, &charge, PaidBy::Cash, "R-d1")).unwrap();
        for _ in 0..2 {
            in_tx!(&db, |tx| fee::recognise(tx, &clerk, &charge)).unwrap();
        }
        assert_eq!(ledger::of_charge(&db, &charge).await.unwrap().len(), 3);
        assert_verified(&db).await;
    }

    async fn a_receipt_serves_for_one_charge(db) {
        let site = phoenix();
        let clerk = clerk(&site, "clerk");
        paid(&db, clerk, "d1", PaidBy::Cash).await;
        let other = opened(&db, clerk, "d2").await;
        let error = in_tx!(&db, |tx| fee::collect(tx, &clerk, &other, PaidBy::Cash, "R-d1")).unwrap_err();
        assert!(matches!(error, MoneyError::KeyReused { .. }), "{error}");
        for receipt in ["", "  ", "a\nb"] {
            let error = in_tx!(&db, |tx| fee::collect(tx, &clerk, &other, PaidBy::Cash, receipt)).unwrap_err();
            assert!(matches!(error, MoneyError::Unfit { .. }), "{error}");
        }
        // Numbers of cards made for testing, which are never kept; and numbers that fail their check.
        for card in ["4111111111111111", "Visa 4111 1111-1111 1111", "0042 378282246310005"] {
            let error = in_tx!(&db, |tx| fee::collect(tx, &clerk, &other, PaidBy::Card, card)).unwrap_err();
            assert!(matches!(error, MoneyError::CardNumber), "{error}");
        }
        for (delivery, receipt) in [("d3", "4111111111111112"), ("d4", "123456782")] {
            let charge = opened(&db, clerk, delivery).await;
            in_tx!(&db, |tx| fee::collect(tx, &clerk, &charge, PaidBy::Card, receipt)).unwrap();
        }
        assert_eq!(charges::get(&db, &other).await.unwrap().unwrap().state.as_str(), "open");
        in_tx!(&db, |tx| fee::collect(tx, &clerk, &other, PaidBy::Check, "R-d1")).unwrap();
    }

    async fn of_two_clerks_who_collect_or_give_back_at_once_one_does(db) {
        let site = phoenix();
        let charge = opened(&db, clerk(&site, "clerk"), "d1").await;
        let race = |repay: bool| {
            let tasks: Vec<_> = ["a", "b", "c", "d"].map(|actor| {
                let (db, site, charge) = (db.clone(), site.clone(), charge.clone());
                tokio::spawn(async move {
                    let clerk = clerk(&site, actor);
                    let receipt = format!("R-{actor}");
                    if repay {
                        in_tx!(&db, |tx| fee::refund_paid(tx, &clerk, &charge, PaidBy::Cash, &receipt))
                    } else {
                        in_tx!(&db, |tx| fee::collect(tx, &clerk, &charge, PaidBy::Cash, &receipt))
                    }
                })
            }).into();
            tasks
        };
        let mut outcomes = Vec::new();
        for task in race(false) {
            outcomes.push(task.await.unwrap());
        }
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        assert!(outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).all(refused_in("paid")));
        in_tx!(&db, |tx| fee::propose(tx, &clerk(&site, "program"), &charge, Refund, "two days late")).unwrap();
        in_tx!(&db, |tx| fee::approve(tx, &clerk(&site, "lead"), &charge, Refund)).unwrap();
        let mut given_back = 0;
        for task in race(true) {
            given_back += i32::from(task.await.unwrap().is_ok());
        }
        assert_eq!(given_back, 1);
        assert_eq!(balances(&db).await, BTreeMap::new(), "collected once, given back once");
        assert_verified(&db).await;
    }

    async fn what_is_let_off_or_given_back_takes_two_people(db) {
        let site = phoenix();
        let (one, other) = (clerk(&site, "one"), clerk(&site, "other"));
        let charge = opened(&db, one, "d1").await;
        let error = in_tx!(&db, |tx| fee::approve(tx, &other, &charge, Waiver)).unwrap_err();
        assert!(matches!(error, MoneyError::NothingProposed));
        in_tx!(&db, |tx| fee::propose(tx, &one, &charge, Waiver, "hardship")).unwrap();
        in_tx!(&db, |tx| fee::propose(tx, &one, &charge, Waiver, "hardship")).unwrap();
        let error = in_tx!(&db, |tx| fee::propose(tx, &other, &charge, Waiver, "me too")).unwrap_err();
        assert!(matches!(error, MoneyError::ProposedAlready));
        let error = in_tx!(&db, |tx| fee::approve(tx, &one, &charge, Waiver)).unwrap_err();
        assert!(matches!(error, MoneyError::Refused(ChargeRefusal::SamePerson)));
        let error = in_tx!(&db, |tx| fee::approve(tx, &other, &charge, Refund)).unwrap_err();
        assert!(matches!(error, MoneyError::NothingProposed));
        in_tx!(&db, |tx| fee::approve(tx, &other, &charge, Waiver)).unwrap();
        in_tx!(&db, |tx| fee::recognise(tx, &one, &charge)).unwrap();
        assert_eq!(balances(&db).await, [(Account::Waivers, 4_500), (Account::DeliveryFees, -4_500)].into());
        let error = in_tx!(&db, |tx| fee::propose(tx, &one, &charge, Refund, "late")).unwrap_err();
        assert!(refused_in("waived")(&error), "nothing was paid");
        assert_verified(&db).await;
    }

    async fn the_database_itself_refuses_an_approval_by_who_proposed_it(db) {
        let site = phoenix();
        let charge = opened(&db, clerk(&site, "one"), "d1").await;
        let proposal = in_tx!(&db, |tx| fee::propose(tx, &clerk(&site, "one"), &charge, Waiver, "hardship")).unwrap();
        in_tx!(&db, |tx| charges::decide(tx, &proposal.id, true, &proposal.proposed_by, 1)).unwrap_err();
        in_tx!(&db, |tx| fee::decline(tx, &clerk(&site, "one"), &charge)).unwrap();
    }

    async fn a_waiver_proposed_for_what_is_paid_meanwhile_is_dropped(db) {
        let site = phoenix();
        let clerk = clerk(&site, "clerk");
        let charge = opened(&db, clerk, "d1").await;
        in_tx!(&db, |tx| fee::propose(tx, &clerk, &charge, Waiver, "hardship")).unwrap();
        in_tx!(&db, |tx| fee::collect(tx, &clerk, &charge, PaidBy::Card, "T-1")).unwrap();
        assert_eq!(charges::proposed(&db, &charge).await.unwrap(), None);
        let request = charges::get(&db, &charge).await.unwrap().unwrap().request;
        let recorded = audit::timeline(&db, &request).await.unwrap();
        assert!(recorded.iter().any(|event| event.action == "charge.proposal_overtaken"), "{recorded:?}");
        in_tx!(&db, |tx| fee::propose(tx, &clerk, &charge, Refund, "late")).unwrap();
        in_tx!(&db, |tx| fee::recognise(tx, &clerk, &charge)).unwrap();
        assert!(charges::proposed(&db, &charge).await.unwrap().is_some(), "a refund still can happen");
    }

    async fn what_the_program_proposed_and_a_person_declined_stays_declined(db) {
        let site = phoenix();
        let charge = paid(&db, clerk(&site, "clerk"), "d1", PaidBy::Cash).await;
        let program = Actor::program("advance_request");
        let program = Clerk { actor: &program, ..clerk(&site, "clerk") };
        in_tx!(&db, |tx| fee::propose(tx, &program, &charge, Refund, "two days late")).unwrap();
        in_tx!(&db, |tx| fee::decline(tx, &clerk(&site, "lead"), &charge)).unwrap();
        in_tx!(&db, |tx| fee::propose(tx, &program, &charge, Refund, "two days late")).unwrap();
        assert_eq!(charges::proposed(&db, &charge).await.unwrap(), None);
        in_tx!(&db, |tx| fee::propose(tx, &clerk(&site, "clerk"), &charge, Refund, "late after all")).unwrap();
        assert!(charges::proposed(&db, &charge).await.unwrap().is_some(), "a person may");
    }

    async fn what_was_not_paid_is_voided_and_what_was_is_given_back(db) {
        let site = phoenix();
        let (one, other) = (clerk(&site, "one"), clerk(&site, "other"));
        let due = opened(&db, one, "d1").await;
        for _ in 0..2 {
            in_tx!(&db, |tx| fee::void(tx, &one, &due, "switched to mail")).unwrap();
        }
        let waived = opened(&db, one, "d2").await;
        in_tx!(&db, |tx| fee::propose(tx, &one, &waived, Waiver, "hardship")).unwrap();
        in_tx!(&db, |tx| fee::approve(tx, &other, &waived, Waiver)).unwrap();
        in_tx!(&db, |tx| fee::void(tx, &one, &waived, "switched to mail")).unwrap();
        let paid = paid(&db, one, "d3", PaidBy::Card).await;
        let error = in_tx!(&db, |tx| fee::void(tx, &one, &paid, "switched to mail")).unwrap_err();
        assert!(refused_in("paid")(&error));
        in_tx!(&db, |tx| fee::propose(tx, &one, &paid, Refund, "switched to mail")).unwrap();
        in_tx!(&db, |tx| fee::approve(tx, &other, &paid, Refund)).unwrap();
        in_tx!(&db, |tx| fee::recognise(tx, &one, &paid)).unwrap();
        assert_eq!(balances(&db).await, [(Account::CardClearing, 4_500), (Account::RefundsPayable, -4_500)].into());
        in_tx!(&db, |tx| fee::refund_paid(tx, &one, &paid, PaidBy::Check, "2001")).unwrap();
        assert_eq!(balances(&db).await, [(Account::CardClearing, 4_500), (Account::Bank, -4_500)].into());
        assert_verified(&db).await;
    }

    async fn a_card_holder_who_takes_the_payment_back_is_right_or_wrong(db) {
        let site = phoenix();
        let clerk = clerk(&site, "clerk");
        let charge = paid(&db, clerk, "d1", PaidBy::Card).await;
        for event in [DisputeEvent::Opened("D-1"), DisputeEvent::Won("D-1"), DisputeEvent::Opened("D-2")] {
            in_tx!(&db, |tx| fee::dispute(tx, &clerk, &charge, event)).unwrap();
        }
        assert_eq!(balances(&db).await, [(Account::DisputesReceivable, 4_500), (Account::DeferredFees, -4_500)].into());
        let foreign = DisputeEvent::Lost("D-3");
        in_tx!(&db, |tx| fee::dispute(tx, &clerk, &charge, foreign)).unwrap_err();
        in_tx!(&db, |tx| fee::dispute(tx, &clerk, &charge, DisputeEvent::Lost("D-2"))).unwrap();
        assert_eq!(balances(&db).await, [(Account::DisputeLosses, 4_500), (Account::DeferredFees, -4_500)].into());
        assert_verified(&db).await;
        in_tx!(&db, |tx| fee::void(tx, &clerk, &charge, "the card holder took the payment back")).unwrap();
        assert_eq!(balances(&db).await, BTreeMap::new(), "what is not sent is neither owed nor lost");
        assert_verified(&db).await;
    }

    async fn no_transfer_is_changed_replaced_or_removed_whatever_is_tried(db) {
        let site = phoenix();
        let clerk = clerk(&site, "clerk");
        paid(&db, clerk, "d1", PaidBy::Cash).await;
        in_tx!(&db, |tx| export::export(tx, &clerk, date(2026, 11, 24))).unwrap();
        let counted = [(PaidBy::Cash, 4_500)];
        in_tx!(&db, |tx| close::close(tx, &clerk, date(2026, 11, 24), &counted, None)).unwrap();
        let replaced = "SELECT id, movement, debit, credit, 1, site, accounting_on, charge, idempotency_key, \
                        payload_sha256, actor, posted_at FROM transfers";
        let mut tries: Vec<String> = ["transfers", "closings", "export_batches", "exported_transfers"]
            .iter()
            .flat_map(|table| [format!("DELETE FROM {table}"), format!("UPDATE {table} SET {} = 'x'", match *table {
                "exported_transfers" => "batch",
                _ => "site",
            })])
            .collect();
        tries.push(format!("INSERT INTO transfers {replaced} WHERE true ON CONFLICT (id) DO UPDATE SET amount_cents = 1"));
        match db.dialect() {
            Dialect::Sqlite => {
                tries.push(format!("REPLACE INTO transfers {replaced}"));
                tries.push(format!("REPLACE INTO transfers {}", replaced.replace("SELECT id", "SELECT 'x'")));
                tries.push("REPLACE INTO closings SELECT site, accounting_on, '[]', NULL, 'x', 1 FROM closings".into());
            }
            Dialect::Postgres => tries.extend(
                ["transfers", "closings", "export_batches", "exported_transfers"].map(|table| format!("TRUNCATE {table} CASCADE")),
            ),
        }
        let before = ledger::after(&db, "", 10).await.unwrap();
        for sql in tries {
            let refused = in_tx!(&db, |tx| tx.execute(crate::store::db::composed(sql.clone()), [])).unwrap_err();
            assert!(refused.to_string().contains("are append-only"), "{sql}: {refused}");
        }
        assert_eq!(ledger::after(&db, "", 10).await.unwrap(), before);
    }

    async fn a_day_is_counted_once_and_what_comes_later_belongs_to_the_next(db) {
        let site = phoenix();
        let clerk = clerk(&site, "clerk");
        let day = date(2026, 11, 24);
        paid(&db, clerk, "d1", PaidBy::Cash).await;
        paid(&db, clerk, "d2", PaidBy::Check).await;
        paid(&db, clerk, "d3", PaidBy::Card).await;
        let short = [(PaidBy::Cash, 4_000), (PaidBy::Check, 4_500), (PaidBy::Card, 4_500)];
        let error = in_tx!(&db, |tx| close::close(tx, &clerk, day, &short, Some(" "))).unwrap_err();
        assert_eq!(error.to_string(), "cash should come to 45.00, 40.00 was counted: count again, or say why");
        let tomorrow = in_tx!(&db, |tx| close::close(tx, &clerk, day.tomorrow().unwrap(), &short, None)).unwrap_err();
        assert!(matches!(tomorrow, MoneyError::NotClosable { .. }));
        let closing = in_tx!(&db, |tx| close::close(tx, &clerk, day, &short, Some("a five is missing"))).unwrap();
        assert_eq!(closing.counts[0].expected_cents() - closing.counts[0].counted_cents, 500);
        let again = in_tx!(&db, |tx| close::close(tx, &clerk, day, &short, None)).unwrap_err();
        assert!(matches!(again, MoneyError::NotClosable { .. }));
        paid(&db, clerk, "d4", PaidBy::Cash).await;
        let next = date(2026, 11, 25);
        assert_eq!(close::first_open_day(&db, &site.id).await.unwrap(), Some(next));
        assert_eq!(billing::overview(&db, &site, day).await.unwrap().to_close, None, "it has not come yet");
        let overview = billing::overview(&db, &site, next).await.unwrap();
        assert_eq!(overview.to_close.unwrap().counts[0].collected_cents, 4_500);
        assert_eq!(books::closings(&db, &site.id, 5).await.unwrap(), [closing]);
    }

    async fn a_day_on_which_more_was_given_back_than_taken_is_counted(db) {
        let site = phoenix();
        let (one, other) = (clerk(&site, "one"), clerk(&site, "other"));
        let before = Clerk { now_ms: at_phoenix(11, 23, 10), ..one };
        let charge = paid(&db, before, "d1", PaidBy::Cash).await;
        let taken = [(PaidBy::Cash, 4_500)];
        in_tx!(&db, |tx| close::close(tx, &one, date(2026, 11, 23), &taken, None)).unwrap();
        in_tx!(&db, |tx| fee::propose(tx, &one, &charge, Refund, "the disc came late")).unwrap();
        in_tx!(&db, |tx| fee::approve(tx, &other, &charge, Refund)).unwrap();
        in_tx!(&db, |tx| fee::refund_paid(tx, &one, &charge, PaidBy::Cash, "2001")).unwrap();
        let given_back = [(PaidBy::Cash, -4_500)];
        in_tx!(&db, |tx| close::close(tx, &one, date(2026, 11, 24), &given_back, None)).unwrap();
    }

    async fn an_earlier_day_is_closed_first(db) {
        let site = phoenix();
        let monday = Clerk { now_ms: at_phoenix(11, 23, 10), ..clerk(&site, "clerk") };
        paid(&db, monday, "d1", PaidBy::Cash).await;
        let tuesday = clerk(&site, "clerk");
        let error = in_tx!(&db, |tx| close::close(tx, &tuesday, date(2026, 11, 24), &[], None)).unwrap_err();
        assert!(matches!(error, MoneyError::CloseFirst(first) if first == date(2026, 11, 23)));
    }

    async fn no_more_is_paid_in_than_was_taken_and_a_slip_serves_once(db) {
        let site = phoenix();
        let clerk = clerk(&site, "clerk");
        paid(&db, clerk, "d1", PaidBy::Cash).await;
        let all = Cents::new(4_500).unwrap();
        let more = Cents::new(4_501).unwrap();
        let error = in_tx!(&db, |tx| close::deposit(tx, &clerk, PaidBy::Cash, more, "B-1")).unwrap_err();
        assert!(matches!(error, MoneyError::NotHeld { held: 4_500 }));
        for _ in 0..2 {
            in_tx!(&db, |tx| close::deposit(tx, &clerk, PaidBy::Cash, all, "B-1")).unwrap();
        }
        assert_eq!(balances(&db).await, [(Account::Bank, 4_500), (Account::DeferredFees, -4_500)].into());
        assert_verified(&db).await;
    }

    async fn a_batch_stays_as_it_was_and_every_transfer_is_in_one(db) {
        let site = phoenix();
        let clerk = clerk(&site, "clerk");
        let charge = opened(&db, clerk, "d1").await;
        let later = Clerk { now_ms: clerk.now_ms + 1, ..clerk };
        in_tx!(&db, |tx| fee::collect(tx, &later, &charge, PaidBy::Check, "=cmd()")).unwrap();
        let day = date(2026, 11, 24);
        let first = in_tx!(&db, |tx| export::export(tx, &clerk, day)).unwrap();
        assert_eq!((first.id.as_str(), first.transfers, first.total_cents), ("GL-MAIN-20261124-01", 2, 9_000));
        let nothing = in_tx!(&db, |tx| export::export(tx, &clerk, day)).unwrap_err();
        assert!(matches!(nothing, MoneyError::NothingToExport));
        in_tx!(&db, |tx| fee::recognise(tx, &clerk, &charge)).unwrap();
        let second = in_tx!(&db, |tx| export::export(tx, &clerk, day)).unwrap();
        assert_eq!((second.id.as_str(), second.transfers), ("GL-MAIN-20261124-02", 1));
        assert_eq!(books::batch(&db, &first.id).await.unwrap().unwrap().content, first.content);
        let lines: Vec<&str> = first.content.split_terminator("\r\n").collect();
        assert_eq!(lines.len(), 5);
        assert!(lines[1].starts_with("GL-MAIN-20261124-01,2026-11-24,2026-11,main,1200,patients_receivable,45.00,,USD,"));
        assert!(lines[4].ends_with(",2,FR-0000-0001,collected_check =cmd()"), "{}", lines[4]);
    }

    async fn a_charge_that_says_what_its_transfers_do_not_is_named(db) {
        let site = phoenix();
        let charge = paid(&db, clerk(&site, "clerk"), "d1", PaidBy::Cash).await;
        in_tx!(&db, |tx| tx.execute("UPDATE charges SET state = 'open', facts = '{\"state\":\"open\"}'", [])).unwrap();
        let problem = verify::verify(&db).await.unwrap().problem.unwrap();
        assert_eq!(problem.about, format!("charge {charge} (FR-0000-0001)"));
        assert_eq!(
            problem.what,
            "it is open, so its transfers should leave 45.00 in patients_receivable, -45.00 in deferred_fees; \
             they leave 45.00 in desk_clearing, -45.00 in deferred_fees"
        );
    }

    async fn another_site_s_charge_is_not_touched(db) {
        let site = phoenix();
        let charge = opened(&db, clerk(&site, "clerk"), "d1").await;
        let elsewhere = Site { id: "north".into(), ..phoenix() };
        let error = in_tx!(&db, |tx| fee::collect(tx, &clerk(&elsewhere, "clerk"), &charge, PaidBy::Cash, "R")).unwrap_err();
        assert!(matches!(error, MoneyError::OtherSite(_)));
        assert!(matches!(
            in_tx!(&db, |tx| fee::open(tx, &clerk(&site, "clerk"), "none")).unwrap_err(),
            MoneyError::Store(StoreError::Missing { .. })
        ));
    }

    async fn whatever_clerks_try_charges_and_ledger_agree(db) {
        let site = phoenix();
        for seed in 0..6 {
            let dice = SeededChance::new(seed);
            let roll = move |sides: u64| usize::try_from(dice.next_u64() % sides).unwrap();
            let ids = [format!("{seed}-1"), format!("{seed}-2")];
            let clerks = [clerk(&site, "one"), clerk(&site, "other")];
            let mut charges = Vec::new();
            for delivery in &ids {
                charges.push(quoted(&db, clerks[0], delivery).await.id);
            }
            for step in 0..40 {
                let (charge, clerk) = (&charges[roll(2)], &clerks[roll(2)]);
                let paid_by = PaidBy::ALL[roll(3)];
                let receipt = format!("R-{seed}-{}", step / 2);
                let what = roll(12);
                let outcome = in_tx!(&db, |tx| async {
                    match what {
                        0 => fee::open(tx, clerk, charge).await.map(drop),
                        1 => fee::collect(tx, clerk, charge, paid_by, &receipt).await.map(drop),
                        2 => fee::propose(tx, clerk, charge, Waiver, "x").await.map(drop),
                        3 => fee::approve(tx, clerk, charge, Waiver).await.map(drop),
                        4 => fee::propose(tx, clerk, charge, Refund, "x").await.map(drop),
                        5 => fee::approve(tx, clerk, charge, Refund).await.map(drop),
                        6 => fee::refund_paid(tx, clerk, charge, paid_by, &receipt).await.map(drop),
                        7 => fee::recognise(tx, clerk, charge).await.map(drop),
                        8 => fee::dispute(tx, clerk, charge, DisputeEvent::Opened("D")).await.map(drop),
                        9 => fee::dispute(tx, clerk, charge, DisputeEvent::Won("D")).await.map(drop),
                        10 => fee::decline(tx, clerk, charge).await,
                        _ if step > 30 => fee::void(tx, clerk, charge, "x").await.map(drop),
                        _ => fee::open(tx, clerk, charge).await.map(drop),
                    }
                });
                drop(outcome);
            }
            assert_verified(&db).await;
        }
    }
}
