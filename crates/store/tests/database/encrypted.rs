//! A server across a network proves who it is, before anything is said to it: its password, first of all.

use std::path::PathBuf;
use std::sync::Arc;

use cluster::{Certificate, Cluster};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use store::{Location, NoPoints, Server, Store, StoreError};
use tempfile::TempDir;

/// One that vouches for servers.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut about = CertificateParams::new(Vec::<String>::new()).unwrap();
        about.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(about, KeyPair::generate().unwrap()).unwrap())
    }

    fn vouches_for(&self, host: &str) -> Certificate {
        self.vouches_until(host, 4096)
    }

    fn vouches_until(&self, host: &str, year: i32) -> Certificate {
        let mut about = CertificateParams::new([host.to_owned()]).unwrap();
        about.not_after = date_time_ymd(year, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = about.signed_by(&key, &self.0).unwrap();
        Certificate { chain: certificate.pem(), key: key.serialize_pem() }
    }

    fn file(&self, folder: &TempDir) -> PathBuf {
        let path = folder.path().join("ca.pem");
        std::fs::write(&path, self.0.pem()).unwrap();
        path
    }
}

fn open(address: &str) -> store::Result<Store> {
    Store::open(Location::Server(Box::new(Server::parse(address).unwrap())), Arc::new(NoPoints))
}

/// What is said where the server is not believed.
fn refused(address: &str) -> String {
    match open(address) {
        Err(StoreError::Unwritable { detail, .. }) => detail,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it was believed"),
    }
}

/// A server with this certificate, or none, and its address for who comes over the network.
fn server(certificate: Option<&Certificate>) -> (Cluster, String) {
    let cluster = Cluster::start_on_port(certificate).unwrap();
    let address = cluster.address_by_network("localhost", "postgres").unwrap();
    (cluster, address)
}

const OURS: &str = "SELECT COUNT(*), COUNT(*) FILTER (WHERE ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
     WHERE application_name = 'tieout'";

#[test]
fn a_server_whose_authority_is_named_is_spoken_to_encrypted() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let (cluster, address) = server(Some(&authority.vouches_for("localhost")));
    let root = authority.file(&folder);
    let store = open(&format!("{address}?sslrootcert={}", root.display())).unwrap();
    assert_eq!(store.revision().unwrap(), 0);
    assert_eq!(cluster.run("postgres", OURS).unwrap(), "1|1");
    let unencrypted = open(&address).unwrap();
    assert_eq!(unencrypted.revision().unwrap(), 0);
    assert_eq!(cluster.run("postgres", OURS).unwrap(), "2|1", "to this machine itself nothing need be encrypted");
}

#[test]
fn a_server_that_cannot_prove_who_it_is_hears_nothing() {
    let (authority, stranger, folder) = (Authority::new(), Authority::new(), tempfile::tempdir().unwrap());
    let root = authority.file(&folder);
    for (what, certificate, trusting, expected) in [
        ("vouched for by a stranger", stranger.vouches_for("localhost"), true, "BadSignature"),
        ("another host's", authority.vouches_for("db.example.com"), true, "not valid for name"),
        ("too old", authority.vouches_until("localhost", 2001), true, "expired"),
        ("unknown to this machine", authority.vouches_for("localhost"), false, "UnknownIssuer"),
    ] {
        let (cluster, address) = server(Some(&certificate));
        let address = address.replace("tieout@", "tieout:s3cret@");
        let address =
            if trusting { format!("{address}?sslrootcert={}", root.display()) } else { format!("{address}?sslmode=require") };
        let told = refused(&address);
        assert!(told.contains(expected) && !told.contains("s3cret"), "{what}: {told}");
        assert_eq!(cluster.run("postgres", OURS).unwrap(), "0|0", "{what}");
    }
}

#[test]
fn a_server_that_does_not_encrypt_is_refused_where_that_is_wanted() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().unwrap());
    let (_cluster, address) = server(None);
    let told = refused(&format!("{address}?sslrootcert={}", authority.file(&folder).display()));
    assert!(told.contains("server does not support TLS"), "{told}");
}

#[test]
fn a_file_of_authorities_that_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    let address = format!("postgres://tieout@db.example.com/books?sslrootcert={}", path.display());
    assert!(refused(&address).contains("ca.pem"), "missing");
    std::fs::write(&path, "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n").unwrap();
    assert!(refused(&address).contains("ca.pem"), "damaged");
    std::fs::write(&path, "no certificate at all").unwrap();
    assert!(refused(&address).contains("ca.pem"), "empty");
}
