//! terraform-workspace.

use crate::place::{Place, expect, expect_absent, expect_unreadable};
use remgate::ambient::Kind::TerraformWorkspace;

const S3: &str = r#"{"version": 3, "backend": {"type": "s3", "config": {"bucket": "states", "key": "shop/prod",
    "region": "eu-west-1", "access_key": "hunter2", "secret_key": "hunter2", "token": null, "encrypt": true}, "hash": 1}}"#;

#[test]
fn without_anything_it_is_the_default_workspace_here() {
    let place = Place::new();
    let cwd = place.cwd.to_str().unwrap();
    expect_absent(
        &place.read(TerraformWorkspace, &[]),
        &[("workspace", "default"), ("directory", cwd), ("backend", "-")],
    );
}

#[test]
fn the_selected_workspace_and_its_backend_without_secrets() {
    let place = Place::new();
    place.write("srv/app/.terraform/environment", "prod\n").write("srv/app/.terraform/terraform.tfstate", S3);
    let ambient = place.read(TerraformWorkspace, &[]);
    expect(
        &ambient,
        &[
            ("workspace", "prod"),
            ("backend", "s3"),
            ("backend-bucket", "states"),
            ("backend-key", "shop/prod"),
            ("backend-region", "eu-west-1"),
            ("backend-token", "-"),
        ],
    );
    assert!(!format!("{ambient:?}").contains("hunter2"));
}

#[test]
fn variables_and_chdir_come_first() {
    let mut place = Place::new();
    place.write("srv/app/.terraform/environment", "prod").write("srv/other/data/environment", "other");
    place.set("TF_DATA_DIR", "data");
    let other = place.root.join("srv/other");
    expect(
        &place.read(TerraformWorkspace, &[("chdir", "../other")]),
        &[("workspace", "other"), ("directory", other.to_str().unwrap())],
    );
    place.set("TF_WORKSPACE", "stage");
    let ambient = place.read(TerraformWorkspace, &[]);
    expect(&ambient, &[("workspace", "stage")]);
    assert_eq!(ambient.fields["workspace"].source, "$TF_WORKSPACE");
    expect_unreadable(
        &place.read(TerraformWorkspace, &[("chdir", "a"), ("chdir", "b")]),
        "--chdir is said twice",
    );
}

#[test]
fn hidden_arguments_are_reported_by_name_only() {
    let mut place = Place::new();
    place.set("TF_CLI_ARGS_apply", "-auto-approve -var pw=hunter2").set("TF_CLI_ARGS", "-no-color");
    place.set("TF_CLI_ARGSX", "1").set("TF_CLI_ARGS_plan", "");
    let ambient = place.read(TerraformWorkspace, &[]);
    expect_absent(&ambient, &[("hidden-options", "TF_CLI_ARGS TF_CLI_ARGS_apply")]);
    assert!(!format!("{ambient:?}").contains("hunter2"));
}

#[test]
fn a_remote_workspace_is_named_by_the_backend() {
    for workspaces in
        [r#"{"name": "shop-prod", "project": null}"#, r#"[{"name": "shop-prod", "prefix": ""}]"#]
    {
        let place = Place::new();
        let state = format!(
            r#"{{"backend": {{"type": "remote", "config": {{"hostname": "tf.example", "organization": "acme", "workspaces": {workspaces}}}}}}}"#
        );
        place.write("srv/app/.terraform/terraform.tfstate", state);
        expect(
            &place.read(TerraformWorkspace, &[]),
            &[
                ("workspace", "shop-prod"),
                ("backend-hostname", "tf.example"),
                ("backend-organization", "acme"),
            ],
        );
    }
}

#[test]
fn a_broken_state_file_is_not_taken_for_none() {
    for (state, words) in [
        ("{", "not valid JSON"),
        (r#"{"backend": {"type": "local"}, "Backend": {"type": "s3"}}"#, "a key stands twice"),
        (r#"{"backend": "s3"}"#, "`backend` is not a map"),
        (r#"{"backend": {"type": 3}}"#, "`type` is not text"),
        ("[]", "the document is not a map"),
    ] {
        let place = Place::new();
        place.write("srv/app/.terraform/terraform.tfstate", state);
        expect_unreadable(&place.read(TerraformWorkspace, &[]), words);
    }
}
