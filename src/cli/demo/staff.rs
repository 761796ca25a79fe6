//! The demonstration's desk: one user for each role, all with the same password, made anew for each run.

use crate::app::Library;
use crate::desk::people::{self, Passwords, Secret};
use crate::desk::{Acting, Means, SignedIn, Who};
use crate::model::{Role, Site, User};
use crate::store::users;
use std::collections::BTreeSet;

/// What they sign in with.
pub(super) const LOGINS: [&str; 5] = ["release", "burn", "billing", "admin", "auditor"];

const USERS: [(&str, &str, Role); 5] = [
    ("release", "Rosa Ibarra", Role::Release),
    ("burn", "Ben Okafor", Role::Burn),
    ("billing", "Bea Lindqvist", Role::Billing),
    ("admin", "Ada Novak", Role::Administrator),
    ("auditor", "Abdi Warsame", Role::Auditor),
];

/// The people who work at the desk.
pub(super) struct Team {
    /// Signs each of them in.
    pub(super) password: String,
    /// Works the burn station.
    pub(super) station_token: Secret,
    users: Vec<(Role, Who)>,
}

impl Team {
    /// Adds everybody.
    pub(super) async fn hire(library: &Library, site: &Site) -> anyhow::Result<Self> {
        let operator = Who::Operator("demo".into());
        let acting = acting(library, &operator, site);
        let password = password(library);
        let hash = Passwords::default().hash(&Secret::new(password.clone()), &*library.chance).await?;
        let mut tx = library.db.begin().await?;
        let mut team = Vec::new();
        for (login, name, role) in USERS {
            let user = match users::by_login(&mut tx, login).await? {
                // Of an earlier run on the same data.
                Some((user, _)) => user,
                None => people::add_user(&mut tx, &acting, (login, name), BTreeSet::from([role])).await?,
            };
            people::set_password(&mut tx, &acting, &user.id, &hash).await?;
            team.push((role, user));
        }
        let station = team.iter().find(|(role, _)| *role == Role::Burn).map(|(_, user)| user.id.clone());
        let station = station.unwrap_or_default();
        let station_token = people::new_token(&mut tx, &acting, &station, "burn station", None).await?;
        tx.commit().await?;
        let users = team.into_iter().map(|(role, user)| (role, signed_in(user))).collect();
        Ok(Self { password, station_token, users })
    }

    /// Who does this work.
    pub(super) fn who(&self, role: Role) -> &Who {
        self.users.iter().find(|(own, _)| *own == role).map_or(&Who::Anyone, |(_, who)| who)
    }
}

fn signed_in(user: User) -> Who {
    Who::Staff(SignedIn { user, by: Means::CommandLine })
}

/// Somebody doing something now.
pub(super) fn acting<'a>(library: &'a Library, who: &'a Who, site: &Site) -> Acting<'a> {
    let now_ms = library.clock.now_ms();
    Acting { who, now_ms, today: site.today(now_ms), chance: &*library.chance }
}

fn password(library: &Library) -> String {
    imaging::opening_code::OpeningCode::generate(imaging::opening_code::Form::Words, &*library.chance)
        .reveal()
        .to_owned()
}
