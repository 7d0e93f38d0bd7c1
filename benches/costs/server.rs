//! Processor time of a PostgreSQL server with all its processes, those that have ended among them.

use std::path::Path;
use std::time::Duration;

use cluster::Cluster;

/// The first process is the parent of all others, and writes its number into this file.
const FIRST: &str = "SELECT SPLIT_PART(PG_READ_FILE('postmaster.pid'), CHR(10), 1)";

/// Of the fields after the name in `/proc/PID/stat`: the parent, own time (user, system), that of children that have ended.
const PARENT: usize = 1;
const OWN: [usize; 2] = [11, 12];
const ENDED: [usize; 2] = [13, 14];

/// The kernel counts in hundredths of a second wherever Linux runs.
const TICK: Duration = Duration::from_millis(10);

/// What a piece of work costs the server. What it has changed is written out within it, so that whoever comes next does not
/// pay for it.
pub fn cpu(cluster: &Cluster, work: impl FnOnce()) -> Duration {
    write_out(cluster);
    let before = so_far(cluster);
    work();
    write_out(cluster);
    so_far(cluster).saturating_sub(before)
}

fn write_out(cluster: &Cluster) {
    cluster.run("postgres", "CHECKPOINT").expect("a checkpoint");
}

/// A child that ends goes over into its parent's count, so that nothing is counted twice or lost.
fn so_far(cluster: &Cluster) -> Duration {
    let first: u64 = cluster.run("postgres", FIRST).expect("its number").parse().expect("a number");
    let processes = std::fs::read_dir("/proc").expect("Linux").flatten();
    let ticks = processes.filter_map(|process| stat(&process.path())).filter_map(|(number, fields)| {
        let sum = |fields_of: [usize; 2]| fields_of.iter().filter_map(|&at| fields.get(at)).sum::<u64>();
        match number == first {
            true => Some(sum(OWN) + sum(ENDED)),
            false => (fields.get(PARENT) == Some(&first)).then(|| sum(OWN)),
        }
    });
    TICK * u32::try_from(ticks.sum::<u64>()).expect("less than a year")
}

/// A process's number and the numbers that the kernel keeps of it; `None` where it has just ended, or is no process.
fn stat(process: &Path) -> Option<(u64, Vec<u64>)> {
    let number = process.file_name()?.to_str()?.parse().ok()?;
    let text = std::fs::read_to_string(process.join("stat")).ok()?;
    let (_, after_name) = text.rsplit_once(") ")?;
    Some((number, after_name.split(' ').map(|field| field.trim().parse().unwrap_or_default()).collect()))
}
