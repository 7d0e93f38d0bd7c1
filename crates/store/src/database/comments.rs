//! What a migration says of its views, as PostgreSQL keeps it. SQLite keeps the statement's own text, comments and all.

/// `COMMENT ON` for each view of a migration: the line before it, and what stands behind each of its columns.
pub(super) fn comments_on_views(migration: &str) -> String {
    let (mut statements, mut inside, mut before) = (String::new(), None, "");
    for line in migration.lines() {
        let (code, comment) = line.split_once("--").unwrap_or((line, ""));
        let (code, comment) = (code.trim(), comment.trim());
        if let Some(view) = code.strip_prefix("CREATE VIEW ").and_then(|rest| rest.split(' ').next()) {
            inside = Some(view);
            statements.push_str(&comment_on("VIEW", view, before));
        } else if let (Some(view), Some((_, column)), false) = (inside, code.rsplit_once("AS "), comment.is_empty()) {
            statements.push_str(&comment_on("COLUMN", &format!("{view}.{}", column.trim_end_matches(',')), comment));
        }
        if code.ends_with(';') {
            inside = None;
        }
        before = comment;
    }
    statements
}

fn comment_on(kind: &str, name: &str, text: &str) -> String {
    format!("COMMENT ON {kind} {name} IS '{}';\n", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_and_its_columns_get_what_is_said_of_them_and_tables_get_nothing() {
        let migration = "-- Kept.\nCREATE TABLE a (\n    id TEXT -- Its AS id\n);\n\n-- What's kept\nCREATE VIEW b AS SELECT\n    \
             a.id AS id,   -- Its id\n    CASE a.id\n        WHEN '' THEN 1 END\n        AS none -- 1: none\nFROM a;\n";
        let expected = "COMMENT ON VIEW b IS 'What''s kept';\nCOMMENT ON COLUMN b.id IS 'Its id';\n\
             COMMENT ON COLUMN b.none IS '1: none';\n";
        assert_eq!(comments_on_views(migration), expected);
    }
}
