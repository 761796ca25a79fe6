//! Mail to a mail server (RFC 5321, RFC 6409).

use super::{Mail, MailError, Mailer, Sender, Sending};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use std::time::Duration;
use zeroize::Zeroizing;

/// How long one command may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// How the connection is kept private.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Privacy {
    /// Begun in the clear, then TLS or nothing (RFC 3207).
    StartTls,
    /// TLS from the first byte (RFC 8314).
    Implicit,
    /// None: to a server on this machine.
    Loopback,
}

/// Which server, and who we are there.
#[derive(Clone)]
pub struct SmtpSettings {
    /// Its name, as its certificate has it.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is kept private.
    pub privacy: Privacy,
    /// Certificates of who may have signed the server's, PEM; none means the system's.
    pub ca: Option<Vec<u8>>,
    /// User and password, if it wants to know.
    pub sign_in: Option<(String, Zeroizing<String>)>,
}

/// Hands mail to a server.
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    sender: Sender,
}

impl SmtpMailer {
    /// A mailer to this server. Nothing is asked of it yet.
    ///
    /// # Errors
    /// If the certificates are none.
    pub fn new(settings: &SmtpSettings, sender: Sender) -> Result<Self, Error> {
        let tls = match settings.privacy {
            Privacy::StartTls => Tls::Required(parameters(settings)?),
            Privacy::Implicit => Tls::Wrapper(parameters(settings)?),
            Privacy::Loopback => Tls::None,
        };
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(settings.host.as_str())
            .port(settings.port)
            .tls(tls)
            .timeout(Some(ANSWER_WITHIN));
        if let Some((user, password)) = &settings.sign_in {
            transport = transport.credentials(Credentials::new(user.clone(), password.to_string()));
        }
        Ok(Self { transport: transport.build(), sender })
    }
}

fn parameters(settings: &SmtpSettings) -> Result<TlsParameters, Error> {
    let mut parameters = TlsParameters::builder(settings.host.clone());
    if let Some(pem) = &settings.ca {
        parameters = parameters.certificate_store(CertificateStore::None);
        parameters = parameters.add_root_certificate(Certificate::from_pem(pem)?);
    }
    parameters.build_rustls()
}

impl Mailer for SmtpMailer {
    fn send<'a>(&'a self, id: &'a str, mail: &'a Mail, now_ms: i64) -> Sending<'a> {
        Box::pin(async move {
            let message = self.sender.compose(id, mail, now_ms)?;
            self.transport.send(message).await.map(drop).map_err(|error| of_server(&error))
        })
    }
}

/// A reply's code says all that matters; its words may name the recipient.
fn of_server(error: &Error) -> MailError {
    match error.status() {
        Some(code) if error.is_permanent() => {
            MailError::Refused(format!("the mail server refuses it with {code}"))
        }
        Some(code) => MailError::NotNow(format!("the mail server puts it off with {code}")),
        None if error.is_tls() => {
            MailError::NotNow("the connection to the mail server cannot be made private".into())
        }
        None if error.is_timeout() => MailError::NotNow("the mail server does not answer in time".into()),
        None => MailError::NotNow("the mail server cannot be reached, or broke off".into()),
    }
}
