//! Files and variables made to hang, crash or mislead the reader; and the comparison of two readings.

use crate::place::{Place, expect, expect_unreadable};
use proptest::prelude::*;
use remgate::ambient::Kind::{DockerContext, KubeContext, TerraformWorkspace};
use remgate::ambient::{Kind, Status, drift};
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

/// Every file that some kind reads.
const FILES: [(Kind, &str); 9] = [
    (KubeContext, "home/a/.kube/config"),
    (Kind::AwsProfile, "home/a/.aws/config"),
    (Kind::AwsProfile, "home/a/.aws/credentials"),
    (TerraformWorkspace, "srv/app/.terraform/environment"),
    (TerraformWorkspace, "srv/app/.terraform/terraform.tfstate"),
    (DockerContext, "home/a/.docker/config.json"),
    (Kind::Postgres, "home/a/.pg_service.conf"),
    (Kind::GitRepository, "srv/app/.git"),
    (Kind::GitRepository, "srv/.git/config"),
];

/// A place where each of `FILES` is looked for.
fn place() -> Place {
    let mut place = Place::new();
    place.set("PGSERVICE", "prod");
    for directory in [
        "home/a/.kube",
        "home/a/.aws",
        "home/a/.docker",
        "srv/app/.terraform",
        "srv/.git/objects",
        "srv/.git/refs",
    ] {
        fs::create_dir_all(place.root.join(directory)).unwrap();
    }
    place.write("srv/.git/HEAD", "ref: refs/heads/main\n");
    place
}

/// Puts something at each path in turn and wants the reading to end quickly and be unreadable.
fn each(words: &str, put: impl Fn(&Path)) {
    for (kind, path) in FILES {
        let place = place();
        put(&place.root.join(path));
        let (sender, receiver) = mpsc::channel();
        let words = words.to_owned();
        let reader = std::thread::spawn(move || {
            expect_unreadable(&place.read(kind, &[]), &words);
            sender.send(()).unwrap();
        });
        let ended = receiver.recv_timeout(Duration::from_secs(20));
        // A panic of the reader also closes the channel; joining shows its message.
        if ended != Err(mpsc::RecvTimeoutError::Timeout) {
            reader.join().unwrap();
        }
        assert_eq!(ended, Ok(()), "reading {path} did not end");
    }
}

#[test]
fn a_fifo_does_not_hang_the_gate() {
    each("is a fifo, not a regular file", |path| {
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    });
}

#[test]
fn an_endless_device_is_not_read() {
    each("is a character device, not a regular file", |path| symlink("/dev/zero", path).unwrap());
}

#[test]
fn a_loop_of_links_ends() {
    each("cannot read", |path| symlink(path, path).unwrap());
}

#[test]
fn a_file_that_is_too_large_is_not_read_to_its_end() {
    // Sparse: a terabyte costs nothing on disk and everything in memory.
    each("is larger than 4194304 bytes", |path| fs::File::create(path).unwrap().set_len(1 << 40).unwrap());
}

#[test]
fn a_file_that_is_not_text_is_refused() {
    each("is not UTF-8", |path| fs::write(path, b"\xff\xfe").unwrap());
}

#[test]
fn a_file_without_permission_is_not_taken_for_none() {
    if rustix::process::geteuid().is_root() {
        // Root reads everything; a path through a file is refused to root too and takes the same branch.
        let mut place = place();
        place.write("srv/app/plain", "x");
        place.set("KUBECONFIG", "plain/config");
        expect_unreadable(&place.read(KubeContext, &[]), "cannot read");
        return;
    }
    each("cannot read", |path| {
        fs::write(path, "x").unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o0)).unwrap();
    });
}

#[test]
fn names_that_mean_another_file_to_the_child_are_refused() {
    let mut place = Place::new();
    for path in ["/dev/stdin", "/dev/fd/3", "/proc/self/fd/0", "/proc/self/cwd/config"] {
        place.set("KUBECONFIG", path);
        expect_unreadable(&place.read(KubeContext, &[]), "a name that depends on the process");
    }
}

#[test]
fn a_directory_is_no_configuration() {
    let mut place = Place::new();
    place.set("KUBECONFIG", place.cwd.clone());
    expect_unreadable(&place.read(KubeContext, &[]), "is a directory, not a regular file");
}

#[test]
fn variables_that_are_not_text_are_named() {
    let binary = || OsString::from_vec(b"pr\xffod".to_vec());
    for (kind, variable) in [
        (KubeContext, "KUBECONFIG"),
        (Kind::AwsProfile, "AWS_PROFILE"),
        (TerraformWorkspace, "TF_WORKSPACE"),
        (DockerContext, "DOCKER_HOST"),
        (Kind::Postgres, "PGHOST"),
        (Kind::GitRepository, "GIT_DIR"),
    ] {
        let mut place = Place::new();
        place.set(variable, binary());
        expect_unreadable(&place.read(kind, &[]), &format!("`${variable}` is not UTF-8"));
    }
}

#[test]
fn an_endless_name_does_not_reach_the_record() {
    let mut place = Place::new();
    place.set("TF_WORKSPACE", "x".repeat(1025));
    expect_unreadable(&place.read(TerraformWorkspace, &[]), "the value of `workspace` has 1025 bytes");
    place.set("TF_WORKSPACE", "x".repeat(1024));
    expect(&place.read(TerraformWorkspace, &[]), &[]);
}

#[test]
fn a_switched_context_is_named() {
    let place = Place::new();
    place.write("home/a/.kube/config", crate::kube::CONFIG);
    let before = place.read(KubeContext, &[]);
    assert_eq!(drift(&before, &place.read(KubeContext, &[])), None);
    place.write(
        "home/a/.kube/config",
        crate::kube::CONFIG.replace("current-context: dev", "current-context: prod"),
    );
    let change = drift(&before, &place.read(KubeContext, &[])).unwrap();
    assert_eq!(change.field, "cluster");
    assert!(change.before.unwrap().starts_with("dev-cluster ("));
    assert!(change.after.unwrap().starts_with("prod-cluster ("));
    fs::remove_file(place.home.join(".kube/config")).unwrap();
    let change = drift(&before, &place.read(KubeContext, &[])).unwrap();
    assert_eq!((change.field.as_str(), change.after.as_deref()), ("status", Some("absent")));
    let change = drift(&before, &place.read(DockerContext, &[])).unwrap();
    assert_eq!(change.field, "kind");
}

#[test]
fn a_field_that_comes_or_goes_is_drift() {
    let mut place = Place::new();
    let before = place.read(TerraformWorkspace, &[]);
    place.set("TF_CLI_ARGS", "-destroy");
    let after = place.read(TerraformWorkspace, &[]);
    let change = drift(&before, &after).unwrap();
    assert_eq!(
        (change.field.as_str(), change.before, change.after.is_some()),
        ("hidden-options", None, true)
    );
    assert_eq!(drift(&after, &before).unwrap().after, None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Whatever stands in the files, every reading ends with an answer, twice the same, and drift agrees with `==`.
    #[test]
    fn any_bytes_end_in_an_answer(content in "[\\[\\]{}:,\"'&*!|>#=\\- \nacdeinoprtuxy<010~%@\\\\]{0,80}", prefix in 0..4_usize) {
        let start = ["", "{\"currentContext\":", "[default]\n", "current-context: "][prefix];
        let text = format!("{start}{content}");
        for (kind, path) in FILES {
            let place = place();
            place.write(path, &text);
            let ambient = place.read(kind, &[]);
            let again = place.read(kind, &[]);
            prop_assert_eq!(&ambient, &again);
            prop_assert_eq!(drift(&ambient, &again), None);
            let nothing = Place::new().read(kind, &[]);
            prop_assert_eq!(drift(&ambient, &nothing).is_none(), ambient == nothing);
            if let Status::Unreadable { .. } = ambient.status {
                prop_assert!(ambient.fields.is_empty());
            }
        }
    }
}

/// Shapes that make some parsers take quadratic time: 250 billion steps here, which would not end in half a minute.
#[test]
fn many_of_any_shape_end_in_time() {
    const SIZE: usize = 500_000;
    for shape in [
        "a",
        "a ",
        "a\n",
        "\n",
        "#",
        "- ",
        "-\n",
        "- a\n",
        "? ",
        "[",
        "[]",
        "{",
        "{}",
        "{a: ",
        ",",
        "&a ",
        "&a a\n",
        "*a ",
        "'",
        "\"",
        "\"\\\"",
        "|\n",
        ">\n",
        "| a\n",
        "a: ",
        "a:\n",
        "!a ",
        "%a\n",
        "---\n",
        "...\n",
        "- &a a\n",
        "\t",
        " ",
        "[a,",
        "a: b\n",
        "a: |\n b\n",
        "\"a\": ",
        ": ",
        "- - a\n",
        "<<: a\n",
        "\u{e4}",
        "{\"a\":[",
    ] {
        for start in ["", "["] {
            let place = Place::new();
            place.write("home/a/.kube/config", format!("{start}{}", shape.repeat(SIZE / shape.len())));
            let (sender, receiver) = mpsc::channel();
            std::thread::spawn(move || sender.send(place.read(KubeContext, &[])));
            let ambient = receiver.recv_timeout(Duration::from_secs(30));
            assert!(ambient.is_ok(), "`{start}` and many `{shape}` did not end");
        }
    }
}
