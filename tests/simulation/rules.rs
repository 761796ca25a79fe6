//! What must hold of the rows at every moment, and what at the end.

use crate::house::House;
use filmroom::audit;
use filmroom::model::Account;
use filmroom::money::verify;

const FEE_CENTS: i64 = 4_500;

/// Whatever has left the house.
const LEFT: &str = "('tendered', 'in_transit', 'exception', 'delivered', 'returned')";

impl House {
    /// Nothing is there twice, and nothing left that should not have.
    pub fn assert_safe(&self) {
        let rows = self.runtime.block_on(self.db.fetch_all(broken_rules(), [])).unwrap();
        let broken: Vec<String> =
            rows.iter().map(|row| format!("{}: {}", row.text(0).unwrap(), row.text(1).unwrap())).collect();
        assert!(broken.is_empty(), "{broken:?}");
    }

    /// The books agree with what happened, and the audit chain with itself.
    pub async fn assert_in_order(&self) {
        self.library(self.db.clone()).sealer().work(&mut None).await.unwrap();
        let heads = self.library(self.db.clone()).sealer().folder;
        let verified = audit::verify(&self.db, Some(&heads)).await.unwrap();
        assert!(verified.unsealed == 0 && verified.events > 20, "{verified:?}");
        let ledger = verify::verify(&self.db).await.unwrap();
        assert_eq!(ledger.problem, None);
        let count = async |sql: &'static str| self.db.fetch_one(sql, []).await.unwrap().i64(0).unwrap();
        let collected = count("SELECT COUNT(*) FROM charges WHERE state IN ('paid', 'refunded')").await;
        let given_back = count("SELECT COUNT(*) FROM charges WHERE state = 'refunded'").await;
        let held = |account| ledger.balances.get(&account).copied().unwrap_or_default();
        let taken = held(Account::CardClearing) + held(Account::DeskClearing);
        assert_eq!(taken, FEE_CENTS * (collected - given_back), "{ledger:?}");
        for settled in [Account::PatientsReceivable, Account::RefundsPayable, Account::DeferredFees] {
            assert_eq!(held(settled), 0, "{settled:?}: {ledger:?}");
        }
        assert_eq!(ledger.balances.values().sum::<i64>(), 0);
    }
}

/// Each breach by name, with what it is about.
fn broken_rules() -> filmroom::store::db::SqlStr {
    let rules = [
        (
            "two live labels",
            "a.shipment FROM label_attempts a JOIN sandbox_parcels p ON p.customer_reference = a.customer_reference \
             WHERE p.cancelled_at IS NULL GROUP BY a.shipment HAVING COUNT(*) > 1"
                .to_owned(),
        ),
        (
            "a label nobody asked for",
            "p.tracking_number FROM sandbox_parcels p WHERE NOT EXISTS (SELECT 1 FROM label_attempts a \
             WHERE a.customer_reference = p.customer_reference)"
                .to_owned(),
        ),
        (
            "left with a label that was given back",
            format!(
                "s.id FROM shipments s WHERE s.state IN {LEFT} AND NOT EXISTS (SELECT 1 FROM label_attempts a \
                 JOIN sandbox_parcels p ON p.tracking_number = a.tracking_number \
                 WHERE a.shipment = s.id AND a.state = 'made' AND p.cancelled_at IS NULL)"
            ),
        ),
        (
            "money moved twice",
            "charge FROM transfers WHERE charge IS NOT NULL GROUP BY charge, movement HAVING COUNT(*) > 1".to_owned(),
        ),
        (
            "two charges for a delivery",
            "delivery FROM charges GROUP BY delivery HAVING COUNT(*) > 1".to_owned(),
        ),
        (
            "left before its code had a route, its discs were packed or its disclosure on record",
            format!(
                "s.id FROM shipments s JOIN deliveries d ON d.id = s.delivery WHERE s.state IN {LEFT} AND \
                 (d.code_route_confirmed_at IS NULL \
                 OR NOT EXISTS (SELECT 1 FROM disc_sets t WHERE t.delivery = s.delivery AND t.state = 'packed') \
                 OR (SELECT COUNT(*) FROM disclosures o WHERE o.session = s.id AND o.state = 'handed_over') <> 1)"
            ),
        ),
        (
            "collected before it was tendered",
            format!(
                "p.tracking_number FROM sandbox_parcels p WHERE p.collected_at IS NOT NULL AND NOT EXISTS \
                 (SELECT 1 FROM label_attempts a JOIN shipments s ON s.id = a.shipment \
                 WHERE a.tracking_number = p.tracking_number AND s.state IN {LEFT})"
            ),
        ),
        (
            "two packed discs for one place",
            "disc_set FROM discs WHERE state = 'packed' GROUP BY disc_set, place HAVING COUNT(*) > 1".to_owned(),
        ),
        (
            "packed without having been verified",
            "d.id FROM discs d WHERE d.state = 'packed' AND NOT EXISTS (SELECT 1 FROM burn_attempts a \
             WHERE a.disc = d.id AND a.number = d.attempts AND a.begun_at IS NOT NULL AND a.outcome = 'verified')"
                .to_owned(),
        ),
    ];
    let each = rules.map(|(name, about)| format!("SELECT * FROM (SELECT '{name}', {about})"));
    filmroom::store::db::composed(each.join(" UNION ALL "))
}
