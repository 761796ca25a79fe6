//! What must not leave, what the carrier refuses, and what came back.

use super::*;
use std::collections::HashSet;

on_both_engines! {
    async fn what_was_packed_for_a_delivery_that_is_over_does_not_leave_and_is_taken_apart(db) {
        let desk = Desk::new(&db).await;
        let db = desk.db().clone();
        let parcel = desk.ready(&["1 Main St"]).await;
        let to = By::Mail(recipient(&["1 Main St"]));
        let letter = in_tx!(&db, |tx| shipment::create(tx, desk.now(), wanted("d2"), to)).unwrap().id;
        in_tx!(&db, |tx| deliveries::confirm_code_route(tx, "d2", 1)).unwrap();
        desk.work().await;
        let early = in_tx!(&db, |tx| shipment::take_apart(tx, desk.now(), &letter));
        assert!(matches!(early, Err(ShipmentError::StillWanted)), "{early:?}");
        for id in ["d1", "d2"] {
            let state = deliveries::get(&db, id).await.unwrap().unwrap().state;
            let over = DeliveryState::Cancelled { reason: "never mind".into() };
            in_tx!(&db, |tx| deliveries::change_state(tx, id, &state, &over, 5)).unwrap();
        }
        let left = [
            in_tx!(&db, |tx| shipment::tender(tx, desk.now(), &parcel)),
            in_tx!(&db, |tx| shipment::mail(tx, desk.now(), &letter)),
        ];
        assert!(left.iter().all(|left| matches!(left, Err(ShipmentError::Over))), "{left:?}");
        assert!(disclosures::of_request(&db, "r1").await.unwrap().is_empty());
        let board = board::board(&db, &phoenix()).await.unwrap();
        let apart: HashSet<String> = board.to_take_apart.into_iter().map(|line| line.id).collect();
        assert_eq!(apart, [parcel.clone(), letter.clone()].into());
        assert!(board.to_tender.is_empty() && board.to_send.is_empty());
        let labelled = in_tx!(&db, |tx| shipment::take_apart(tx, desk.now(), &parcel));
        assert!(matches!(labelled, Err(ShipmentError::Refused(_))), "the label first: {labelled:?}");
        in_tx!(&db, |tx| label::give_back(tx, desk.now(), &parcel, "cancelled")).unwrap();
        desk.work().await;
        assert_eq!(desk.live_labels().await, 0);
        for id in [&parcel, &letter] {
            in_tx!(&db, |tx| shipment::take_apart(tx, desk.now(), id)).unwrap();
            assert_eq!(desk.state(id).await, "cancelled");
        }
        assert!(board::board(&db, &phoenix()).await.unwrap().to_take_apart.is_empty());
    }

    async fn a_parcel_the_carrier_has_is_on_record_though_its_label_was_to_go_back(db) {
        let desk = Desk::new(&db).await;
        let db = desk.db().clone();
        let id = desk.ready(&["1 Main St"]).await;
        desk.work().await;
        let number = board::story(&db, &id).await.unwrap().unwrap().line.tracking_number.unwrap();
        // The carrier is asked about it, and so took it.
        desk.parcels.carrier.track(&number).await.unwrap();
        in_tx!(&db, |tx| label::give_back(tx, desk.now(), &id, "cancelled")).unwrap();
        desk.work().await;
        assert_eq!(desk.state(&id).await, "in_transit");
        assert_eq!(disclosures::of_request(&db, "r1").await.unwrap().len(), 1);
    }

    async fn a_refused_label_is_shown_with_its_reason_and_what_came_back_until_it_is_made_again(db) {
        let desk = Desk::new(&db).await;
        let db = desk.db().clone();
        let refused = desk.ready(&["1 Main St", "SANDBOX REFUSED"]).await;
        desk.work().await;
        let stopped = board::board(&db, &phoenix()).await.unwrap().stopped;
        let stopped: Vec<_> = stopped.iter().map(|line| (line.id.as_str(), line.problem.as_deref())).collect();
        assert_eq!(stopped, [(refused.as_str(), Some("the address is not known"))]);
        in_tx!(&db, |tx| shipment::cancel(tx, desk.now(), &refused, "by mail instead")).unwrap();
        assert!(desk.left_for_a_person().await.is_empty(), "nobody is to look at it any more");
        let by = By::Mail(recipient(&["1 Main St"]));
        let letter = in_tx!(&db, |tx| shipment::create(tx, desk.now(), wanted("d2"), by)).unwrap().id;
        let state = deliveries::get(&db, "d2").await.unwrap().unwrap().state;
        in_tx!(&db, |tx| async {
            deliveries::change_state(tx, "d2", &state, &DeliveryState::UnderWay, 5).await?;
            deliveries::confirm_code_route(tx, "d2", 6).await?;
            shipment::mail(tx, desk.now(), &letter).await?;
            shipment::returned(tx, desk.now(), &letter).await
        }).unwrap();
        let stopped = async || board::board(&db, &phoenix()).await.unwrap().stopped;
        assert_eq!(stopped().await.iter().map(|line| line.state).collect::<Vec<_>>(), ["returned"]);
        desk.clock.advance(1);
        let again = in_tx!(&db, |tx| shipment::make_again(tx, desk.now(), &letter)).unwrap();
        assert!(stopped().await.is_empty());
        in_tx!(&db, |tx| deliveries::confirm_code_route(tx, "d2", 7)).unwrap();
        let empty = in_tx!(&db, |tx| shipment::mail(tx, desk.now(), &again.id));
        assert!(matches!(empty, Err(ShipmentError::NotPacked)), "new discs are made first: {empty:?}");
    }

    async fn a_person_can_say_how_an_attempt_went(db) {
        let desk = Desk::new(&db).await;
        let db = desk.db().clone();
        let id = desk.ready(&["1 Main St", "SANDBOX NO ANSWER"]).await;
        desk.work().await;
        let attempt = shipments::attempts(&db, &id).await.unwrap().remove(0);
        let label = crate::model::shipment::Label {
            attempt: attempt.id.clone(),
            tracking_number: "794791341818".into(),
            service: Service::TwoDay,
            ship_on: date(2026, 11, 23),
            arrives_on: date(2026, 11, 25),
        };
        let wrong = crate::model::shipment::Label { tracking_number: "794791341819".into(), ..label.clone() };
        let found = Found::Made(&wrong);
        in_tx!(&db, |tx| label::resolve(tx, desk.now(), &id, &attempt.id, found, "a slip of the pen")).unwrap_err();
        let found = Found::Made(&label);
        in_tx!(&db, |tx| label::resolve(tx, desk.now(), &id, &attempt.id, found, "printed at fedex.com")).unwrap();
        assert_eq!(desk.state(&id).await, "labelled");
        assert!(desk.left_for_a_person().await.is_empty());
        desk.work_for(1).await;
        assert_eq!(desk.live_labels().await, 1, "what is known is not looked up, let alone given back");
    }
}
