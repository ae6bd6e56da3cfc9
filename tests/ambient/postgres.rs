//! postgres.

use crate::place::{Place, expect, expect_absent, expect_unreadable};
use remgate::ambient::Kind::Postgres;

#[test]
fn the_local_socket_is_this_host() {
    let mut place = Place::new();
    let local = [("host", "local-socket"), ("port", "5432"), ("place", "this-host"), ("database", "-")];
    expect_absent(&place.read(Postgres, &[]), &local);
    // No libpq program reads it.
    place.set("DATABASE_URL", "postgres://u:hunter2@prod/shop");
    expect_absent(&place.read(Postgres, &[]), &local);
    place.set("PGHOST", "/run/postgresql").set("PGUSER", "app");
    expect(&place.read(Postgres, &[]), &[("place", "this-host"), ("user", "app"), ("database", "app")]);
    for host in ["/tmp", "/cloudsql/prod", "localhost", "127.0.0.1"] {
        place.set("PGHOST", host);
        expect(&place.read(Postgres, &[]), &[("host", host), ("place", "-")]);
    }
    // Set but empty is the local socket to libpq.
    place.set("PGHOST", "");
    expect(&place.read(Postgres, &[]), &[("host", "local-socket"), ("place", "this-host")]);
}

#[test]
fn the_address_counts_not_the_name_beside_it() {
    let mut place = Place::new();
    place.set("PGHOST", "dev.example").set("PGHOSTADDR", "10.9.9.9");
    expect(&place.read(Postgres, &[]), &[("host", "10.9.9.9"), ("host-name", "dev.example"), ("place", "-")]);
    expect(
        &place.read(Postgres, &[("dbname", "hostaddr=10.1.1.1")]),
        &[("host", "10.1.1.1"), ("host-name", "dev.example")],
    );
}

#[test]
fn a_connection_string_beats_options_and_they_beat_the_environment() {
    let mut place = Place::new();
    place.set("PGHOST", "env").set("PGPORT", "1").set("PGDATABASE", "envdb").set("PGPASSWORD", "hunter2");
    expect(&place.read(Postgres, &[]), &[("host", "env"), ("port", "1"), ("database", "envdb")]);
    let options = [("host", "opt"), ("port", "2"), ("username", "u"), ("dbname", "optdb")];
    expect(
        &place.read(Postgres, &options),
        &[("host", "opt"), ("port", "2"), ("user", "u"), ("database", "optdb")],
    );
    let ambient =
        place.read(Postgres, &[("host", "opt"), ("dbname", "postgres://x:hunter2@uri:7/db?port=8")]);
    expect(&ambient, &[("host", "uri"), ("port", "8"), ("user", "x"), ("database", "db")]);
    assert!(!format!("{ambient:?}").contains("hunter2"));
    let ambient = place.read(Postgres, &[("dbname", "host=one host=two password=hunter2")]);
    expect(&ambient, &[("host", "two"), ("database", "envdb")]);
    assert!(!format!("{ambient:?}").contains("hunter2"));
    expect_unreadable(&place.read(Postgres, &[("dbname", "host='x")]), "a quote that does not end");
}

#[test]
fn services_beat_the_environment_and_must_exist() {
    let mut place = Place::new();
    place.write(
        "home/a/.pg_service.conf",
        "# mine\n[production]\nhost=wrong\n[prod]\nhost=db.prod\nhost=second\ndbname=shop\npassword=hunter2\n[prod]\nhost=late\n",
    );
    place.set("PGSERVICE", "prod").set("PGHOST", "env");
    let ambient = place.read(Postgres, &[]);
    expect(&ambient, &[("host", "db.prod"), ("database", "shop"), ("service", "prod")]);
    assert!(!format!("{ambient:?}").contains("hunter2"));
    expect(&place.read(Postgres, &[("host", "opt")]), &[("host", "opt"), ("database", "shop")]);
    expect(&place.read(Postgres, &[("dbname", "service=production")]), &[("host", "wrong")]);
    expect_unreadable(
        &place.read(Postgres, &[("dbname", "service=nope")]),
        "service `nope` (from connection string)",
    );
    place.write("etc/postgresql-common/pg_service.conf", "[sys]\nhost=sys\n");
    expect(&place.read(Postgres, &[("dbname", "service=sys")]), &[("host", "sys")]);
    place.write("etc/pg_service.conf", "[sys]\nhost=other\n");
    expect_unreadable(
        &place.read(Postgres, &[("dbname", "service=sys")]),
        "the system's services is said twice",
    );
    place.set("PGSYSCONFDIR", place.root.join("etc"));
    expect(&place.read(Postgres, &[("dbname", "service=sys")]), &[("host", "other")]);
}

#[test]
fn what_is_decided_elsewhere_is_unknown() {
    let mut place = Place::new();
    place.write("srv/app/s.conf", "[l]\nldap://ldap.example/dc=x\n[b]\nhost = x\n");
    place.set("PGSERVICEFILE", "s.conf");
    expect_unreadable(&place.read(Postgres, &[("dbname", "service=l")]), "the LDAP lookup");
    expect_unreadable(&place.read(Postgres, &[("dbname", "service=b")]), "line 4: not a setting");
    expect_unreadable(&place.read(Postgres, &[("cluster", "15/main")]), "--cluster chooses the target");
    place.set("PGCLUSTER", "15/prod:5432");
    expect_unreadable(&place.read(Postgres, &[]), "$PGCLUSTER chooses the target");
}

#[test]
fn what_runs_before_the_command_is_reported() {
    let mut place = Place::new();
    place.write("home/a/.psqlrc", "\\connect prod\n");
    place.set("PGOPTIONS", "-c role=admin");
    let path = place.home.join(".psqlrc");
    expect(
        &place.read(Postgres, &[]),
        &[("startup-file", path.to_str().unwrap()), ("hidden-options", "options")],
    );
    expect(&place.read(Postgres, &[("no-psqlrc", "")]), &[("startup-file", "-")]);
}
