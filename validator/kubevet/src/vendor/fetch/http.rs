//! Fetches files over HTTP, as Kustomize does (`api/internal/loader/fileloader.go`): with any status between 200 and 299, redirects followed.

use std::sync::Arc;
use std::time::Duration;

use kustomize::{Error, ErrorKind, yaml};
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// How long a file may take.
const LONGEST: Duration = Duration::from_secs(120);

/// How many times an address may lead to another one; Go's own limit.
const MOST_REDIRECTS: u32 = 10;

/// Gets files. Which certificates are good the system says, and the usual variables name a proxy.
#[derive(Debug)]
pub(super) struct Client(Agent);

/// What a server answers.
pub(super) enum Answer {
    /// A file.
    File(Vec<u8>),
    /// None, and the status that says so.
    Status(u16),
}

impl Client {
    pub(super) fn new() -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        // Where none can be read, no server is believed, and the error says so.
        let known = rustls_native_certs::load_native_certs().certs;
        let known: Vec<_> = known.iter().map(|known| Certificate::from_der(known).to_owned()).collect();
        let tls = TlsConfig::builder().root_certs(RootCerts::new_with_certs(&known)).unversioned_rustls_crypto_provider(provider);
        let config = Agent::config_builder()
            .tls_config(tls.build())
            .timeout_global(Some(LONGEST))
            .max_redirects(MOST_REDIRECTS)
            .http_status_as_error(false)
            .user_agent(concat!("kubevet/", env!("CARGO_PKG_VERSION")));
        Self(Agent::new_with_config(config.build()))
    }

    /// What is at an address.
    pub(super) fn get(&self, url: &str) -> Result<Answer, Error> {
        let failed = |error: ureq::Error| match error {
            ureq::Error::BodyExceedsLimit(_) => {
                let message = format!("{url} is larger than {} MiB", yaml::LONGEST_FILE >> 20);
                Error::new(ErrorKind::Limit, message)
            }
            error => Error::new(ErrorKind::Io, format!("cannot fetch {url}: {error}")),
        };
        let mut response = self.0.get(url).call().map_err(failed)?;
        let status = response.status();
        if !status.is_success() {
            return Ok(Answer::Status(status.as_u16()));
        }
        response.body_mut().with_config().limit(yaml::LONGEST_FILE).read_to_vec().map(Answer::File).map_err(failed)
    }
}
