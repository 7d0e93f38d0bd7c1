//! Programs that fetch banks' files.

use super::file::FetchTable;
use super::{Origin, is_name};
use crate::exit::{Exit, Failure};

/// A program that writes a bank's file to its standard output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetcher {
    /// What schedules call it.
    pub name: String,
    /// The program.
    pub program: String,
    /// Its arguments, as it gets them.
    pub arguments: Vec<String>,
    /// Environment variables that it is to know of beside the usual ones.
    pub variables: Vec<String>,
}

/// Those of the settings.
///
/// # Errors
/// A table without a name that can be one, or without a program; two of a name.
pub(super) fn fetchers(tables: Vec<(Origin, FetchTable)>) -> Result<Vec<Fetcher>, Failure> {
    let mut fetchers: Vec<Fetcher> = Vec::new();
    for (origin, FetchTable { name, command, env }) in tables {
        let mut command = command.into_iter();
        let program = command.next().filter(|program| !program.is_empty());
        let (true, Some(program)) = (is_name(&name), program) else {
            let message = format!("a [[fetch]] table names no program ({origin})");
            return Err(
                Failure::new(Exit::Usage, message).hint("expected name = \"bank\" and command = [\"PROGRAM\", \"ARGUMENT\"]")
            );
        };
        if fetchers.iter().any(|other| other.name == name) {
            return Err(Failure::new(Exit::Usage, format!("there are two [[fetch]] tables of the name '{name}' ({origin})")));
        }
        fetchers.push(Fetcher { name, program, arguments: command.collect(), variables: env });
    }
    Ok(fetchers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(tables: &[(&str, &[&str])]) -> Result<Vec<Fetcher>, Failure> {
        let table = |(name, command): &(&str, &[&str])| {
            let command = command.iter().map(|word| (*word).to_owned()).collect();
            (Origin::Default, FetchTable { name: (*name).to_owned(), command, env: Vec::new() })
        };
        fetchers(tables.iter().map(table).collect())
    }

    #[test]
    fn a_program_has_a_name_of_its_own_and_what_lacks_is_said() {
        let one = read(&[("bank", &["sftp-get", "a b"])]).unwrap().remove(0);
        assert_eq!((one.program.as_str(), one.arguments), ("sftp-get", vec!["a b".to_owned()]));
        for wrong in [&[("bank", &[] as &[&str])][..], &[("bank", &[""])], &[("a b", &["x"])], &[("a", &["x"]), ("a", &["y"])]] {
            assert_eq!(read(wrong).unwrap_err().exit, Exit::Usage, "{wrong:?}");
        }
    }
}
