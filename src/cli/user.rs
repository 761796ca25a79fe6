//! `filmroom user` and `filmroom token`.

use super::acting::{self, Operator, acting};
use super::print::Out;
use super::secret;
use crate::app::Library;
use crate::clock::{DAY_MS, day_in};
use crate::config::Config;
use crate::desk::people::{self, Passwords};
use crate::model::Role;
use crate::store::users;
use crate::words::harmless;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Add a user. The password is typed, or read from a file or standard input.
    Add {
        /// What they sign in with.
        login: String,
        /// Their name, as colleagues see it.
        #[arg(long)]
        name: String,
        /// What their work is: release, burn, billing, administrator, auditor. May be given more than once.
        #[arg(long = "role", value_name = "ROLE", required = true, value_parser = role)]
        roles: Vec<Role>,
        #[command(flatten)]
        password: PasswordFrom,
        #[command(flatten)]
        operator: Operator,
    },
    /// Set a user's password. Their sessions end.
    Passwd {
        /// What they sign in with.
        login: String,
        #[command(flatten)]
        password: PasswordFrom,
        #[command(flatten)]
        operator: Operator,
    },
    /// Let a user in no longer. Their sessions and tokens end at once.
    Deactivate {
        /// What they sign in with.
        login: String,
        #[command(flatten)]
        operator: Operator,
    },
    /// List the users.
    List,
}

#[derive(Debug, clap::Subcommand)]
pub(super) enum TokenCommand {
    /// Make a token for a program, with a user's rights. It is printed once and kept only hashed.
    New {
        /// Whose rights it has.
        #[arg(long, value_name = "LOGIN")]
        user: String,
        /// What it is for.
        #[arg(long)]
        purpose: String,
        /// How long it is good; without it, until it is revoked.
        #[arg(long)]
        days: Option<u32>,
        #[command(flatten)]
        operator: Operator,
    },
    /// Revoke a token: it is good no longer.
    Revoke {
        /// Its id, as listed.
        id: String,
        #[command(flatten)]
        operator: Operator,
    },
    /// List the tokens that are not revoked: id, whose, what for, until when.
    List,
}

#[derive(Debug, clap::Args)]
pub(super) struct PasswordFrom {
    /// A file whose first line is the password.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

fn role(word: &str) -> Result<Role, String> {
    Role::parse(word).ok_or_else(|| {
        let words: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
        format!("a role is one of {}", words.join(", "))
    })
}

pub(super) async fn run(config: Config, command: Command) -> anyhow::Result<ExitCode> {
    let library = Library::open(config).await?;
    let mut out = Out::stdout();
    match command {
        Command::Add { login, name, roles, password, operator } => {
            let roles: BTreeSet<Role> = roles.into_iter().collect();
            let hash = hash(&library, &password).await?;
            let (who, site) = (operator.who(), acting::site(&library, None)?);
            let acting = acting(&library, &who, &site);
            let mut tx = library.db.begin().await?;
            let user = people::add_user(&mut tx, &acting, (&login, &name), roles).await?;
            people::set_password(&mut tx, &acting, &user.id, &hash).await?;
            tx.commit().await?;
            out.line(format_args!("{} can sign in", user.login))?;
        }
        Command::Passwd { login, password, operator } => {
            let user = acting::user(&library, &login).await?;
            let hash = hash(&library, &password).await?;
            let (who, site) = (operator.who(), acting::site(&library, None)?);
            let mut tx = library.db.begin().await?;
            people::set_password(&mut tx, &acting(&library, &who, &site), &user.id, &hash).await?;
            tx.commit().await?;
            out.line(format_args!("{} has a new password", user.login))?;
        }
        Command::Deactivate { login, operator } => {
            let user = acting::user(&library, &login).await?;
            let (who, site) = (operator.who(), acting::site(&library, None)?);
            let mut tx = library.db.begin().await?;
            people::deactivate(&mut tx, &acting(&library, &who, &site), &user.id).await?;
            tx.commit().await?;
            out.line(format_args!("{} may not sign in; their sessions and tokens have ended", user.login))?;
        }
        Command::List => {
            for user in users::list(&library.db).await? {
                let roles: Vec<&str> = user.roles.iter().map(|role| role.as_str()).collect();
                let active = if user.active { "" } else { "  may not sign in" };
                out.line(format_args!("{}  {}  {}{active}", user.login, user.name, roles.join(", ")))?;
            }
        }
    }
    library.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn hash(library: &Library, from: &PasswordFrom) -> anyhow::Result<String> {
    let password = secret::password(from.password_file.as_deref())?;
    Ok(Passwords::default().hash(&password, &*library.chance).await?)
}

pub(super) async fn run_token(config: Config, command: TokenCommand) -> anyhow::Result<ExitCode> {
    let library = Library::open(config).await?;
    let mut out = Out::stdout();
    match command {
        TokenCommand::New { user, purpose, days, operator } => {
            let user = acting::user(&library, &user).await?;
            let (who, site) = (operator.who(), acting::site(&library, None)?);
            let acting = acting(&library, &who, &site);
            let ends = days.map(|days| acting.now_ms + i64::from(days) * DAY_MS);
            let mut tx = library.db.begin().await?;
            let token = people::new_token(&mut tx, &acting, &user.id, &purpose, ends).await?;
            tx.commit().await?;
            out.line(token.reveal())?;
        }
        TokenCommand::Revoke { id, operator } => {
            let (who, site) = (operator.who(), acting::site(&library, None)?);
            let mut tx = library.db.begin().await?;
            people::revoke_token(&mut tx, &acting(&library, &who, &site), &id).await?;
            tx.commit().await?;
            out.line(format_args!("the token {id} is revoked"))?;
        }
        TokenCommand::List => {
            let logins: BTreeMap<String, String> =
                users::list(&library.db).await?.into_iter().map(|user| (user.id, user.login)).collect();
            let zone = acting::site(&library, None)?.zone;
            for token in users::tokens(&library.db).await? {
                let login = logins.get(&token.user).map_or("", String::as_str);
                let until = token.expires_at.map(|at| format!("until {}", day_in(&zone, at)));
                let until = until.unwrap_or_else(|| "until revoked".to_owned());
                out.line(format_args!("{}  {login}  {}  {until}", token.id, harmless(&token.purpose)))?;
            }
        }
    }
    library.close().await;
    Ok(ExitCode::SUCCESS)
}
