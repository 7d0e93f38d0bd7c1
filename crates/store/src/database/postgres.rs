//! PostgreSQL: connecting, and everything that only PostgreSQL needs.
//!
//! Connections are driven by one thread of their own, so that the store stays blocking and may be called from anywhere.

use std::cell::RefCell;
use std::collections::HashMap;
use std::error::Error as StdError;
use std::ops::ControlFlow;
use std::pin::pin;
use std::sync::{Arc, OnceLock};

use futures_util::{StreamExt, TryStreamExt};
use pollster::FutureExt;
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_platform_verifier::ConfigVerifierExt;
use tokio::runtime::Runtime;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql as PostgresToSql, Type, to_sql_checked};
use tokio_postgres::{Client, NoTls, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::address::{Server, Trust};
use super::arrays::Array;
use super::comments::comments_on_views;
use super::value::storable;
use super::{Connection, Driver, Error, Read, Row, ToSql, ValueRef};
use crate::points::{self, CommitPoints, NoPoints};
use crate::{Result, StoreError, schema};

/// Opens the one transaction at a time that may write to the tables of a schema, like SQLite's `BEGIN IMMEDIATE`. Whoever holds
/// the lock for longer than ten seconds is stuck or stopped, and the server ends its transaction when nothing has come from it
/// for eight. The first number ("TIEO") keeps it apart from others' locks.
///
/// Whoever writes finds rows by their keys. The server keeps the plan of a statement that it has met a few times: one that was
/// made while a table was empty would read the whole of it ever after, so that no table is read whole that has an index; what
/// then must be looks costly, and is not to be compiled for that.
pub(super) const BEGIN_WRITING: &str = "BEGIN; SET LOCAL lock_timeout = '10s'; SET LOCAL idle_in_transaction_session_timeout = '8s'; \
     SET LOCAL enable_seqscan = off; \
     SET LOCAL jit = off; SELECT pg_advisory_xact_lock(1414088015, hashtext(current_schema()))";

/// While what is written comes from another database, nothing may come from us for as long as that takes to be read.
pub(super) const MAY_STAND_STILL: &str = "SET LOCAL idle_in_transaction_session_timeout = 0";

/// Stands in for SQLite's version in the file's header.
const MAKE_VERSION: &str = "CREATE TABLE IF NOT EXISTS tieout_schema \
     (one SMALLINT NOT NULL PRIMARY KEY CHECK (one = 1), version BIGINT NOT NULL)";

const READ_VERSION: &str = "SELECT version FROM tieout_schema WHERE one = 1";

const PUT_VERSION: &str =
    "INSERT INTO tieout_schema (one, version) VALUES (1, ?1) ON CONFLICT (one) DO UPDATE SET version = excluded.version";

const TABLES: &str = "SELECT COUNT(*), COUNT(*) FILTER (WHERE table_name = 'tieout_schema') \
     FROM information_schema.tables WHERE table_schema = current_schema()";

/// A transaction that was acknowledged survives a power cut, unless whoever runs the server wants even more.
const DURABLE: &str = "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

/// Days and instants that the views give read the same as texts, wherever the server stands and whatever its role prefers.
const TEXTS: &str = "SET TIME ZONE 'UTC'; SET DateStyle TO 'ISO, YMD'";

/// Objects are compressed a few times faster than by the server's usual way, where it was built to do so.
const COMPRESSION: &str = "SELECT set_config('default_toast_compression', 'lz4', false) FROM pg_settings \
     WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)";

/// Opens the database for reading and writing, making its tables where they are missing.
pub(crate) fn open(server: &Server, points: &dyn CommitPoints) -> Result<Connection> {
    let connection = connect(server)?;
    known_version(&connection)?;
    migrate(&connection, points)?;
    Ok(connection)
}

/// Opens the database for reading, or says that nothing of ours is in it. Brings older tables up to date.
pub(crate) fn open_existing(server: &Server) -> Result<Option<Connection>> {
    let connection = connect(server)?;
    match known_version(&connection)? {
        0 => return Ok(None),
        version if version < schema::LATEST => migrate(&connection, &NoPoints)?,
        _ => {}
    }
    connection.run("SET default_transaction_read_only = on")?;
    Ok(Some(connection))
}

/// The version of the schema; 0 where there is none.
fn known_version(connection: &Connection) -> Result<i64> {
    let (tables, ours): (i64, i64) = connection.query_row(TABLES, &[], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if ours == 0 {
        return if tables == 0 { Ok(0) } else { Err(StoreError::not_ours()) };
    }
    let found = connection.query_row(READ_VERSION, &[], |row| row.get(0))?;
    if found > schema::LATEST { Err(StoreError::newer(found)) } else { Ok(found) }
}

/// Each migration in its own transaction. The version is read again inside it: another process may have been first.
fn migrate(connection: &Connection, points: &dyn CommitPoints) -> Result<()> {
    for (migration, target) in schema::MIGRATIONS.iter().zip(1_i64..) {
        if known_version(connection)? >= target {
            continue;
        }
        let transaction = connection.begin_writing()?;
        if known_version(&transaction)? < target {
            transaction.run(MAKE_VERSION)?;
            transaction.run(&in_postgres(migration))?;
            transaction.execute(PUT_VERSION, super::params![target])?;
        }
        points.reach(points::SCHEMA_MIGRATION.before);
        transaction.commit()?;
        points.reach(points::SCHEMA_MIGRATION.after);
    }
    Ok(())
}

/// A migration in PostgreSQL's words. Texts sort by their bytes, as they do in SQLite; instants of views become timestamps.
fn in_postgres(migration: &str) -> String {
    let line = |line: &str| {
        let statement = line.split_once("--").map_or(line, |(statement, _)| statement);
        let statement = statement.replace("BLOB", "BYTEA").replace("TEXT", "TEXT COLLATE \"C\"");
        statement.replace("datetime(", "to_timestamp(").replace(", 'unixepoch')", ")")
    };
    let statements: Vec<String> = migration.lines().map(line).collect();
    format!("{}\n{}", statements.join("\n"), comments_on_views(migration))
}

/// One connection, and the statements that it has prepared.
pub(crate) struct Session {
    client: Client,
    prepared: RefCell<HashMap<String, Statement>>,
}

impl Session {
    /// A statement that is prepared once and kept.
    pub(super) fn prepare(&self, sql: &str) -> Read<Statement> {
        if let Some(known) = self.prepared.borrow().get(sql) {
            return Ok(known.clone());
        }
        let statement = self.client.prepare(&numbered(sql)).block_on()?;
        self.prepared.borrow_mut().insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    pub(super) fn run(&self, sql: &str) -> Read<()> {
        Ok(self.client.batch_execute(sql).block_on()?)
    }

    pub(super) fn execute(&self, statement: &Statement, parameters: &[&dyn ToSql]) -> Read<usize> {
        let changed = self.client.execute_raw(statement, bound(parameters)).block_on()?;
        Ok(usize::try_from(changed).unwrap_or(usize::MAX))
    }

    pub(super) fn execute_arrays(&self, statement: &Statement, arrays: &[Array]) -> Read<()> {
        self.client.execute_raw(statement, arrays).block_on()?;
        Ok(())
    }

    /// A query whose last parameter is an array.
    pub(super) fn query_array(
        &self,
        statement: &Statement,
        parameters: &[&dyn ToSql],
        array: &Array,
    ) -> Read<Vec<tokio_postgres::Row>> {
        let bound: Vec<Bound<'_>> = bound(parameters).collect();
        let bound = bound.iter().map(|bound| bound as &(dyn PostgresToSql + Sync));
        let parameters: Vec<&(dyn PostgresToSql + Sync)> = bound.chain([array as &(dyn PostgresToSql + Sync)]).collect();
        Ok(self.client.query(statement, &parameters).block_on()?)
    }

    pub(super) fn query(&self, statement: &Statement, parameters: &[&dyn ToSql]) -> Read<Vec<tokio_postgres::Row>> {
        let rows = async { self.client.query_raw(statement, bound(parameters)).await?.try_collect().await };
        Ok(rows.block_on()?)
    }

    pub(super) fn stream<E: From<Error>>(
        &self,
        statement: &Statement,
        parameters: &[&dyn ToSql],
        mut each: impl FnMut(&Row<'_>) -> std::result::Result<ControlFlow<()>, E>,
    ) -> std::result::Result<(), E> {
        let rows = self.client.query_raw(statement, bound(parameters)).block_on().map_err(Error::from)?;
        let mut rows = pin!(rows);
        while let Some(row) = rows.next().block_on() {
            if each(&Row::Postgres(&row.map_err(Error::from)?))?.is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// Connects, and looks at nothing of ours.
pub(crate) fn connect(server: &Server) -> Result<Connection> {
    let io = io().map_err(|error| StoreError::io(format!("no thread for its connections: {error}")))?;
    let (config, tls) = (server.config.clone(), tls(&server.trust)?);
    let connecting = io.spawn(async move {
        match tls {
            None => {
                let (client, connection) = config.connect(NoTls).await?;
                tokio::spawn(connection);
                Ok::<Client, tokio_postgres::Error>(client)
            }
            Some(tls) => {
                let (client, connection) = config.connect(tls).await?;
                tokio::spawn(connection);
                Ok(client)
            }
        }
    });
    let client = connecting.block_on().map_err(|error| StoreError::io(error.to_string()))?.map_err(unreachable_server)?;
    let connection = Connection::new(Driver::Postgres(Session { client, prepared: RefCell::default() }));
    let sound = "SELECT current_schema() IS NOT NULL, current_setting('server_encoding')";
    let (has_schema, encoding): (bool, String) = connection.query_row(sound, &[], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if !has_schema {
        return Err(StoreError::unwritable("the schema that its search_path names does not exist".to_owned()));
    }
    if encoding != "UTF8" {
        return Err(StoreError::unwritable(format!("it keeps texts in {encoding}; expected UTF8")));
    }
    connection.run(TEXTS)?;
    connection.run(DURABLE)?;
    connection.run(COMPRESSION)?;
    Ok(connection)
}

/// Whatever keeps a connection from being made is to be mended where the server or the address is.
fn unreachable_server(error: tokio_postgres::Error) -> StoreError {
    StoreError::unwritable(words(&error))
}

/// An error with all its causes, which its own text leaves out.
pub(crate) fn words(error: &tokio_postgres::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

/// The thread on which all connections of this process are driven.
fn io() -> std::io::Result<&'static Runtime> {
    static IO: OnceLock<Runtime> = OnceLock::new();
    if let Some(runtime) = IO.get() {
        return Ok(runtime);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).thread_name("postgres").enable_all().build()?;
    Ok(IO.get_or_init(|| runtime))
}

fn tls(trust: &Trust) -> Result<Option<MakeRustlsConnect>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let refused = |error: &dyn StdError| StoreError::unwritable(format!("its certificate cannot be verified: {error}"));
    let config = match trust {
        Trust::Unencrypted => return Ok(None),
        Trust::System => ClientConfig::with_platform_verifier().map_err(|error| refused(&error))?,
        Trust::File(path) => {
            let mut roots = rustls::RootCertStore::empty();
            let wrong =
                |error: &dyn StdError| StoreError::unwritable(format!("sslrootcert: {} cannot be read: {error}", path.display()));
            for certificate in CertificateDer::pem_file_iter(path).map_err(|error| wrong(&error))? {
                roots.add(certificate.map_err(|error| wrong(&error))?).map_err(|error| wrong(&error))?;
            }
            if roots.is_empty() {
                return Err(StoreError::unwritable(format!("sslrootcert: {} holds no certificate in PEM", path.display())));
            }
            let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
            builder.map_err(|error| refused(&error))?.with_root_certificates(roots).with_no_client_auth()
        }
    };
    Ok(Some(MakeRustlsConnect::new(config)))
}

/// The same statement with `$1` for `?1`.
fn numbered(sql: &str) -> String {
    let mut quoted = false;
    sql.chars()
        .map(|letter| {
            quoted ^= letter == '\'';
            if letter == '?' && !quoted { '$' } else { letter }
        })
        .collect()
}

fn bound<'p>(parameters: &'p [&'p dyn ToSql]) -> impl ExactSizeIterator<Item = Bound<'p>> {
    parameters.iter().map(|parameter| Bound(parameter.value()))
}

/// A parameter, written as the type that the statement gives it.
#[derive(Debug)]
pub(super) struct Bound<'a>(pub(super) ValueRef<'a>);

impl PostgresToSql for Bound<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> std::result::Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match self.0 {
            ValueRef::Null => Ok(IsNull::Yes),
            ValueRef::Text(text) => storable(text).as_ref().to_sql(ty, out),
            ValueRef::Blob(bytes) => bytes.to_sql(ty, out),
            ValueRef::Integer(number) => match *ty {
                Type::BOOL => (number != 0).to_sql(ty, out),
                Type::INT2 => i16::try_from(number)?.to_sql(ty, out),
                Type::INT4 => i32::try_from(number)?.to_sql(ty, out),
                _ => number.to_sql(ty, out),
            },
        }
    }

    /// What fits is known once the type and the value are: the server refuses what does not.
    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A column's value.
pub(super) fn value<'r>(row: &'r tokio_postgres::Row, index: usize) -> Read<ValueRef<'r>> {
    let Held(value) = row.try_get(index)?;
    Ok(value)
}

struct Held<'r>(ValueRef<'r>);

impl<'r> FromSql<'r> for Held<'r> {
    fn from_sql(ty: &Type, raw: &'r [u8]) -> std::result::Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(match *ty {
            Type::INT8 => ValueRef::Integer(i64::from_sql(ty, raw)?),
            Type::INT4 => ValueRef::Integer(i32::from_sql(ty, raw)?.into()),
            Type::INT2 => ValueRef::Integer(i16::from_sql(ty, raw)?.into()),
            Type::BOOL => ValueRef::Integer(bool::from_sql(ty, raw)?.into()),
            Type::BYTEA => ValueRef::Blob(raw),
            _ => ValueRef::Text(<&str>::from_sql(ty, raw)?),
        }))
    }

    fn from_sql_null(_: &Type) -> std::result::Result<Self, Box<dyn StdError + Sync + Send>> {
        Ok(Self(ValueRef::Null))
    }

    fn accepts(ty: &Type) -> bool {
        let texts = [Type::TEXT, Type::VARCHAR, Type::BPCHAR, Type::NAME, Type::UNKNOWN];
        [Type::INT8, Type::INT4, Type::INT2, Type::BOOL, Type::BYTEA].contains(ty) || texts.contains(ty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::before::Before;

    #[test]
    fn numbers_of_parameters_are_written_postgres_way_and_texts_stay() {
        assert_eq!(numbered("SELECT '?1' WHERE a = ?1 AND b = ?12"), "SELECT '?1' WHERE a = $1 AND b = $12");
    }

    #[test]
    fn a_migration_keeps_its_columns_and_sorts_texts_by_bytes() {
        let migration = "CREATE TABLE a (\n    raw BLOB NOT NULL, -- TEXT; of BLOB\n    id TEXT\n);";
        assert_eq!(in_postgres(migration), "CREATE TABLE a (\n    raw BYTEA NOT NULL, \n    id TEXT COLLATE \"C\"\n);\n");
    }

    #[test]
    fn an_instant_of_a_view_becomes_a_timestamp() {
        let instants = "datetime(t.created_at, 'unixepoch') AS a, datetime(b.read_at / 1000000, 'unixepoch') AS b";
        assert_eq!(in_postgres(instants), "to_timestamp(t.created_at) AS a, to_timestamp(b.read_at / 1000000) AS b\n");
    }

    #[test]
    fn a_database_of_each_version_before_is_brought_up_and_answers() {
        let server = match cluster::shared() {
            Ok(server) => server,
            Err(missing) => {
                assert!(std::env::var_os(cluster::REQUIRED).is_none(), "{missing}");
                eprintln!("POSTGRESQL TEST SKIPPED: {missing}");
                return;
            }
        };
        for before in 1..schema::MIGRATIONS.len() {
            let place = Server::parse(&server.address_of_schema(&server.schema().unwrap())).unwrap();
            let old = connect(&place).unwrap();
            old.run(MAKE_VERSION).unwrap();
            schema::MIGRATIONS[..before].iter().for_each(|migration| old.run(&in_postgres(migration)).unwrap());
            old.execute(PUT_VERSION, super::super::params![i64::try_from(before).unwrap()]).unwrap();
            let connection = open_existing(&place).unwrap().unwrap();
            assert_eq!(known_version(&connection).unwrap(), schema::LATEST);
            let counted: i64 = connection.query_row("SELECT COUNT(*) FROM run", &[], |row| row.get(0)).unwrap();
            assert_eq!(counted, 0);
        }
    }

    #[test]
    fn what_an_earlier_version_knew_is_carried_over() {
        let server = match cluster::shared() {
            Ok(server) => server,
            Err(missing) => {
                assert!(std::env::var_os(cluster::REQUIRED).is_none(), "{missing}");
                eprintln!("POSTGRESQL TEST SKIPPED: {missing}");
                return;
            }
        };
        for Before { version, rows, asked } in schema::before::ALL {
            let place = Server::parse(&server.address_of_schema(&server.schema().unwrap())).unwrap();
            let old = connect(&place).unwrap();
            old.run(MAKE_VERSION).unwrap();
            schema::MIGRATIONS[..version].iter().for_each(|migration| old.run(&in_postgres(migration)).unwrap());
            rows.iter().for_each(|rows| old.run(&rows.replace("x'", "'\\x")).unwrap());
            old.execute(PUT_VERSION, super::super::params![i64::try_from(version).unwrap()]).unwrap();
            let connection = open_existing(&place).unwrap().unwrap();
            for (sql, expected) in asked {
                let found: String = connection.query_row(sql, &[], |row| row.get(0)).unwrap();
                assert_eq!(found, *expected, "{sql}");
            }
        }
    }
}
