//! How mail leaves: what takes it, as it is configured, and the job that sends it.

use crate::config::{Config, MailDelivery, SmtpTls};
use crate::jobs::{Handler, JobError, Running};
use crate::model::{Effect, LeasedJob};
use crate::notify::mailer::{FileMailer, Mailer, NoSender, Privacy, Sender, SmtpMailer, SmtpSettings};
use crate::notify::outbox::{self, SendError, SendMessage};
use imaging::disk::HostDisk;
use std::path::PathBuf;
use std::sync::Arc;

impl Handler for SendMessage {
    fn kind(&self) -> &'static str {
        outbox::KIND
    }

    fn effect(&self) -> Effect {
        Effect::Repeatable
    }

    fn run<'a>(&'a self, job: &'a LeasedJob) -> Running<'a> {
        Box::pin(async move {
            self.send(job).await.map_err(|error| match error {
                SendError::NotNow(reason) => JobError::retry(reason),
                SendError::Refused(reason) | SendError::Unusable(reason) => JobError::fail(reason),
                SendError::Store(error) => error.into(),
            })
        })
    }
}

/// Mail cannot leave as it is configured.
#[derive(Debug, thiserror::Error)]
pub enum MailingError {
    /// Whom mail is from.
    #[error(transparent)]
    Sender(#[from] NoSender),
    /// A password in a file.
    #[error(transparent)]
    Secret(#[from] crate::config::SecretError),
    /// The certificates of who may have signed the server's.
    #[error("mail.smtp.ca {path} cannot be read")]
    Certificates {
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The folder mail is written to.
    #[error("mail.folder {path} cannot be used")]
    Folder {
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The mail server.
    #[error("the mail server's certificates cannot be used")]
    Smtp(#[from] lettre::transport::smtp::Error),
}

/// What takes mail.
///
/// # Errors
/// [`MailingError`]; a mail server is not asked yet.
pub fn mailer(config: &Config) -> Result<Arc<dyn Mailer>, MailingError> {
    let sender: Sender = config.mail.from.parse()?;
    match (config.mail.delivery, &config.mail.smtp) {
        (MailDelivery::Smtp, Some(smtp)) => {
            let read = |path: &PathBuf| {
                std::fs::read(path)
                    .map_err(|source| MailingError::Certificates { path: path.clone(), source })
            };
            let settings = SmtpSettings {
                host: smtp.host.clone(),
                port: smtp.port,
                privacy: match smtp.tls {
                    SmtpTls::Starttls => Privacy::StartTls,
                    SmtpTls::Implicit => Privacy::Implicit,
                    SmtpTls::None => Privacy::Loopback,
                },
                ca: smtp.ca.as_ref().map(read).transpose()?,
                sign_in: match (&smtp.user, &smtp.password) {
                    (Some(user), Some(password)) => Some((user.clone(), password.read()?)),
                    _ => None,
                },
            };
            Ok(Arc::new(SmtpMailer::new(&settings, sender)?))
        }
        _ => {
            let path = config.mail.folder.clone().unwrap_or_else(|| config.data.mail());
            let disk = HostDisk::new(&path).map_err(|source| MailingError::Folder { path, source })?;
            Ok(Arc::new(FileMailer { disk: Arc::new(disk), sender }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::DataDir;
    use crate::notify::mailer::Mail;

    #[tokio::test]
    async fn without_a_word_about_it_mail_goes_to_a_folder_of_the_data_directory() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { data: DataDir(folder.path().to_owned()), ..Config::default() };
        let (to, subject) = ("jane@example.org".to_owned(), "Your images are ready".to_owned());
        let mail = Mail { to, language: "en".into(), subject, text: "Here.".into() };
        mailer(&config).unwrap().send("m1", &mail, 1_700_000_000_000).await.unwrap();
        let written = std::fs::read_to_string(folder.path().join("mail/m1.eml")).unwrap();
        assert!(
            written.contains("To: jane@example.org") && written.trim_end().ends_with("Here."),
            "{written}"
        );
    }
}
