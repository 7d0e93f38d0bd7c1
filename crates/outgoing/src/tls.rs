//! Whom a server must be vouched for by: what this machine trusts, and authorities that the operator adds.

use std::fmt;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_platform_verifier::Verifier;

/// Certificates of authorities that are trusted beside those of this machine, for servers within a company.
#[derive(Clone, Default)]
pub struct Authorities(Vec<CertificateDer<'static>>);

/// The text holds no certificates.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAuthorities {
    /// No block of PEM is in it.
    #[error("there is no certificate in it: a line -----BEGIN CERTIFICATE----- is expected")]
    Empty,
    /// One is damaged.
    #[error("a certificate in it cannot be read: {0}")]
    Damaged(String),
}

impl Authorities {
    /// Reads certificates in PEM, one after the other.
    ///
    /// # Errors
    /// When there is none, or one is damaged.
    pub fn from_pem(pem: &[u8]) -> Result<Self, BadAuthorities> {
        let found = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
        let found = found.map_err(|error| BadAuthorities::Damaged(error.to_string()))?;
        if found.is_empty() {
            return Err(BadAuthorities::Empty);
        }
        let mut roots = rustls::RootCertStore::empty();
        for certificate in &found {
            roots.add(certificate.clone()).map_err(|error| BadAuthorities::Damaged(error.to_string()))?;
        }
        Ok(Self(found))
    }

    /// How a client speaks TLS that trusts these and what this machine trusts.
    ///
    /// # Errors
    /// In words, when there is nothing to trust.
    pub(crate) fn client_config(&self) -> Result<ClientConfig, String> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = Verifier::new_with_extra_roots(self.0.iter().cloned(), Arc::clone(&provider));
        let verifier = verifier.map_err(|error| error.to_string())?;
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.map_err(|error| error.to_string())?;
        Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
    }
}

impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authorities({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_whole_certificates_is_refused() {
        assert_eq!(Authorities::from_pem(b"none").unwrap_err(), BadAuthorities::Empty);
        let damaged = b"-----BEGIN CERTIFICATE-----\nbm9uc2Vuc2U=\n-----END CERTIFICATE-----\n";
        assert!(matches!(Authorities::from_pem(damaged), Err(BadAuthorities::Damaged(_))));
    }
}
