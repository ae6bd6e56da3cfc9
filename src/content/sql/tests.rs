//! Tables of texts and the classes that they must have.

mod properties;

use super::{CLASSES, Dialect, classes};

fn found(text: &str, dialect: Dialect) -> String {
    let contents = classes(text.as_bytes(), dialect);
    assert!(contents.classes.iter().all(|class| CLASSES.contains(&class.as_str())), "{contents:?}");
    contents.classes.into_iter().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn check(dialect: Dialect, rows: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (text, expected) in rows {
        let found = found(text, dialect);
        // `unreadable` alone stands for it with whatever words it was found to hold.
        let same = found == *expected
            || (*expected == "unreadable" && found.split(' ').any(|class| class == "unreadable"));
        if !same {
            let why = classes(text.as_bytes(), dialect).why;
            wrong.push(format!("{text:?}: {found} instead of {expected} {why:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table, one row a case")]
fn what_only_reads_is_a_read() {
    check(
        Dialect::Postgres,
        &[
            ("SELECT 1", "read"),
            ("select count(*) from orders where state = 'stuck'", "read"),
            ("SELECT * FROM log WHERE action = 'DROP TABLE'; -- delete nothing", "read"),
            (
                "select pid, now() - query_start as age, left(query, 80) from pg_stat_activity where state <> 'idle' order by 2 desc limit 10",
                "read",
            ),
            ("SELECT pg_size_pretty(pg_database_size('shop'))", "read"),
            ("select pg_catalog.now()", "read"),
            ("with t(a, b) as (select 1, 2) select a from t", "read"),
            (
                "with recursive t as (select 1 as n union all select n + 1 from t where n < 5) select sum(n) from t",
                "read",
            ),
            ("select g from generate_series(1, 3) as g(i)", "read"),
            ("select x::numeric(10,2), cast(y as varchar(20)) from t", "read"),
            ("select a->>'b', c #>> '{d,e}' from t where d @> '{}'", "read"),
            ("values (1, 'x'), (2, 'y')", "read"),
            ("table orders", "read"),
            ("select 1 from a join b using (id) where x in (1, 2) and exists (select 1 from c)", "read"),
            ("select last_update, deleted_at, insert_time from t", "read"),
            ("select 'it''s; DROP TABLE x', E'a\\nb', $$ ; delete from t $$", "read"),
            ("select /* ; delete from t */ 1", "read"),
            ("(select 1) union (select 2)", "read"),
            ("select count(*) filter (where x > 1) over (partition by y order by z) from t", "read"),
            (
                "select date_trunc('hour', ts) h, avg(v) from m group by 1 having avg(v) > 1 order by h",
                "read",
            ),
            ("select * from pg_locks l join pg_stat_activity a on a.pid = l.pid where not granted", "read"),
            ("", "empty"),
            ("-- nothing\n", "empty"),
            (";;", "empty"),
        ],
    );
    check(
        Dialect::MySql,
        &[
            ("select `id`, \"text\" from `shop`.`orders` where a = 'b' limit 5", "read"),
            (
                "SELECT * FROM information_schema.processlist WHERE time > 60 AND command <> 'Sleep'\\G",
                "read",
            ),
            ("select @@global.read_only, @@hostname", "read"),
            ("select * from corder_view", "read"),
            ("select 1 # a comment\n", "read"),
            ("select if(a, b, c), ifnull(a, 0), date_format(now(), '%Y') from t", "read"),
        ],
    );
    check(
        Dialect::Sqlite,
        &[
            ("SELECT * FROM some_table;", "read"),
            ("SELECT * FROM t WHERE column1=\"value\"", "read"),
            ("select name from sqlite_master where type = 'table'", "read"),
            (".tables", "show"),
            (".schema users", "show"),
            ("pragma integrity_check", "show"),
            ("pragma table_info(users)", "show"),
        ],
    );
    check(
        Dialect::ClickHouse,
        &[
            (
                "SELECT query, elapsed FROM system.processes ORDER BY elapsed DESC LIMIT 10 FORMAT Vertical",
                "read",
            ),
            ("select count() from t prewhere x = 1 settings max_threads = 1", "read"),
            ("select uniqExact(user_id), toDate(ts) from events final group by 2", "read"),
        ],
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table, one row a case")]
fn statements_have_the_class_of_their_first_words() {
    check(
        Dialect::Postgres,
        &[
            ("show max_connections", "show"),
            ("explain select 1", "show"),
            ("explain (verbose, format json) select * from t", "show"),
            ("explain delete from t where id = 1", "show"),
            ("explain analyze select 1", "show"),
            ("\\dt+", "show"),
            ("\\l", "show"),
            ("\\d orders\nselect 1", "read show"),
            ("\\conninfo\n\\timing on\nselect 1;", "read show"),
            ("set statement_timeout = '5s'; select 1", "read set"),
            ("set search_path = shop; select 1", "read set"),
            ("reset all", "set"),
            ("begin; select 1; commit", "read transaction"),
            ("begin transaction isolation level serializable, read only", "transaction"),
            ("rollback to savepoint a", "transaction"),
            ("insert into t (a, b) values (1, 2)", "insert"),
            ("insert into t (a) values (1) on conflict (a) do nothing", "insert"),
            ("update t set a = 1 where id = 5", "update"),
            ("update t set a = 1", "update-all"),
            ("update t set a = (select 1 from u where u.id = 1)", "update-all"),
            ("delete from t where id = 1 returning *", "delete"),
            ("delete from t", "delete-all"),
            ("delete from t where true", "delete-all"),
            ("delete from t where 1 = 1", "delete-all"),
            ("delete from t where 1 = 1 returning id", "delete-all"),
            ("truncate t, u", "truncate"),
            ("create table t (id bigint primary key default nextval('s'))", "create"),
            ("create index concurrently i on t (lower(x))", "create"),
            ("create or replace view v as select 1", "alter create"),
            ("create role x login", "grant"),
            ("create extension pg_cron", "call create"),
            ("alter table t add column x int", "alter"),
            ("alter table t drop column x", "alter drop"),
            ("alter table t owner to x", "alter grant"),
            ("alter role x with superuser", "grant"),
            ("alter user x with password 'y'", "grant"),
            ("alter default privileges grant select on tables to x", "grant"),
            ("reassign owned by a to b", "grant"),
            ("grant select, insert, update on t to x", "grant"),
            ("revoke all on t from x", "grant"),
            ("drop table t", "drop"),
            ("drop role x", "grant"),
            ("drop owned by x", "grant"),
            ("copy t from '/tmp/x'", "copy-in"),
            ("copy t from stdin", "copy-in"),
            ("copy t to '/tmp/x'", "copy-out"),
            ("copy t to stdout", "copy-stdout"),
            ("copy (select * from t) to stdout with (format csv)", "copy-stdout"),
            ("vacuum full t", "maintenance"),
            ("analyze t", "maintenance"),
            ("reindex index concurrently i", "maintenance"),
            ("refresh materialized view v", "maintenance"),
            ("checkpoint", "maintenance"),
            ("select * from t for update", "lock"),
            ("select * from t for share", "lock"),
            ("select * from t for no key update skip locked", "lock"),
            ("lock table t in exclusive mode", "lock"),
            ("select pg_terminate_backend(1)", "kill"),
            ("select pg_cancel_backend(pid) from pg_stat_activity", "kill"),
            ("alter system set work_mem = '1GB'", "server"),
            ("select pg_reload_conf()", "server"),
            ("select pg_promote()", "server"),
            ("select pg_drop_replication_slot('x')", "server"),
            ("load 'x'", "server"),
            ("select * from pg_shadow", "read secret"),
            ("select rolname, rolpassword from \"pg_authid\"", "read secret"),
            ("select pg_read_file('/etc/passwd')", "secret"),
            ("call f()", "call"),
            ("do $$ begin execute 'drop table users'; end $$", "call"),
            ("prepare p as delete from t", "call delete-all"),
            ("execute p", "call"),
            ("select refresh_totals()", "call"),
            ("select shop.now()", "call"),
            ("select nextval('s')", "call"),
        ],
    );
    check(
        Dialect::MySql,
        &[
            ("show slave status\\G", "show"),
            ("show full processlist", "show"),
            ("describe orders", "show"),
            ("desc shop.orders", "show"),
            ("use shop; select 1", "read show"),
            ("set session sql_mode = ''", "set"),
            ("set global read_only = on", "server"),
            ("set @@global.read_only = 1", "server"),
            ("set persist max_connections = 1", "server"),
            ("set password for 'x'@'y' = 'z'", "grant"),
            ("kill 42", "kill"),
            ("kill query 42", "kill"),
            ("flush privileges", "server"),
            ("stop slave", "server"),
            ("start replica", "server"),
            ("reset master", "server"),
            ("change replication source to source_host = 'x'", "server"),
            ("purge binary logs before now()", "server"),
            ("shutdown", "server"),
            ("install plugin x soname 'y'", "server"),
            ("load data infile '/tmp/x' into table t", "copy-in create"),
            ("optimize table t", "maintenance"),
            ("analyze delete from t", "delete-all maintenance"),
            ("rename table a to b", "alter"),
            ("insert into customer(customer_id, email) values(6,'a@b.c')", "insert"),
            ("replace into t values (1)", "insert"),
            ("insert into t values (1) on duplicate key update a = 2", "insert update-all"),
            ("select user, host, authentication_string from mysql.user", "read secret"),
            ("select * from user", "read secret"),
            ("select load_file('/etc/passwd')", "secret"),
            ("select sleep(1)", "call"),
            ("select get_lock('a', 1)", "lock"),
            ("unlock tables", "lock"),
            ("drop database shop", "drop"),
        ],
    );
    check(
        Dialect::ClickHouse,
        &[
            ("system stop merges", "server"),
            ("optimize table t final", "maintenance"),
            ("alter table t delete where a = 1", "alter delete"),
            ("alter table t drop partition 1", "alter drop"),
            ("kill query where query_id = 'x'", "kill"),
            ("exists table t", "show"),
            ("select * from url('http://x')", "call"),
        ],
    );
    check(
        Dialect::Sqlite,
        &[
            ("vacuum", "maintenance"),
            ("attach 'x.db' as y", "call"),
            ("pragma journal_mode = delete", "call"),
            ("pragma wal_checkpoint(truncate)", "call"),
        ],
    );
}

/// Each row is a way to hide a change in what looks like a read.
#[test]
#[expect(clippy::too_many_lines, reason = "a table, one row a case")]
fn no_attack_is_a_read() {
    check(
        Dialect::Postgres,
        &[
            ("with gone as (delete from users returning *) select count(*) from gone", "delete-all"),
            ("with x as (update t set a = 1 where b = 2 returning a) select * from x", "update"),
            ("with x as (insert into t values (1) returning a) table x", "insert"),
            ("select 1; drop table users", "drop read"),
            ("select 1 /* ; */ ; /* */ drop table users", "drop read"),
            ("explain analyze delete from users", "delete-all"),
            ("explain (analyze, buffers) update t set a = 1 where b = 1", "update"),
            ("explain (analyze true) select f()", "call"),
            ("explain select f()", "call"),
            ("select * into t2 from t", "create"),
            ("select * from t; \\! rm x", "unreadable"),
            ("select 'drop table x' \\gexec", "unreadable"),
            ("select 1 \\g |sh", "unreadable"),
            ("select 1 \\; drop table t", "unreadable"),
            ("select 1 \\gx\n", "read"),
            ("\\copy t from 'x'", "unreadable"),
            ("\\i x.sql", "unreadable"),
            ("\\d `rm x`", "unreadable"),
            ("\\dt | sh", "unreadable"),
            ("\\c other\nselect 1", "unreadable"),
            ("\\set x 'drop table t'\n:x", "unreadable"),
            ("select :x", "unreadable"),
            ("select :'x'", "unreadable"),
            ("select 1:x", "unreadable"),
            (":x", "unreadable"),
            ("select U&'\\0027; drop table t'", "unreadable"),
            ("select U&\"d\\0061t\\+000061\" from t", "unreadable"),
            ("select 'a\\'; drop table t; --'", "unreadable"),
            ("select E'a\\'; drop table t; --'", "unreadable"),
            ("select /* /* */ 1; drop table t; /* */ */ 2", "unreadable"),
            ("select 1 /* ", "unreadable"),
            ("select 1 -- x\r; drop table t", "unreadable"),
            ("select 'a", "unreadable"),
            ("select $a$ x $b$", "unreadable"),
            ("select $a$ x $a$; drop table t -- $a$", "drop read"),
            ("select a$b$ from t; drop table t; select $b$", "unreadable"),
            ("select\u{a0}1", "unreadable"),
            ("select 1\u{0}", "unreadable"),
            ("select \u{441}ount(*)", "unreadable"),
            ("select 1and 2", "unreadable"),
            ("select \"pg_terminate_backend\"(1)", "kill"),
            ("select pg_catalog.\"pg_terminate_backend\"(1)", "kill"),
            ("select pg_terminate_backend /* x */ (1)", "kill"),
            ("select x.pg_catalog.now()", "call"),
            ("select * from t, lateral f(t.x)", "call"),
            ("select * from f(1)", "call"),
            ("select * from rows from (f(1))", "call"),
            ("select dblink('x', 'drop table t')", "call"),
            ("select query_to_xml('drop table t', true, true, '')", "call"),
            ("select set_config('search_path', 'x', false)", "call"),
            ("set search_path = evil, pg_catalog; select now()", "call read"),
            ("set search_path = evil, \"pg_catalog\"; select now()", "call read"),
            ("select lo_export(1, '/tmp/x')", "copy-out"),
            ("copy t from program 'sh'", "unreadable"),
            ("copy (delete from t returning *) to stdout", "delete-all"),
            ("copy (select f()) to stdout", "call"),
            ("commit and drop table t", "unreadable"),
            ("begin drop table t", "unreadable"),
            ("savepoint drop table", "unreadable"),
            ("set x = (select f())", "call"),
            ("show x; delete from t", "delete-all show"),
            ("merge into t using s on t.a = s.a when matched then delete", "delete insert update"),
            ("selectx 1", "unreadable"),
            ("garbage", "unreadable"),
            ("select `x`", "unreadable"),
        ],
    );
    check(
        Dialect::MySql,
        &[
            ("select 1 /*! ; drop table t */", "unreadable"),
            ("select 1 /*!50000 into outfile '/tmp/x' */", "unreadable"),
            ("select 1 /*M! ; drop table t */", "unreadable"),
            ("select '' into outfile '/etc/cron.d/x'", "copy-out create"),
            ("select '' into dumpfile '/tmp/x'", "copy-out create"),
            ("select 1 into @x", "create"),
            ("select 1--1", "unreadable"),
            ("select 'a\\'; drop table t; -- '", "unreadable"),
            ("select \"a\\\"; drop table t; -- \"", "unreadable"),
            ("system rm x", "unreadable"),
            ("\\! rm x", "unreadable"),
            ("select 1\nsystem rm x", "unreadable"),
            ("  SOURCE x.sql", "unreadable"),
            ("delimiter //\ndrop table t//", "unreadable"),
            ("tee /etc/cron.d/x", "unreadable"),
            ("pager sh", "unreadable"),
            ("select 1\\p", "unreadable"),
            ("begin not atomic drop table t", "unreadable"),
            ("select sys.ps_kill(1)", "call"),
            ("handler t open", "call"),
            ("set names gbk; select '\u{e9}'", "unreadable"),
            ("set @x = 1, global read_only = 0", "server"),
            ("select $$ x $$", "unreadable"),
            ("show create user x", "secret show"),
            ("select _utf8'x'", "unreadable"),
        ],
    );
    check(
        Dialect::Sqlite,
        &[
            (".shell rm x", "unreadable"),
            ("select 1;\n.system rm x", "unreadable"),
            (".output |sh", "unreadable"),
            (".dump t | sh", "unreadable"),
            ("select writefile('x', 'y')", "copy-out"),
            ("select load_extension('x')", "call"),
            ("select [a'b] from t", "unreadable"),
        ],
    );
    check(
        Dialect::ClickHouse,
        &[
            ("select 1 into outfile 'x'", "copy-out create"),
            ("select * from remote('h', db.t)", "call"),
            ("insert into function url('x') select 1", "call insert"),
            ("select \u{2018}; drop table t\u{2019}", "unreadable"),
            ("select $$ x $$", "unreadable"),
            ("select 1 # ; drop table t", "unreadable"),
        ],
    );
}

/// Trees that only grow in one direction were a way to run out of stack.
#[test]
fn depth_and_length_are_bounded() {
    for text in [
        format!("select {}1{}", "(".repeat(5_000), ")".repeat(5_000)),
        format!("select 1{}", "+1".repeat(100_000)),
        format!("select 1{}", " union select 1".repeat(50_000)),
        format!("select 1 where x{}", " and x".repeat(50_000)),
        format!("select {} 1", "not ".repeat(50_000)),
        format!("select {}1{}", "case when true then ".repeat(5_000), " end".repeat(5_000)),
        format!("select {}1", "- ".repeat(10_000)),
        format!("select a{}", "[1]".repeat(30_000)),
        format!("select a{}", "::int".repeat(30_000)),
        format!("select {}1", "interval ".repeat(30_000)),
        format!("select a{}", ".a".repeat(30_000)),
        format!("{}select 1", "explain ".repeat(30_000)),
        format!("select 1 from a{}", " join b".repeat(30_000)),
        format!("select {}", "exists ".repeat(10_000)),
        format!("select a{}", " collate b".repeat(10_000)),
        format!("select a{}", " at time zone b".repeat(10_000)),
        format!("select a{}", " isnull".repeat(10_000)),
        format!("select {}", "array".repeat(10_000)),
        format!("{}select 1", "with a as materialized ".repeat(10_000)),
    ] {
        for dialect in
            [Dialect::Postgres, Dialect::MySql, Dialect::Sqlite, Dialect::ClickHouse, Dialect::Generic]
        {
            let found = found(&text, dialect);
            assert!(!found.is_empty(), "{found}");
        }
    }
    assert_eq!(found(&format!("select 1 {}", " ".repeat(1 << 20)), Dialect::Postgres), "unreadable");
    let wide = format!("select 1 where x in (1{})", ", 1".repeat(5_000));
    assert_eq!(found(&wide, Dialect::Postgres), "read");
}
