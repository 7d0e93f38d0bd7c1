//! What a restricted key may not read is named, whichever of its permissions is taken away.

use stripe::{MORE_PERMISSIONS, PERMISSIONS};

use super::*;

/// Every permission of the documentation, without `rak_` and `_read`.
fn all() -> Vec<&'static str> {
    PERMISSIONS.iter().chain(&MORE_PERMISSIONS).map(|(name, _)| short(name)).collect()
}

fn short(permission: &str) -> &str {
    permission.strip_prefix("rak_").and_then(|rest| rest.strip_suffix("_read")).unwrap()
}

fn key_without(lacking: &str) -> String {
    let held: Vec<&str> = all().into_iter().filter(|permission| *permission != lacking).collect();
    format!("rk_test_only_{}", held.join("_"))
}

fn small() -> Arc<sim::Catalog> {
    let options = sim::Options { days: 12, per_day: 6, rich: true, ..sim::Options::quarter(11, "2026-07-31".parse().unwrap()) };
    Arc::new(sim::World::generate(&options).unwrap().catalog)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_permissions_read_everything() {
    let (catalog, folder) = (small(), tempfile::tempdir().unwrap());
    let server = honest(&catalog).await;
    let summary = run_with(&server.base, folder.path(), &key_without("nothing"), &SyncRequest::default()).await.unwrap();
    assert!(summary.complete && summary.left_out.is_empty(), "{summary:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_that_reconciling_needs_is_named_with_what_is_lost_and_the_rest_is_read() {
    let catalog = small();
    for (permission, _) in PERMISSIONS {
        let (server, folder) = (honest(&catalog).await, tempfile::tempdir().unwrap());
        let ended = run_with(&server.base, folder.path(), &key_without(short(permission)), &SyncRequest::default()).await;
        if permission == "rak_connected_account_read" {
            // Most keys are of no platform: its own account is read, and whoever wants more is told by tieout doctor.
            assert!(ended.unwrap().complete);
            continue;
        }
        let (failure, read) = match ended {
            Ok(summary) => (summary.to_mend.unwrap_or_else(|| panic!("{permission}: {:?}", summary.unread)), summary.synced),
            Err(failure) => (failure, 0),
        };
        assert_eq!(failure.exit, Exit::Authentication, "{permission}");
        assert!(failure.hint.as_deref().unwrap_or_default().contains(permission), "{permission}: {failure}");
        assert!(read > 0 || permission == "rak_accounts_kyc_basic_read", "{permission}: the others go on");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_that_reconciling_does_not_need_leaves_its_kinds_out_by_name() {
    let catalog = small();
    for (permission, _) in MORE_PERMISSIONS {
        let (server, folder) = (honest(&catalog).await, tempfile::tempdir().unwrap());
        let key = key_without(short(permission));
        let summary = run_with(&server.base, folder.path(), &key, &SyncRequest::default()).await.unwrap();
        assert!(summary.complete, "{permission}: {:?}", summary.unread);
        let lacking: Vec<&String> = summary.left_out.values().collect();
        assert!(!lacking.is_empty() && lacking.iter().all(|lacks| *lacks == permission), "{permission}: {:?}", summary.left_out);
        assert!(summary.warnings.iter().any(|warning| warning.contains(permission)), "{permission}: {:?}", summary.warnings);
    }
}
