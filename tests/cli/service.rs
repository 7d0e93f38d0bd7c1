//! `tieout serve` under a service manager: told when it is ready, reads its settings again, and stops when it is told to.

#![cfg(unix)]

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::tieout::Tieout;

/// How long a test waits for what must come, before it says that it did not.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn a_service_manager_hears_when_it_is_ready_reads_its_settings_again_and_stops() {
    let mut tieout = Tieout::new();
    let place = tieout.path("notify");
    let manager = UnixDatagram::bind(&place).unwrap();
    manager.set_read_timeout(Some(PATIENCE)).unwrap();
    tieout.set("NOTIFY_SOCKET", place.to_str().unwrap());
    let hear = || {
        let mut bytes = [0; 1_000];
        let length = manager.recv(&mut bytes).expect("it is told in time");
        String::from_utf8_lossy(&bytes[..length]).into_owned()
    };
    let mut server = tieout.serve();
    let ready = hear();
    assert!(ready.contains("READY=1") && ready.contains("STATUS=Serving on http://127.0.0.1:"), "{ready}");
    let signal = |signal| kill(Pid::from_raw(i32::try_from(server.child.id()).unwrap()), signal).unwrap();
    tieout.write("tieout.toml", "time_zone = \"Mars/Base\"\n");
    signal(Signal::SIGHUP);
    let refused = |line: &String| line.contains("stay as they were") && line.contains("Mars/Base");
    assert!(std::iter::from_fn(|| server.said.recv_timeout(PATIENCE).ok()).any(|line| refused(&line)));
    tieout.write("tieout.toml", "time_zone = \"Europe/Berlin\"\n");
    signal(Signal::SIGHUP);
    let reloading = hear();
    assert!(reloading.contains("RELOADING=1") && reloading.contains("MONOTONIC_USEC="), "{reloading}");
    let again = hear();
    assert!(again.contains("READY=1"), "{again}");
    assert_eq!(ready, again, "on the same address");
    signal(Signal::SIGTERM);
    assert!(hear().contains("STOPPING=1"));
    assert!(server.child.wait().unwrap().success());
}
