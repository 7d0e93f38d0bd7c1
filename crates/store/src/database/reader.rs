//! A role of a PostgreSQL server that may read, and nothing else.

use super::{Connection, Read, params};
use crate::Result;

/// The names that statements are made from: of the database, of the schema; whether the role is there, and whether it may do
/// all that whoever is connected may do, as its owner, a member, or an administrator.
const NAMES: &str = "SELECT current_database(), current_schema(), \
     EXISTS (SELECT 1 FROM pg_roles WHERE rolname = ?1), \
     EXISTS (SELECT 1 FROM pg_roles WHERE rolname = ?1 AND pg_has_role(rolname, current_user, 'MEMBER'))";

const VIEWS: &str = "SELECT table_name FROM information_schema.views \
     WHERE table_schema = current_schema() AND table_name LIKE 'bi\\_%' ORDER BY table_name";

/// The statements that make the role, or bring one that is there to the same rights in this schema; `None` where it is no role
/// to be narrowed, because whoever is connected stands behind it.
pub(crate) fn statements(connection: &Connection, role: &str, all_tables: bool) -> Result<Option<Vec<String>>> {
    let read = connection.query_row(NAMES, params![role], |row| {
        Ok((row.get::<String>(0)?, row.get::<String>(1)?, row.get::<bool>(2)?, row.get::<bool>(3)?))
    });
    let (database, schema, is_there, is_ours) = read?;
    if is_ours {
        return Ok(None);
    }
    let (role, database, schema) = (quoted(role), quoted(&database), quoted(&schema));
    let made = if is_there { narrowed(&role, &schema) } else { vec![format!("CREATE ROLE {role} LOGIN")] };
    let entry = [
        format!("ALTER ROLE {role} IN DATABASE {database} SET default_transaction_read_only = on"),
        format!("GRANT CONNECT ON DATABASE {database} TO {role}"),
        format!("GRANT USAGE ON SCHEMA {schema} TO {role}"),
    ];
    let granted = if all_tables { every_table(&role, &schema) } else { every_view(connection, &role, &schema)? };
    Ok(Some(made.into_iter().chain(entry).chain(granted).collect()))
}

/// What an earlier call, or a hand, gave the role in this schema is taken back first.
fn narrowed(role: &str, schema: &str) -> Vec<String> {
    vec![
        format!("REVOKE ALL ON SCHEMA {schema} FROM {role}"),
        format!("REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {role}"),
        format!("ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} REVOKE ALL ON TABLES FROM {role}"),
    ]
}

/// Tables and views, those of later versions too.
fn every_table(role: &str, schema: &str) -> Vec<String> {
    vec![
        format!("GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {role}"),
        format!("ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT ON TABLES TO {role}"),
    ]
}

fn every_view(connection: &Connection, role: &str, schema: &str) -> Result<Vec<String>> {
    let mut listed = connection.prepare(VIEWS)?;
    let views = listed.query_map(params![], |row| row.get::<String>(0))?.collect::<Read<Vec<_>>>()?;
    Ok(views.iter().map(|view| format!("GRANT SELECT ON {schema}.{} TO {role}", quoted(view))).collect())
}

/// A name as SQL takes it, whatever stands in it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
