//! A library with a settled study and two people, made once by the real program and copied for each seed.

use crate::common::{Site, kept, send};
use filmroom::app::{block_on, key_file};
use filmroom::clock::SystemClock;
use filmroom::config::Config;
use filmroom::desk::{Acting, Who, people};
use filmroom::model::{Role, StudyFilter};
use filmroom::store::db::Db;
use filmroom::store::studies;
use imaging::chance::OsChance;
use imaging::samples;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

pub struct Template {
    site: Site,
    /// The row of its study.
    pub study: String,
}

impl Template {
    pub fn make() -> Self {
        let site = Site::new();
        let service = site.serve();
        send::send(service.dimse, &samples::ct(1, 1));
        kept::settled(&site);
        service.stop();
        let config = config_at(&site.data());
        let study = block_on(async {
            let address = format!("sqlite:{}", config.data.database().display());
            let db = Db::open(&address.parse().unwrap(), Arc::new(SystemClock)).await.unwrap();
            let who = Who::Operator("template".into());
            let desk = config.site.resolve().unwrap().into_values().next().unwrap();
            let acting = Acting { who: &who, now_ms: 0, today: desk.today(0), chance: &OsChance };
            let mut tx = db.begin().await.unwrap();
            let roles = BTreeSet::from([Role::Release, Role::Burn, Role::Billing]);
            for person in ["one", "another"] {
                people::add_user(&mut tx, &acting, (person, person), roles.clone()).await.unwrap();
            }
            tx.commit().await.unwrap();
            let found =
                studies::list(&db, &StudyFilter { limit: 1, ..StudyFilter::default() }).await.unwrap();
            db.close().await;
            found[0].id.clone()
        });
        Self { site, study: study.unwrap() }
    }

    /// The same library again, in a folder of its own.
    pub fn copy_to(&self, folder: &Path) -> Config {
        let (from, to) = (config_at(&self.site.data()), config_at(folder));
        let archives = crate::common::files(&self.site.data().join("blobs")).into_keys();
        for file in archives.chain([from.data.database(), key_file(&from)]) {
            let copy = folder.join(file.strip_prefix(self.site.data()).unwrap());
            fs::create_dir_all(copy.parent().unwrap()).unwrap();
            fs::copy(&file, &copy).unwrap();
        }
        to
    }
}

/// Parcels are a minute from one scan to the next.
fn config_at(folder: &Path) -> Config {
    let text = format!("data = {folder:?}\n[carrier]\nsandbox_step_ms = 60000\n");
    Config::parse(&text, "simulation", std::iter::empty()).unwrap()
}
