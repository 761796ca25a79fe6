//! Sites, the fee and the carrier, as they are configured and as the rest of the program has them.

use super::ConfigError;
use crate::model::calendar::Calendar;
use crate::model::charge::CostLine;
use crate::model::{Cents, FeeSchedule, Site};
use jiff::civil::Time;
use jiff::tz::TimeZone;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Every `[[site]]`. Without any there is one, `main`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Sites(pub Vec<SiteKeys>);

/// `[[site]]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteKeys {
    /// A short word rows and exports name it by.
    pub id: String,
    /// As people know it.
    pub name: String,
    /// Its zone (IANA).
    pub time_zone: String,
    /// Where to call.
    pub phone: String,
    /// When the counter is open, in words.
    pub hours: String,
    /// Its postal address, line by line.
    pub address: Vec<String>,
    /// Until when a complete order leaves the same day.
    pub cut_off: Time,
    /// A file of the days it is closed; none means the federal holidays.
    pub holidays: Option<PathBuf>,
}

impl Default for Sites {
    fn default() -> Self {
        Self(vec![SiteKeys {
            id: "main".into(),
            name: "Film Library".into(),
            time_zone: "America/Phoenix".into(),
            phone: "602-555-0100".into(),
            hours: "Monday to Friday, 8:00 to 17:00".into(),
            address: vec!["100 Main St".into(), "Phoenix AZ 85001".into()],
            cut_off: Time::constant(14, 0, 0, 0),
            holidays: None,
        }])
    }
}

impl Sites {
    /// The word of the site that is meant where none is named: the first of the file.
    #[must_use]
    pub fn first(&self) -> &str {
        self.0.first().map_or("", |keys| keys.id.as_str())
    }

    /// The sites, by their words, with their calendars read.
    ///
    /// # Errors
    /// If a site is not usable, or a calendar cannot be read.
    pub fn resolve(&self) -> Result<BTreeMap<String, Site>, ConfigError> {
        self.with(SiteKeys::calendar)
    }

    /// Looks whether the sites make sense, as far as that can be said without their files.
    ///
    /// # Errors
    /// If there is none, two have one word, or a zone is not known.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        self.with(|_| Ok(Calendar::default())).map(drop)
    }

    fn with(
        &self,
        calendar: impl Fn(&SiteKeys) -> Result<Calendar, ConfigError>,
    ) -> Result<BTreeMap<String, Site>, ConfigError> {
        let mut sites = BTreeMap::new();
        for keys in &self.0 {
            if sites.insert(keys.id.clone(), keys.with(calendar(keys)?)?).is_some() {
                return Err(keys.invalid("another site has this id"));
            }
        }
        if sites.is_empty() {
            return Err(ConfigError::Unsafe("there must be a [[site]]"));
        }
        Ok(sites)
    }
}

impl SiteKeys {
    fn invalid(&self, reason: impl std::fmt::Display) -> ConfigError {
        ConfigError::Invalid { origin: format!("of [[site]] {}", self.id), reason: reason.to_string() }
    }

    fn calendar(&self) -> Result<Calendar, ConfigError> {
        let text = match &self.holidays {
            Some(path) => std::fs::read_to_string(path)
                .map_err(|source| ConfigError::Unreadable { path: path.clone(), source })?,
            None => Calendar::FEDERAL.to_owned(),
        };
        Calendar::parse(&text).map_err(|error| self.invalid(error))
    }

    fn with(&self, calendar: Calendar) -> Result<Site, ConfigError> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !(1..=16).contains(&self.id.len()) || !self.id.chars().all(plain) {
            return Err(self.invalid("id has 1 to 16 small letters, digits and hyphens"));
        }
        Ok(Site {
            id: self.id.clone(),
            name: self.name.clone(),
            zone: TimeZone::get(&self.time_zone).map_err(|error| self.invalid(error))?,
            phone: self.phone.clone(),
            hours: self.hours.clone(),
            address: self.address.clone(),
            cut_off: self.cut_off,
            calendar,
        })
    }
}

/// `[fee]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fee {
    /// The flat fee of a FedEx delivery.
    pub cents: Cents,
    /// What it is made of; they sum to it.
    pub lines: Vec<CostLine>,
}

impl Default for Fee {
    fn default() -> Self {
        const FEE: [(&str, i64); 3] =
            [("Labor of copying", 1_600), ("Disc and mailer", 400), ("FedEx delivery", 2_500)];
        let lines: Vec<CostLine> = FEE
            .iter()
            .filter_map(|(label, cents)| {
                Some(CostLine { label: (*label).to_owned(), cents: Cents::new(*cents).ok()? })
            })
            .collect();
        Self { cents: Cents::FEE, lines }
    }
}

impl Fee {
    /// The fee with its basis.
    ///
    /// # Errors
    /// If its lines do not sum to it.
    pub fn resolve(&self) -> Result<FeeSchedule, ConfigError> {
        FeeSchedule::new(self.cents, self.lines.clone()).map_err(|error| ConfigError::Invalid {
            origin: "of [fee]".to_owned(),
            reason: error.to_string(),
        })
    }
}

/// Who takes parcels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CarrierKind {
    /// A carrier that is none, for trying everything.
    Sandbox,
}

/// `[carrier]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Carrier {
    /// Who takes parcels.
    pub kind: CarrierKind,
    /// How many milliseconds after one another the sandbox's parcels are seen; 0: as the calendar says.
    pub sandbox_step_ms: u32,
    /// How many milliseconds after it was mailed a letter is presumed delivered; 0: ten days.
    pub sandbox_mail_ms: u32,
}

impl Default for Carrier {
    fn default() -> Self {
        Self { kind: CarrierKind::Sandbox, sandbox_step_ms: 0, sandbox_mail_ms: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Config, ConfigError};

    fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::parse(text, "test", std::iter::empty())
    }

    const NORTH: &str = "[[site]]\nid = \"north\"\nname = \"North\"\ntime_zone = \"America/Chicago\"\n\
        phone = \"1\"\nhours = \"always\"\naddress = []\ncut_off = \"13:30\"\n";

    #[test]
    fn without_any_site_there_is_one_and_its_fee_is_45_dollars() {
        let config = parse("").unwrap();
        assert_eq!(config.site.resolve().unwrap().into_keys().collect::<Vec<_>>(), ["main"]);
        assert_eq!(config.fee.resolve().unwrap().amount().to_string(), "$45.00");
    }

    #[test]
    fn the_site_that_is_meant_where_none_is_named_stands_first_in_the_file() {
        let south = NORTH.replace("\"north\"", "\"a-south\"");
        assert_eq!(parse(&format!("{NORTH}{south}")).unwrap().site.first(), "north");
    }

    #[test]
    fn each_site_has_its_own_clock() {
        let sites = parse(NORTH).unwrap().site.resolve().unwrap();
        let north = &sites["north"];
        assert_eq!((north.zone.iana_name(), north.cut_off.minute()), (Some("America/Chicago"), 30));
    }

    #[test]
    fn what_would_only_be_noticed_later_is_refused_at_the_start() {
        for (text, said) in [
            (format!("{NORTH}{NORTH}"), "another site has this id"),
            (NORTH.replace("Chicago", "Chicagoo"), "Chicagoo"),
            (NORTH.replace("\"north\"", "\"North Wing\""), "small letters"),
            ("site = []".to_owned(), "there must be a [[site]]"),
            ("[fee]\ncents = 4600".to_owned(), "46.00 and its cost lines sum to 45.00"),
            ("[fee]\ncents = 0".to_owned(), "0 cents is no amount"),
        ] {
            let refused = parse(&text).unwrap_err().to_string();
            assert!(refused.contains(said), "{refused}");
        }
        let lost = parse(&format!("{NORTH}holidays = \"/does/not/exist\"")).unwrap();
        assert!(matches!(lost.site.resolve(), Err(ConfigError::Unreadable { .. })));
    }
}
