//! Who calls.

use super::Call;
use crate::desk::Means as By;
use crate::desk::authorization::{Action, permits};
use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// Who calls, and what they may do.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SessionView {
    login: String,
    name: String,
    roles: Vec<&'static str>,
    may: Vec<&'static str>,
    /// The token's id, by which it can be revoked.
    token: Option<String>,
}

/// Who calls, and what they may do.
#[utoipa::path(get, path = "/api/v1/session", responses((status = 200, body = SessionView)), security(("token" = [])))]
pub(super) async fn show(call: Call) -> Json<SessionView> {
    let user = call.caller.user;
    let may = |action: &&Action| user.roles.iter().any(|role| permits(*role, **action));
    let token = match call.caller.by {
        By::Token(id) => Some(id),
        By::Session(_) | By::CommandLine => None,
    };
    Json(SessionView {
        roles: user.roles.iter().map(|role| role.as_str()).collect(),
        may: Action::ALL.iter().filter(may).map(|action| action.as_str()).collect(),
        login: user.login,
        name: user.name,
        token,
    })
}
