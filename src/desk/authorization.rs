//! The one policy: who may do what.

use super::acting::Who;
use crate::model::Role;

macro_rules! actions {
    ($($(#[doc = $doc:literal])* $name:ident = $word:literal: [$($role:ident)*],)*) => {
        /// Something that not everyone may do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Action { $($(#[doc = $doc])* $name,)* }

        impl Action {
            /// Every action, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// What it is called in the table and in refusals.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The roles that may.
            fn roles(self) -> &'static [Role] {
                match self { $(Self::$name => &[$(Role::$role),*],)* }
            }
        }
    };
}

// Money is not touched by who approves a release, nor discs by who collects for them; an administrator, who
// can give anyone any role, has none of these rights and leaves a trace when taking one.
actions! {
    /// Enter a request for somebody.
    SubmitRequest = "submit a request": [Release],
    /// Look at requests and their deliveries.
    SeeRequests = "see requests": [Release Burn Billing Auditor],
    /// Search the library's studies.
    SearchStudies = "search studies": [Release Auditor],
    /// Say who the requester is.
    VerifyIdentity = "verify identity": [Release],
    /// Choose a request's studies and compare their patients.
    ChooseStudies = "choose studies": [Release],
    /// Approve, deny, close or reopen a request, ask for more, extend its date.
    DecideRequest = "decide a request": [Release],
    /// Take a request back in the requester's name.
    WithdrawRequest = "withdraw a request": [Release],
    /// Choose, switch or cancel a delivery, confirm how its code gets there.
    ChooseDelivery = "choose a delivery": [Release],
    /// Send, revoke, unlock or extend a link.
    ManageLinks = "manage links": [Release],
    /// Burn, label, pack and write off discs.
    BurnDiscs = "burn discs": [Burn],
    /// Decide what became of a disc or a label nobody knows about.
    ResolveDiscs = "resolve discs": [Release Burn],
    /// Try work again that stopped, or set it aside.
    ResumeWork = "try again what stopped": [Release Burn],
    /// Print labels, tender and hand over parcels.
    ShipParcels = "ship parcels": [Release Burn],
    /// Look at the charge of a request's delivery.
    SeeCharge = "see a charge": [Release Billing Auditor],
    /// Look at all charges, transfers and the daily close.
    SeeCharges = "see charges": [Billing Auditor],
    /// Collect, void, pay refunds, close the day.
    CollectCharges = "collect charges": [Billing],
    /// Propose a waiver or a refund.
    ProposeRelief = "propose a waiver or refund": [Release Billing],
    /// Approve a waiver or a refund that somebody else proposed.
    ApproveRelief = "approve a waiver or refund": [Billing],
    /// Make export files of the ledger.
    ExportLedger = "export the ledger": [Billing Auditor],
    /// Add and change users, make and revoke tokens.
    ManageUsers = "manage users": [Administrator],
    /// Read and export what was done, and the accounting of disclosures.
    SeeAudit = "see the audit": [Auditor],
}

/// Whether a role may do this.
#[must_use]
pub fn permits(role: Role, action: Action) -> bool {
    action.roles().contains(&role)
}

/// Whether whoever it is may do this. The program itself does what jobs ask; a recipient decides about their
/// own request; who looks after the machine lets people in; anyone may ask for images.
#[must_use]
pub fn may(who: &Who, action: Action) -> bool {
    match who {
        Who::Staff(signed_in) => signed_in.user.roles.iter().any(|role| permits(*role, action)),
        Who::Recipient(_) => matches!(action, Action::WithdrawRequest | Action::ChooseDelivery),
        Who::Operator(_) => matches!(action, Action::ManageUsers),
        Who::Anyone => matches!(action, Action::SubmitRequest),
        Who::Program(_) => true,
    }
}

/// They may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("your role does not let you {}", action.as_str())]
pub struct NotPermitted {
    /// Do what.
    pub action: Action,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::{Means, SignedIn};
    use crate::store::contract::desk::user;

    /// The table as people read it.
    fn matrix() -> String {
        let recipient = Who::Recipient("g1".into());
        let mut columns: Vec<(&str, Who)> = Role::ALL
            .iter()
            .map(|role| {
                let signed_in = SignedIn { user: user("u", &[*role]), by: Means::CommandLine };
                (role.as_str(), Who::Staff(signed_in))
            })
            .collect();
        let operator = Who::Operator("console".into());
        columns.extend([("recipient", recipient), ("operator", operator), ("anyone", Who::Anyone)]);
        let mut text = format!("{:<28}", "");
        columns.iter().for_each(|(name, _)| text.push_str(&format!("{name:<15}")));
        for action in Action::ALL {
            text.push_str(&format!("\n{:<28}", action.as_str()));
            for (_, who) in &columns {
                text.push_str(&format!("{:<15}", if may(who, *action) { "yes" } else { "." }));
            }
        }
        text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
    }

    #[test]
    fn the_whole_policy_is_the_table_that_was_reviewed() {
        insta::assert_snapshot!("policy", matrix());
    }

    #[test]
    fn a_user_with_two_roles_may_do_what_either_may() {
        let both = SignedIn { user: user("u", &[Role::Burn, Role::Billing]), by: Means::CommandLine };
        let both = Who::Staff(both);
        assert!(may(&both, Action::BurnDiscs) && may(&both, Action::CollectCharges));
        assert!(!may(&both, Action::DecideRequest));
    }
}
