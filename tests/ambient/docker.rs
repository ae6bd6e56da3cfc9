//! docker-context.

use crate::place::{Place, expect, expect_absent, expect_unreadable};
use remgate::ambient::Kind::DockerContext;
use sha2::{Digest as _, Sha256};

/// Stores a context as docker does.
pub(crate) fn store(place: &Place, name: &str, meta: &str) {
    let id: String = Sha256::digest(name).iter().map(|byte| format!("{byte:02x}")).collect();
    place.write(format!("home/a/.docker/contexts/meta/{id}/meta.json"), meta);
}

pub(crate) fn meta(name: &str, host: &str) -> String {
    format!(
        r#"{{"Name":"{name}","Metadata":{{}},"Endpoints":{{"docker":{{"Host":"{host}","SkipTLSVerify":false}}}}}}"#
    )
}

#[test]
fn the_local_socket_is_this_host_and_nothing_else_is() {
    let mut place = Place::new();
    let local = [("host", "unix:///var/run/docker.sock"), ("context", "default"), ("place", "this-host")];
    expect_absent(&place.read(DockerContext, &[]), &local);
    place.write("home/a/.docker/config.json", "{\n\t\"auths\": {}\n}");
    expect_absent(&place.read(DockerContext, &[]), &local);
    for host in ["tcp://127.0.0.1:2375", "unix:///tmp/forwarded.sock", "ssh://prod"] {
        place.set("DOCKER_HOST", host);
        expect(&place.read(DockerContext, &[]), &[("host", host), ("place", "-")]);
    }
    place.set("DOCKER_HOST", "").set("DOCKER_TLS_VERIFY", "1");
    expect_absent(&place.read(DockerContext, &[]), &[("host", "tcp://127.0.0.1:2376"), ("place", "-")]);
}

#[test]
fn contexts_in_dockers_order() {
    let mut place = Place::new();
    store(&place, "prod", &meta("prod", "ssh://ops:hunter2@prod.example"));
    store(&place, "dev", &meta("dev", "unix:///run/docker.sock"));
    place.write("home/a/.docker/config.json", r#"{"currentContext": "prod"}"#);
    let prod = [("context", "prod"), ("host", "ssh://ops@prod.example"), ("place", "-")];
    let dev = [("context", "dev"), ("host", "unix:///run/docker.sock"), ("place", "this-host")];
    expect(&place.read(DockerContext, &[]), &prod);
    expect(&place.read(DockerContext, &[("context", "dev")]), &dev);
    place.set("DOCKER_CONTEXT", "dev");
    expect(&place.read(DockerContext, &[]), &dev);
    expect(
        &place.read(DockerContext, &[("host", "tcp://h:1")]),
        &[("context", "default"), ("host", "tcp://h:1")],
    );
    // DOCKER_HOST beats DOCKER_CONTEXT, and is what `--context default` means.
    place.set("DOCKER_HOST", "tcp://env:1");
    expect(&place.read(DockerContext, &[]), &[("context", "default"), ("host", "tcp://env:1")]);
    expect(&place.read(DockerContext, &[("context", "default")]), &[("host", "tcp://env:1")]);
    expect(&place.read(DockerContext, &[("context", "dev")]), &dev);
}

#[test]
fn what_docker_could_read_otherwise_is_refused() {
    let place = Place::new();
    expect_unreadable(
        &place.read(DockerContext, &[("context", "nope")]),
        "docker context `nope` (from --context)",
    );
    expect_unreadable(&place.read(DockerContext, &[("context", "a"), ("host", "b")]), "--context and --host");
    expect_unreadable(&place.read(DockerContext, &[("host", "a"), ("host", "b")]), "--host is said twice");
    store(&place, "other", &meta("dev", "tcp://h"));
    expect_unreadable(&place.read(DockerContext, &[("context", "other")]), "a context of another name");
    store(&place, "empty", r#"{"Name":"empty","Endpoints":{}}"#);
    expect_unreadable(&place.read(DockerContext, &[("context", "empty")]), "it names no docker host");
    place.write("home/a/.docker/config.json", r#"{"currentContext": "dev", "CURRENTCONTEXT": "prod"}"#);
    expect_unreadable(&place.read(DockerContext, &[]), "a key stands twice");
    place.write("home/a/.docker/config.json", "{");
    expect_unreadable(&place.read(DockerContext, &[]), "not valid JSON");
}
