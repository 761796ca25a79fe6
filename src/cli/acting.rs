//! Who works at the command line, and where.

use crate::app::Library;
use crate::clock::day_in;
use crate::desk::{Acting, Means, SignedIn, Who};
use crate::model::{Site, User};
use crate::store::users;
use anyhow::Context;

/// A user at the command line.
#[derive(Debug, clap::Args)]
pub(super) struct As {
    /// The user in whose name this is done, with their rights.
    #[arg(long = "as", value_name = "LOGIN")]
    login: String,
}

impl As {
    /// The user, if they may sign in.
    pub(super) async fn who(&self, library: &Library) -> anyhow::Result<Who> {
        let user = user(library, &self.login).await?;
        Ok(Who::Staff(SignedIn { user, by: Means::CommandLine }))
    }
}

/// Whoever looks after the machine.
#[derive(Debug, clap::Args)]
pub(super) struct Operator {
    /// Your name, for the audit.
    #[arg(long, value_name = "NAME", default_value = "console")]
    operator: String,
}

impl Operator {
    /// Them.
    pub(super) fn who(self) -> Who {
        Who::Operator(self.operator)
    }
}

/// The active user of a login.
pub(super) async fn user(library: &Library, login: &str) -> anyhow::Result<User> {
    let found = users::by_login(&library.db, &login.to_lowercase()).await?;
    let user = found.map(|(user, _)| user).filter(|user| user.active);
    user.context("there is no active user of this login: see `filmroom user list`")
}

/// The configured site of this word; without a word, the first.
pub(super) fn site(library: &Library, word: Option<&str>) -> anyhow::Result<Site> {
    let sites = &library.config.site;
    let word = word.unwrap_or_else(|| sites.first());
    sites.resolve()?.remove(word).with_context(|| format!("there is no [[site]] {word:?}"))
}

/// Somebody doing something now, at a site.
pub(super) fn acting<'a>(library: &'a Library, who: &'a Who, site: &Site) -> Acting<'a> {
    let now_ms = library.clock.now_ms();
    Acting { who, now_ms, today: day_in(&site.zone, now_ms), chance: &*library.chance }
}
