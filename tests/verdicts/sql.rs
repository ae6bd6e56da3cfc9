//! Verdicts over what clients of databases are given: statements as words, as here-documents, as files.

use crate::judged::{book, check, contents, judged_there};
use remgate::decide::Verdict::{self, Confirm, Run, TwoPerson};
use std::path::Path;

#[test]
fn reading_runs() {
    check(&[(
        Run,
        &[
            "psql -h db -U app -d shop -c \"SELECT count(*) FROM orders WHERE state = 'stuck'\"",
            "psql -c \"SELECT * FROM log WHERE action = 'DROP TABLE'\"",
            "psql -X -At -v ON_ERROR_STOP=1 -c '\\dt+' shop",
            "psql postgres://app@db/shop -c 'explain select * from t'",
            "psql -c 'select 1' -c 'select 2'",
            "psql -l",
            "mysql -u root -psecret -e 'show slave status\\G'",
            "mysql --binary-as-hex=false commerce -e 'select * from corder_view'",
            "mariadb shop -e 'show full processlist'",
            "sqlite3 x.db 'SELECT * FROM some_table;'",
            "sqlite3 x.db .tables",
            "clickhouse-client --query 'select * from system.processes format Vertical'",
            "sudo -u postgres psql -c 'select 1'",
            "cockroach sql --insecure --host=db1 -e 'select count(*) from orders'",
            "cockroach sql --url=postgresql://root@db1:26257 -e 'show tables' --format=csv",
        ],
    )]);
}

#[test]
fn what_changes_rows_or_rights_needs_two_people() {
    check(&[(
        TwoPerson,
        &[
            "psql -c 'delete from users where id = 1'",
            "psql -c 'select 1' -c 'drop table users'",
            "psql -c 'select 1; drop table users'",
            "psql -c 'with gone as (delete from users returning *) select count(*) from gone'",
            "psql -c 'explain analyze delete from users'",
            "psql -c 'truncate users'",
            "psql -c 'grant all on users to x'",
            "psql -c \"alter role x password 'y'\"",
            "psql -c \"copy t to '/etc/cron.d/x'\"",
            "mysql -u root -h 127.0.0.1 -P 15306 -e \"insert into customer(customer_id, email) values(6,'a@b')\"",
            "mysql -e 'drop database shop'",
            "sqlite3 x.db 'delete from t'",
            "cockroach sql --insecure -e 'select 1; drop table users'",
            "cockroach sql -e 'select 1' -e 'truncate users'",
            "cockroach sql -e \"create user x with password 'y'\"",
            "cockroach sql -e \"RESTORE DATABASE shop FROM LATEST IN 'x'\"",
            "cockroach sql -e 'drop table users' --no-such-option",
            "cockroach sql -e '\\! rm x'",
            "cockroach sql --insecure",
            // What cannot be read is asked for all the same.
            "psql -c \"drop table users; select 'x\"",
            "psql --no-such -c 'drop table users'",
            // Opaque: the client, or the server, may start anything.
            "psql",
            "psql shop",
            "psql -c '\\! rm x'",
            "psql -c \"copy t from program 'rm x'\"",
            "mysql shop",
            "mysql -e 'system rm x'",
            "sqlite3 x.db '.shell rm x'",
        ],
    )]);
}

#[test]
fn what_is_not_known_is_asked_about() {
    check(&[(
        Confirm,
        &[
            "psql -c 'select refresh_totals()'",
            "psql -c 'select pg_terminate_backend(42)'",
            "psql -c 'vacuum full t'",
            "psql -c 'create index i on t (a)'",
            "psql -c 'select * from pg_shadow'",
            "psql -c 'select 1' -f more.sql",
            "psql -f missing.sql",
            "psql -o out.txt -c 'select 1'",
            "mysql -e 'set global read_only = 1'",
            "mysql --default-character-set=gbk -e 'select 1'",
            "clickhouse-client -q \"select * from url('http://x')\"",
            "clickhouse-client",
            "cockroach sql -e 'select refresh_totals()'",
            "cockroach sql -e 'set cluster setting a.b = true'",
            "cockroach sql -f missing.sql",
        ],
    )]);
}

fn hold(directory: &Path, rows: &[(&str, Verdict, &str)]) {
    let mut wrong = Vec::new();
    for (text, verdict, classes) in rows {
        let judgement = judged_there(text, directory, book());
        let found = (judgement.verdict, contents(&judgement));
        if found != (*verdict, (*classes).to_owned()) {
            let why = judgement.commands.first().and_then(|judged| judged.standing.1.clone());
            wrong.push(format!("{text}: {} [{}] {}", found.0, found.1, why.unwrap_or_default()));
        }
    }
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn files_and_here_documents_are_read() {
    let place = tempfile::tempdir().expect("a directory");
    let write = |name: &str, text: &str| std::fs::write(place.path().join(name), text).expect("a file");
    write("read.sql", "select 1;\n-- drop table users\nselect 2;\n");
    write("drop.sql", "select 1;\ndrop table users;\n");
    write("shell.sql", "\\! rm -rf /\n");
    write("long.sql", &format!("select 1;{}", " ".repeat(1 << 20)));
    std::fs::write(place.path().join("binary.sql"), b"select '\xff'").expect("a file");
    std::fs::create_dir(place.path().join("dir.sql")).expect("a directory");
    hold(
        place.path(),
        &[
            ("psql -f read.sql", Run, "read"),
            ("psql shop < read.sql", Run, "read"),
            ("mysql shop < read.sql", Run, "read"),
            ("sqlite3 x.db < ./read.sql", Run, "read"),
            ("psql -f drop.sql", TwoPerson, "drop read"),
            ("psql < drop.sql", TwoPerson, "drop read"),
            ("psql -f shell.sql", TwoPerson, "program unreadable"),
            ("psql -f long.sql", Confirm, "unknown"),
            ("psql -f binary.sql", Confirm, "unknown"),
            ("psql -f dir.sql", Confirm, "unknown"),
            ("psql -f missing.sql", Confirm, "unknown"),
            ("psql -f /dev/stdin", Confirm, "unknown"),
            ("psql -f *.sql", TwoPerson, "unknown"),
            ("cd /tmp && psql -f read.sql", Confirm, "unknown"),
            ("cd .. && psql -f */read.sql", TwoPerson, "unknown"),
            ("sudo psql -f read.sql", Confirm, "unknown"),
            ("ssh db1 psql -f read.sql", Confirm, "unknown"),
            ("psql <<'E'\nselect 1;\nE\n", Run, "read"),
            ("psql <<E\nselect 1;\nE\n", Run, "read"),
            ("psql <<< 'select 1'", Run, "read"),
            ("psql <<'E'\ndrop table users;\nE\n", TwoPerson, "drop"),
            ("psql <<E\n$(cat drop.sql)\nE\n", TwoPerson, ""),
            ("psql <<'E'\n\\! rm x\nE\n", TwoPerson, "program unreadable"),
            ("echo 'select 1' | psql", TwoPerson, ""),
            ("psql < read.sql < drop.sql", TwoPerson, "drop read"),
            ("psql < \"$x\"", TwoPerson, "unknown"),
            ("{ psql; psql; } < read.sql", TwoPerson, ""),
            ("clickhouse-client < read.sql", Run, "read"),
            ("cockroach sql -f read.sql", Run, "read"),
            ("cockroach sql --insecure < read.sql", Run, "read"),
            ("cockroach sql -f drop.sql", TwoPerson, "drop read"),
            ("cockroach sql --insecure <<< 'drop table users'", TwoPerson, "drop"),
            ("cat read.sql | clickhouse-client", Confirm, ""),
            ("ssh db1 psql -c \"'select 1'\"", Run, "read"),
        ],
    );
}
