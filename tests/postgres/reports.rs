//! The views for reports on both databases.

use std::path::Path;

use serde_json::Value;

use crate::simulated::Simulated;
use crate::{ask, live_through, on_server, views, with_stripe};

#[test]
fn the_views_of_both_databases_say_what_the_command_line_says() {
    let stripe = Simulated::start();
    let in_file = with_stripe(&stripe);
    live_through(&in_file, &stripe);
    let path = in_file.path("books.db");
    views::hold(&|view| views::rows_of_file(Path::new(&path), view), &|args| in_file.json(args));
    let (on_server, address) = on_server(&stripe);
    live_through(&on_server, &stripe);
    let rows = |view: &str| -> Vec<Value> {
        let listed = ask(&address, &format!("SET timezone = 'UTC'; SELECT COALESCE(json_agg(v), '[]') FROM {view} v")).unwrap();
        serde_json::from_str(&listed).unwrap()
    };
    views::hold(&rows, &|args| on_server.json(args));
}
