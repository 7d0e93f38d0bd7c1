//! `POST /api/billing/sync-stripe`: a sync of one day, run by somebody else's scheduler.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::asked::Asked;
use super::problem::ApiProblem;
use super::run::{Run, Standing, Synced};
use super::runs::Runs;
use super::{ROOT, SYNC};

/// Where a run can be asked for.
#[derive(Serialize)]
struct Begun<'a> {
    run: &'a str,
    href: String,
}

/// A run, and how it stands.
#[derive(Serialize)]
pub struct Shown {
    run: String,
    #[serde(flatten)]
    standing: Standing,
}

/// Runs what is asked for, or joins those who asked for the same, and answers once it has ended, or at once.
///
/// # Errors
/// A query that cannot be read, too many runs, and whatever the sync ends with.
pub async fn begin(State(runs): State<Runs>, uri: Uri) -> Result<Response, ApiProblem> {
    let Asked { wanted, wait } = Asked::read(&uri)?;
    let run = runs.begin(wanted)?;
    if !wait {
        return Ok(begun(&run));
    }
    let synced: Synced = run.ended().await.answer()?;
    Ok(Json(synced).into_response())
}

/// Says how a run stands.
///
/// # Errors
/// When no run has that id.
pub async fn show(State(runs): State<Runs>, id: Result<Path<String>, PathRejection>) -> Result<Json<Shown>, ApiProblem> {
    let id = id.map_or_else(|_| String::new(), |Path(id)| id);
    let run = runs.find(&id).ok_or_else(|| ApiProblem::no_run(&id))?;
    Ok(Json(Shown { run: id, standing: run.standing() }))
}

fn begun(run: &Run) -> Response {
    let href = format!("{ROOT}{SYNC}/runs/{}", run.id());
    let body = Json(Begun { run: run.id(), href: href.clone() });
    (StatusCode::ACCEPTED, [(header::LOCATION, href)], body).into_response()
}
