//! Mail as files: to look at, or for another program to pick up.

use super::{Mail, MailError, Mailer, Sender, Sending};
use imaging::disk::Disk;
use std::io;
use std::sync::Arc;

/// Writes each mail as `{message id}.eml`, whole or not at all.
pub struct FileMailer {
    /// The folder.
    pub disk: Arc<dyn Disk>,
    /// Whom mail is from.
    pub sender: Sender,
}

impl Mailer for FileMailer {
    fn send<'a>(&'a self, id: &'a str, mail: &'a Mail, now_ms: i64) -> Sending<'a> {
        Box::pin(async move {
            let text = self.sender.compose(id, mail, now_ms)?.formatted();
            let (disk, name) = (Arc::clone(&self.disk), format!("{id}.eml"));
            let written = tokio::task::spawn_blocking(move || write_whole(&*disk, &name, &text)).await;
            let written = written.unwrap_or_else(|error| Err(io::Error::other(error)));
            written.map_err(|error| MailError::NotNow(format!("the mail folder cannot be written: {error}")))
        })
    }
}

fn write_whole(disk: &dyn Disk, name: &str, text: &[u8]) -> io::Result<()> {
    let unfinished = format!("{name}.unfinished");
    let file = match disk.create(&unfinished) {
        // An earlier try left it.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            disk.remove(&unfinished)?;
            disk.create(&unfinished)?
        }
        made => made?,
    };
    file.write_at(text, 0)?;
    file.sync_data()?;
    drop(file);
    disk.rename(&unfinished, name)?;
    disk.sync_dir("")
}
