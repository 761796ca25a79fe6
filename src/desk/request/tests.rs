use super::*;
use crate::desk::overview::{WaitsFor, overview};
use crate::desk::{Means, SignedIn, Who};
use crate::model::delivery::{CodeForm, CodeRoute, DiscForm};
use crate::model::request::{
    ApprovalRefused, Basis, Capacity, Expiry, GivenPatient, Ground, IdentitySeen, Received, ReceivedBy,
    Requester, Standing,
};
use crate::model::{ArrivedInstance, DeliveryState, Destination, Role};
use crate::store::contract::desk::{by_mail, user};
use crate::store::contract::samples::{image, index_study};
use crate::store::contract::{in_tx, on_both_engines};
use crate::store::db::Db;
use crate::store::{audit, deliveries, users};
use imaging::chance::OsChance;
use jiff::civil::{Date, date};

const TODAY: Date = date(2026, 3, 20);
const ACCESS: Basis = Basis::PatientAccess { representation: None };

fn acting(who: &Who) -> Acting<'_> {
    Acting { who, now_ms: 9_000, today: TODAY, chance: &OsChance }
}

/// A clerk who is in the users' table.
pub(crate) async fn clerk(db: &Db) -> Who {
    let clerk = user("ann", &[Role::Release]);
    in_tx!(db, |tx| users::add(tx, &clerk)).unwrap();
    Who::Staff(SignedIn { user: clerk, by: Means::CommandLine })
}

fn new_request() -> NewRequest {
    NewRequest {
        id: None,
        site: "main".into(),
        received: Received { on: date(2026, 3, 15), by: ReceivedBy::Mail },
        requester: Requester {
            name: " Jane Doe ".into(),
            capacity: Capacity::Patient,
            email: Some("jane@example.org".into()),
            phone: None,
        },
        patient: GivenPatient { name: "Jane Doe".into(), birth_date: date(1970, 1, 2), patient_id: None },
        wish: "my CT".into(),
        language: "en".into(),
    }
}

fn by_desk() -> CheckedDelivery {
    free(Destination::Desk { disc: DiscForm::Sealed { code: CodeForm::Words } }).unwrap()
}

/// A delivery for which no carrier is asked.
fn free(destination: Destination) -> Result<CheckedDelivery, DeskError> {
    let new = NewDelivery { destination, ..to(by_mail()) }.tidied()?;
    Ok(CheckedDelivery { new, overruled: Json::Null })
}

fn to(destination: Destination) -> NewDelivery {
    NewDelivery {
        recipient: "Jane Doe".into(),
        destination,
        code_route: CodeRoute::InPerson,
        address_reason: None,
    }
}

async fn submitted(db: &Db, who: &Who) -> String {
    in_tx!(db, |tx| submit(tx, &acting(who), new_request())).unwrap().id
}

/// Chooses a study and looks at its patient.
async fn choose(
    db: &Db,
    who: &Who,
    id: &str,
    study: &str,
    acknowledged: Option<&str>,
) -> Result<(), DeskError> {
    in_tx!(db, |tx| choose_study(tx, &acting(who), id, study, Standing::Released)).unwrap();
    let fingerprint = fingerprint(db, id, study).await;
    in_tx!(db, |tx| check_patient(tx, &acting(who), id, study, &fingerprint, acknowledged))
}

async fn fingerprint(db: &Db, id: &str, study: &str) -> String {
    let seen = overview(db, id, TODAY).await.unwrap().studies;
    seen.iter().find(|compared| compared.study.id == study).unwrap().check.fingerprint()
}

async fn waits_for(db: &Db, id: &str) -> WaitsFor {
    overview(db, id, TODAY).await.unwrap().waits_for
}

async fn advances(db: &Db) -> i64 {
    let sql = "SELECT count(*) FROM jobs WHERE kind = 'advance_request' AND state = 'ready'";
    db.fetch_one(sql, []).await.unwrap().i64(0).unwrap()
}

/// A request approved for the study of Jane Doe.
pub(crate) async fn approved(db: &Db, who: &Who) -> String {
    let study = index_study(db, &[image("4711", "DOE^JANE", "1.2.3", 1)]).await;
    let id = submitted(db, who).await;
    in_tx!(db, |tx| verify_identity(tx, &acting(who), &id, IdentitySeen::PhotoId)).unwrap();
    choose(db, who, &id, &study, None).await.unwrap();
    in_tx!(db, |tx| approve(tx, &acting(who), &id, ACCESS)).unwrap();
    id
}

on_both_engines! {
    async fn a_request_goes_from_its_letter_to_its_last_delivery_and_always_says_what_it_waits_for(db) {
        let ann = clerk(&db).await;
        let program = Who::Program("advance_request");
        let study = index_study(&db, &[image("4711", "DOE^JANE", "1.2.3", 1)]).await;
        let id = submitted(&db, &ann).await;
        assert_eq!(waits_for(&db, &id).await, WaitsFor::Identity);
        in_tx!(db, |tx| need_information(tx, &acting(&ann), &id, "which knee?")).unwrap();
        assert_eq!(waits_for(&db, &id).await, WaitsFor::Information);
        in_tx!(db, |tx| take_information(tx, &acting(&ann), &id)).unwrap();
        in_tx!(db, |tx| verify_identity(tx, &acting(&ann), &id, IdentitySeen::PhotoId)).unwrap();
        assert_eq!(waits_for(&db, &id).await, WaitsFor::Studies);
        in_tx!(db, |tx| choose_study(tx, &acting(&ann), &id, &study, Standing::Released)).unwrap();
        assert_eq!(waits_for(&db, &id).await, WaitsFor::PatientCheck);
        choose(&db, &ann, &id, &study, None).await.unwrap();
        assert_eq!(waits_for(&db, &id).await, WaitsFor::Decision);
        assert_eq!(advances(&db).await, 0);
        in_tx!(db, |tx| approve(tx, &acting(&ann), &id, ACCESS)).unwrap();
        assert_eq!((waits_for(&db, &id).await, advances(&db).await), (WaitsFor::DeliveryChoice, 1));
        let chosen = in_tx!(db, |tx| choose_delivery(tx, &acting(&ann), &id, by_desk())).unwrap();
        assert_eq!(waits_for(&db, &id).await, WaitsFor::CodeRoute);
        let again = in_tx!(db, |tx| choose_delivery(tx, &acting(&ann), &id, by_desk())).unwrap();
        assert_eq!(again, chosen, "a form sent twice makes no second disc");
        in_tx!(db, |tx| confirm_code_route(tx, &acting(&ann), &chosen.id)).unwrap();
        assert_eq!(waits_for(&db, &id).await, WaitsFor::Package);
        in_tx!(db, |tx| advance(tx, &acting(&program), &id, RequestStep::Begin)).unwrap();
        for step in [DeliveryStep::MakeReady, DeliveryStep::Begin, DeliveryStep::Finish] {
            in_tx!(db, |tx| advance_delivery(tx, &acting(&program), &chosen.id, step)).unwrap();
        }
        in_tx!(db, |tx| advance(tx, &acting(&program), &id, RequestStep::Fulfill)).unwrap();
        assert_eq!(waits_for(&db, &id).await, WaitsFor::Nothing);
        let timeline = overview(&db, &id, TODAY).await.unwrap().timeline;
        let story: Vec<&str> = timeline.iter().map(|happening| happening.event.action.as_str()).collect();
        assert_eq!(story, [
            "request.submitted", "request.information_needed", "request.information_came",
            "request.identity_verified", "request.study_chosen", "request.study_chosen",
            "request.patient_checked", "request.approved", "delivery.chosen",
            "delivery.code_route_confirmed", "request.fulfilling", "delivery.ready", "delivery.begun",
            "delivery.done", "request.fulfilled",
        ]);
        assert_eq!(timeline[0].by.as_deref(), Some("ann of the desk"));
        assert_eq!(timeline[14].by, None);
    }

    async fn no_image_of_another_patient_is_approved_until_somebody_says_why_it_is_theirs(db) {
        let ann = clerk(&db).await;
        let twin = index_study(&db, &[image("4712", "DOE^JOHN", "1.2.4", 1)]).await;
        let id = submitted(&db, &ann).await;
        in_tx!(db, |tx| verify_identity(tx, &acting(&ann), &id, IdentitySeen::PhotoId)).unwrap();
        let unexplained = choose(&db, &ann, &id, &twin, None).await;
        assert!(matches!(unexplained, Err(DeskError::Invalid { field: "acknowledged", .. })));
        let unseen = in_tx!(db, |tx| approve(tx, &acting(&ann), &id, ACCESS));
        assert!(matches!(unseen, Err(DeskError::Approval(ApprovalRefused::NotChecked { studies: 1 }))));
        let stale = in_tx!(db, |tx| check_patient(tx, &acting(&ann), &id, &twin, "another", Some("x")));
        assert!(matches!(stale, Err(DeskError::Stale)));
        choose(&db, &ann, &id, &twin, Some("legal name before 2020, seen on the licence")).await.unwrap();
        in_tx!(db, |tx| approve(tx, &acting(&ann), &id, ACCESS)).unwrap();
        let late = in_tx!(db, |tx| choose_study(tx, &acting(&ann), &id, &twin, Standing::Released));
        assert!(matches!(late, Err(DeskError::Refused(_))), "an approved scope stays as it was approved");
    }

    async fn a_look_at_the_patient_counts_no_more_when_a_second_name_turns_up(db) {
        let ann = clerk(&db).await;
        let study = index_study(&db, &[image("4711", "DOE^JANE", "1.2.3", 1)]).await;
        let id = submitted(&db, &ann).await;
        in_tx!(db, |tx| verify_identity(tx, &acting(&ann), &id, IdentitySeen::PhotoId)).unwrap();
        choose(&db, &ann, &id, &study, None).await.unwrap();
        index_study(&db, &[image("4711", "ROE^MARY", "1.2.3", 2)]).await;
        let refused = in_tx!(db, |tx| approve(tx, &acting(&ann), &id, ACCESS));
        assert!(matches!(refused, Err(DeskError::Approval(ApprovalRefused::NotChecked { .. }))), "{refused:?}");
    }

    async fn mammograms_shorten_the_time_and_taking_them_out_restores_it(db) {
        let ann = clerk(&db).await;
        let mammogram = || {
            let mut image = image("4711", "DOE^JANE", "1.2.5", 1);
            image.series.modality = "MG".into();
            ArrivedInstance { ..image }
        };
        let study = index_study(&db, &[mammogram()]).await;
        let id = submitted(&db, &ann).await;
        let due = async || overview(&db, &id, TODAY).await.unwrap().request.deadlines().due_on;
        in_tx!(db, |tx| choose_study(tx, &acting(&ann), &id, &study, Standing::Released)).unwrap();
        assert_eq!(due().await, date(2026, 3, 30));
        in_tx!(db, |tx| drop_study(tx, &acting(&ann), &id, &study)).unwrap();
        assert_eq!(due().await, date(2026, 4, 14));
        let told = overview(&db, &id, TODAY).await.unwrap().timeline.into_iter();
        let told: Vec<_> = told.filter(|told| told.event.action == "request.due_date_changed").collect();
        let detail = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        let days: Vec<_> = told.iter().map(|told| detail(&told.event.detail)["due_on"].clone()).collect();
        assert_eq!(days, ["2026-03-30", "2026-04-14"]);
        in_tx!(db, |tx| extend(tx, &acting(&ann), &id, date(2026, 5, 1), "films off site")).unwrap();
        assert_eq!(due().await, date(2026, 5, 1));
        let earlier = || Received { on: date(2026, 3, 10), by: ReceivedBy::Mail };
        assert!(in_tx!(db, |tx| change_received(tx, &acting(&ann), &id, earlier(), " ")).is_err());
        in_tx!(db, |tx| change_received(tx, &acting(&ann), &id, earlier(), "the postmark says the 10th")).unwrap();
        assert_eq!(overview(&db, &id, TODAY).await.unwrap().request.received, earlier());
    }

    async fn what_ends_a_request_cancels_its_open_deliveries_and_it_can_be_taken_up_again(db) {
        let ann = clerk(&db).await;
        let id = approved(&db, &ann).await;
        let chosen = in_tx!(db, |tx| choose_delivery(tx, &acting(&ann), &id, by_desk())).unwrap();
        let recipient = Who::Recipient("g1".into());
        in_tx!(db, |tx| withdraw(tx, &acting(&recipient), &id, "I found them")).unwrap();
        let state = deliveries::get(&db, &chosen.id).await.unwrap().unwrap().state;
        assert!(matches!(state, DeliveryState::Cancelled { .. }));
        let late = in_tx!(db, |tx| choose_delivery(tx, &acting(&ann), &id, by_desk()));
        assert!(matches!(late, Err(DeskError::Refused(_))));
        let reopened = in_tx!(db, |tx| reopen(tx, &acting(&ann), &id, "they were incomplete")).unwrap();
        assert_eq!(reopened.state.as_str(), "reopened");
        let twin = overview(&db, &submitted(&db, &ann).await, TODAY).await.unwrap().request;
        in_tx!(db, |tx| close_as_duplicate(tx, &acting(&ann), &id, &twin.reference)).unwrap();
        let own = in_tx!(db, |tx| close_as_duplicate(tx, &acting(&ann), &twin.id, &twin.reference));
        assert!(matches!(own, Err(DeskError::NotFound { .. })));
        in_tx!(db, |tx| deny(tx, &acting(&ann), &twin.id, Ground::NotEntitled, "no proof")).unwrap();
        assert!(in_tx!(db, |tx| find_no_records(tx, &acting(&ann), &twin.id, "all", "there")).is_err());
    }

    async fn a_delivery_is_switched_for_another_that_begins_from_the_start(db) {
        let ann = clerk(&db).await;
        let id = approved(&db, &ann).await;
        let first = in_tx!(db, |tx| choose_delivery(tx, &acting(&ann), &id, by_desk())).unwrap();
        let mail = || free(by_mail()).unwrap();
        let second = in_tx!(db, |tx| switch_delivery(tx, &acting(&ann), &first.id, mail())).unwrap();
        let state = deliveries::get(&db, &first.id).await.unwrap().unwrap().state;
        assert_eq!(state, DeliveryState::Switched { to: second.id.clone() });
        assert!(in_tx!(db, |tx| switch_delivery(tx, &acting(&ann), &first.id, mail())).is_err());
        in_tx!(db, |tx| cancel_delivery(tx, &acting(&ann), &second.id, "moved away")).unwrap();
        assert_eq!(waits_for(&db, &id).await, WaitsFor::DeliveryChoice);
        let nowhere = free(Destination::link(Some("jane".into())));
        assert!(matches!(nowhere, Err(DeskError::Invalid { field: "email", .. })));
    }

    async fn a_plain_disc_is_chosen_with_its_warning_and_has_no_code_to_send(db) {
        let ann = clerk(&db).await;
        let id = approved(&db, &ann).await;
        let plain = |warning: &str| Destination::Desk { disc: DiscForm::Plain { warning: warning.into() } };
        let tidied = |destination, code_route| NewDelivery { code_route, ..to(destination) }.tidied();
        let field = |refused: Result<NewDelivery, DeskError>| match refused {
            Err(DeskError::Invalid { field, .. }) => field,
            other => panic!("{other:?}"),
        };
        assert_eq!(field(tidied(plain("  "), CodeRoute::NoCode)), "warning");
        assert_eq!(field(tidied(plain("anyone can see it"), CodeRoute::InPerson)), "code_route");
        for with_code in [Destination::link(None), by_mail()] {
            assert_eq!(field(tidied(with_code, CodeRoute::NoCode)), "code_route");
        }
        let new = tidied(plain("anyone can see it"), CodeRoute::NoCode).unwrap();
        let checked = CheckedDelivery { new, overruled: Json::Null };
        let chosen = in_tx!(db, |tx| choose_delivery(tx, &acting(&ann), &id, checked)).unwrap();
        assert_eq!(waits_for(&db, &id).await, WaitsFor::Package, "no route is to be confirmed");
        let kept = deliveries::get(&db, &chosen.id).await.unwrap().unwrap();
        assert_eq!((&kept.destination, &kept.code_route), (&plain("anyone can see it"), &CodeRoute::NoCode));
        let confirmed = in_tx!(db, |tx| confirm_code_route(tx, &acting(&ann), &chosen.id));
        assert!(matches!(confirmed, Err(DeskError::Invalid { field: "code_route", .. })));
        let timeline = audit::timeline(&db, &id).await.unwrap();
        assert!(timeline.iter().any(|event| event.detail.to_string().contains("anyone can see it")), "{timeline:?}");
    }

    async fn nobody_does_what_is_not_theirs_to_do_and_nothing_is_written(db) {
        let ann = clerk(&db).await;
        let id = submitted(&db, &ann).await;
        let burner = Who::Staff(SignedIn { user: user("bea", &[Role::Burn]), by: Means::CommandLine });
        for who in [&burner, &Who::Anyone, &Who::Recipient("g1".into()), &Who::Program("job")] {
            let acting = acting(who);
            let refused = in_tx!(db, |tx| verify_identity(tx, &acting, &id, IdentitySeen::PhotoId));
            assert!(matches!(refused, Err(DeskError::NotPermitted(_))), "{who:?}");
            let refused = in_tx!(db, |tx| approve(tx, &acting, &id, ACCESS));
            assert!(matches!(refused, Err(DeskError::NotPermitted(_))), "{who:?}");
        }
        assert_eq!(audit::timeline(&db, &id).await.unwrap().len(), 1);
        let backdated = in_tx!(db, |tx| submit(tx, &acting(&Who::Anyone), new_request()));
        assert!(matches!(backdated, Err(DeskError::Invalid { field: "received_on", .. })));
        let online = NewRequest { received: Received { on: TODAY, by: ReceivedBy::Online }, ..new_request() };
        in_tx!(db, |tx| submit(tx, &acting(&Who::Anyone), online.clone())).unwrap();
        assert!(in_tx!(db, |tx| submit(tx, &acting(&burner), online.clone())).is_err());
    }

    async fn an_expired_authorization_releases_nothing(db) {
        let ann = clerk(&db).await;
        let study = index_study(&db, &[image("4711", "DOE^JANE", "1.2.3", 1)]).await;
        let id = submitted(&db, &ann).await;
        in_tx!(db, |tx| verify_identity(tx, &acting(&ann), &id, IdentitySeen::Signature)).unwrap();
        choose(&db, &ann, &id, &study, None).await.unwrap();
        let until = |day| Basis::Authorization {
            recipient: "Law office".into(), purpose: "a claim".into(), expires: Expiry::On { day }, signed_on: date(2026, 1, 5),
        };
        let refused = in_tx!(db, |tx| approve(tx, &acting(&ann), &id, until(date(2026, 3, 19))));
        assert!(matches!(refused, Err(DeskError::Approval(ApprovalRefused::NotValidToday { .. }))));
        in_tx!(db, |tx| approve(tx, &acting(&ann), &id, until(TODAY))).unwrap();
    }

    async fn of_two_clerks_who_decide_at_once_one_is_told_to_look_again(db) {
        let ann = clerk(&db).await;
        let id = submitted(&db, &ann).await;
        let decide = |words: &'static str| {
            let (db, ann, id) = (db.clone(), ann.clone(), id.clone());
            tokio::spawn(async move {
                in_tx!(db, |tx| deny(tx, &acting(&ann), &id, Ground::NotEntitled, words)).is_ok()
            })
        };
        let (one, other) = (decide("one"), decide("other"));
        assert!(one.await.unwrap() ^ other.await.unwrap());
        let denials = audit::timeline(&db, &id).await.unwrap();
        assert_eq!(denials.iter().filter(|event| event.action == "request.denied").count(), 1);
    }
}
