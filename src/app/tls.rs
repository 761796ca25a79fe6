//! TLS for DIMSE (PS3.15 B.12), from PEM files.

use crate::config::DimseTls;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file is missing or holds no PEM of the kind wanted.
    #[error("{path} holds no usable {what}")]
    Pem {
        /// The file.
        path: PathBuf,
        /// What should be in it.
        what: &'static str,
        /// What was found.
        source: rustls::pki_types::pem::Error,
    },
    /// Certificate and key do not go together, or are not acceptable.
    #[error("the certificate and key for DIMSE over TLS cannot be used")]
    Unusable(#[from] rustls::Error),
    /// The callers' authorities are not acceptable.
    #[error("dimse.tls.client_ca cannot be used")]
    ClientCa(#[from] rustls::server::VerifierBuilderError),
}

/// The server side of TLS.
///
/// # Errors
/// [`TlsError`], naming the file.
pub fn server(files: &DimseTls) -> Result<Arc<ServerConfig>, TlsError> {
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|source| TlsError::Pem {
        path: files.key.clone(),
        what: "private key",
        source,
    })?;
    let builder = ServerConfig::builder();
    let builder = match &files.client_ca {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let mut roots = RootCertStore::empty();
            for certificate in certificates(path)? {
                roots.add(certificate)?;
            }
            builder.with_client_cert_verifier(WebPkiClientVerifier::builder(Arc::new(roots)).build()?)
        }
    };
    Ok(Arc::new(builder.with_single_cert(certificates(&files.certificate)?, key)?))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let unusable = |source| TlsError::Pem { path: path.to_owned(), what: "certificate", source };
    let found = CertificateDer::pem_file_iter(path).map_err(unusable)?.collect::<Result<Vec<_>, _>>();
    match found {
        Ok(none) if none.is_empty() => Err(unusable(rustls::pki_types::pem::Error::NoItemsFound)),
        found => found.map_err(unusable),
    }
}
