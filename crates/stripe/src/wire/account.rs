//! An account.

use serde::Deserialize;

use super::fields::lenient;

#[derive(Deserialize)]
pub struct Account {
    pub id: String,
    #[serde(default, deserialize_with = "lenient")]
    pub country: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub default_currency: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub settings: Option<Settings>,
    #[serde(default, deserialize_with = "lenient")]
    pub business_profile: Option<BusinessProfile>,
}

#[derive(Deserialize)]
pub struct Settings {
    #[serde(default, deserialize_with = "lenient")]
    pub dashboard: Option<Dashboard>,
}

#[derive(Deserialize)]
pub struct Dashboard {
    #[serde(default, deserialize_with = "lenient")]
    pub display_name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub timezone: Option<String>,
}

#[derive(Deserialize)]
pub struct BusinessProfile {
    #[serde(default, deserialize_with = "lenient")]
    pub name: Option<String>,
}
