//! Addresses as they are configured: of the pages, and of networks.

use serde::Deserialize;
use std::net::IpAddr;
use std::str::FromStr;

/// The address people reach the pages by: a scheme and a host, without a path.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PublicUrl(String);

impl PublicUrl {
    /// The pages' address when they are reached where we listen.
    #[must_use]
    pub fn of_listening(address: std::net::SocketAddr) -> Self {
        Self(format!("http://{address}"))
    }

    /// The address, without a `/` at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether browsers reach us over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

/// A text is no address or network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// Of pages.
    #[error("the pages' address is http:// or https:// and a host, without a path")]
    Url,
    /// Of a network.
    #[error("a network is an address, or an address, a slash and the bits that count: 10.0.0.0/8")]
    Network,
}

impl TryFrom<String> for PublicUrl {
    type Error = BadAddress;

    fn try_from(text: String) -> Result<Self, BadAddress> {
        let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let host = host.ok_or(BadAddress::Url)?.trim_end_matches('/');
        let is_host = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
        if host.is_empty() || !host.chars().all(is_host) {
            return Err(BadAddress::Url);
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }
}

/// An address, or all that begin with the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    /// Whether an address is within. An IPv4 address that came by an IPv6 socket is still IPv4.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let differing = own.to_bits() ^ other.to_bits();
                differing.leading_zeros() >= self.bits
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let differing = own.to_bits() ^ other.to_bits();
                differing.leading_zeros() >= self.bits
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(one, other)| (one, Some(other)));
        let address: IpAddr = address.parse().map_err(|_| BadAddress::Network)?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |bits| bits.parse().map_err(|_| BadAddress::Network))?;
        if bits > most { Err(BadAddress::Network) } else { Ok(Self { address, bits }) }
    }
}

impl TryFrom<String> for Network {
    type Error = BadAddress;

    fn try_from(text: String) -> Result<Self, BadAddress> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Result<String, BadAddress> {
        PublicUrl::try_from(text.to_owned()).map(|url| url.as_str().to_owned())
    }

    #[test]
    fn a_public_address_has_a_scheme_and_a_host_and_nothing_more() {
        assert_eq!(url("https://images.example.org/").as_deref(), Ok("https://images.example.org"));
        assert_eq!(url("http://[::1]:8080").as_deref(), Ok("http://[::1]:8080"));
        for bad in
            ["images.example.org", "https://", "ftp://x", "https://x/path", "https://u@x", "https://x?y"]
        {
            assert_eq!(url(bad), Err(BadAddress::Url), "{bad}");
        }
    }

    #[test]
    fn a_network_holds_the_addresses_that_begin_alike() {
        let holds = |network: &str, address: &str| {
            network.parse::<Network>().unwrap().contains(address.parse().unwrap())
        };
        assert!(holds("10.0.0.0/8", "10.255.1.2") && !holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("10.1.2.3", "10.1.2.3") && !holds("10.1.2.3", "10.1.2.4"));
        assert!(holds("0.0.0.0/0", "203.0.113.9") && !holds("0.0.0.0/0", "::1"));
        assert!(holds("10.0.0.0/8", "::ffff:10.1.1.1"));
        assert!(holds("2001:db8::/32", "2001:db8:1::1"));
        for bad in ["", "10.0.0.0/33", "10.0.0.0/x", "ten/8"] {
            assert_eq!(bad.parse::<Network>(), Err(BadAddress::Network), "{bad}");
        }
    }
}
