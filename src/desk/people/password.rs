//! Passwords: argon2id, off the threads that serve, a few at a time.

use super::Secret;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use imaging::chance::Chance;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// OWASP's first choice where memory is scarce: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Each takes its memory and a core; more at once would only wait for each other.
const AT_ONCE: usize = 2;
/// NIST SP 800-63B-4: a password that stands alone has 15 characters, and no rule about which.
const SHORTEST: usize = 15;
const LONGEST: usize = 256;

/// A password cannot be set or looked at.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too short or too long.
    #[error("a password has {SHORTEST} to {LONGEST} characters: a few words do")]
    Length,
    /// The machine is out of memory, or stopping.
    #[error("the password could not be hashed: {0}")]
    Failed(String),
}

/// Hashes and compares passwords. Cheap to clone; one for the whole process.
#[derive(Debug, Clone)]
pub struct Passwords(Arc<Semaphore>);

impl Default for Passwords {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Passwords {
    /// The hash of a password, as a PHC string.
    ///
    /// # Errors
    /// [`PasswordError`] if it is too short or too long, or cannot be hashed.
    pub async fn hash(&self, password: &Secret, chance: &dyn Chance) -> Result<String, PasswordError> {
        if !(SHORTEST..=LONGEST).contains(&password.reveal().chars().count()) {
            return Err(PasswordError::Length);
        }
        let mut salt = [0; 16];
        chance.fill(&mut salt);
        let password = password.clone();
        self.aside(move || Ok(hashed(&password, &salt)?.to_string())).await
    }

    /// Whether a password is the one that was hashed. Without a hash it is not, and takes as long to say.
    ///
    /// # Errors
    /// [`PasswordError::Failed`] if it cannot be compared.
    pub async fn fits(&self, password: &Secret, hash: Option<String>) -> Result<bool, PasswordError> {
        if password.reveal().chars().count() > LONGEST {
            return Ok(false);
        }
        let password = password.clone();
        self.aside(move || match hash {
            Some(hash) => {
                let hash = PasswordHash::new(&hash).map_err(|error| error.to_string())?;
                Ok(argon2()?.verify_password(password.reveal().as_bytes(), &hash).is_ok())
            }
            None => hashed(&password, &[0; 16]).map(|_| false),
        })
        .await
    }

    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, String> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let failed = |why: String| PasswordError::Failed(why);
        let _slot = self.0.acquire().await.map_err(|error| failed(error.to_string()))?;
        let done = tokio::task::spawn_blocking(work).await;
        done.map_err(|error| failed(error.to_string()))?.map_err(failed)
    }
}

fn argon2() -> Result<Argon2<'static>, String> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| error.to_string())?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hashed(password: &Secret, salt: &[u8]) -> Result<PasswordHash, String> {
    let hash = argon2()?.hash_password_with_salt(password.reveal().as_bytes(), salt);
    hash.map_err(|error| error.to_string())
}
