//! aws-profile.

use crate::place::{Place, expect, expect_absent, expect_unreadable};
use remgate::ambient::Kind::AwsProfile;
use std::ffi::OsStr;

const CONFIG: &str = "[default]\nregion = eu-west-1\n\n[profile prod]\nregion = us-east-1\n\
    role_arn = arn:aws:iam::111122223333:role/oncall\nsource_profile = default\n\n\
    [profile sso]\nsso_account_id = 444455556666\nsso_role_name = ops\n\n\
    [profile proc]\ncredential_process = /bin/get hunter2\nendpoint_url = http://u:hunter2@localhost:4566/x?y\n\n\
    [profile static]\nregion = eu-north-1\n";
const CREDENTIALS: &str = "[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = hunter2\n\n\
    [static]\naws_access_key_id = short\naws_secret_access_key = hunter2\n";

fn place() -> Place {
    let place = Place::new();
    place.write("home/a/.aws/config", CONFIG).write("home/a/.aws/credentials", CREDENTIALS);
    place
}

#[test]
fn the_default_profile_is_read_without_its_secret() {
    let ambient = place().read(AwsProfile, &[]);
    expect(
        &ambient,
        &[
            ("profile", "default"),
            ("region", "eu-west-1"),
            ("access-key", "AKIA...MPLE"),
            ("credentials", "profile"),
            ("account", "-"),
        ],
    );
    assert!(!format!("{ambient:?}").contains("hunter2"));
}

#[test]
fn profiles_by_option_and_variable() {
    let mut place = place();
    let prod = [
        ("profile", "prod"),
        ("region", "us-east-1"),
        ("account", "111122223333"),
        ("role", "arn:aws:iam::111122223333:role/oncall"),
        ("source-profile", "default"),
        ("credentials", "role"),
        ("access-key", "-"),
    ];
    expect(&place.read(AwsProfile, &[("profile", "prod")]), &prod);
    place.set("AWS_PROFILE", "prod");
    let ambient = place.read(AwsProfile, &[]);
    expect(&ambient, &prod);
    assert_eq!(ambient.fields["profile"].source, "$AWS_PROFILE");
    expect(
        &place.read(AwsProfile, &[("profile", "sso")]),
        &[("account", "444455556666"), ("credentials", "sso")],
    );
    expect(
        &place.read(AwsProfile, &[("profile", "static")]),
        &[("access-key", "..."), ("region", "eu-north-1")],
    );
    let ambient = place.read(AwsProfile, &[("profile", "proc")]);
    expect(&ambient, &[("credentials", "process, not run"), ("endpoint", "http://u@localhost:4566/x")]);
    assert!(!format!("{ambient:?}").contains("hunter2"));
}

#[test]
fn keys_in_the_environment_beat_profiles_and_say_no_account() {
    let mut place = place();
    place.set("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE").set("AWS_SECRET_ACCESS_KEY", "hunter2");
    place.set("AWS_PROFILE", "prod");
    let ambient = place.read(AwsProfile, &[]);
    expect(
        &ambient,
        &[("credentials", "environment"), ("access-key", "ASIA...MPLE"), ("account", "-"), ("role", "-")],
    );
    assert!(!format!("{ambient:?}").contains("hunter2"));
    // A profile on the command line beats them.
    expect(
        &place.read(AwsProfile, &[("profile", "prod")]),
        &[("account", "111122223333"), ("access-key", "-")],
    );
}

#[test]
fn the_token_of_a_pod_or_job() {
    let mut place = Place::new();
    place
        .set("AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere")
        .set("AWS_ROLE_ARN", "arn:aws:iam::777788889999:role/ci");
    expect(&place.read(AwsProfile, &[]), &[("credentials", "web-identity"), ("account", "777788889999")]);
    place.write("home/a/.aws/config", CONFIG);
    place.set("AWS_PROFILE", "prod");
    expect_unreadable(&place.read(AwsProfile, &[]), "the credentials is said twice");
    let mut place = Place::new();
    place.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/x");
    expect(&place.read(AwsProfile, &[]), &[("credentials", "container"), ("account", "-")]);
}

#[test]
fn regions_and_endpoints() {
    let mut place = place();
    place.set("AWS_DEFAULT_REGION", "ap-south-1");
    expect(&place.read(AwsProfile, &[]), &[("region", "ap-south-1")]);
    expect(&place.read(AwsProfile, &[("region", "sa-east-1")]), &[("region", "sa-east-1")]);
    place.set("AWS_REGION", "us-west-2");
    expect_unreadable(
        &place.read(AwsProfile, &[]),
        "$AWS_REGION `us-west-2` and $AWS_DEFAULT_REGION `ap-south-1`",
    );
    place
        .set("AWS_DEFAULT_REGION", "us-west-2")
        .set("AWS_ENDPOINT_URL_DYNAMODB_STREAMS", "http://localhost:1");
    place.set("AWS_ENDPOINT_URL", "http://localhost:2");
    expect(
        &place.read(AwsProfile, &[]),
        &[("endpoint-dynamodb-streams", "http://localhost:1"), ("endpoint", "http://localhost:2")],
    );
    place.set("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE");
    expect(&place.read(AwsProfile, &[]), &[("endpoint", "-"), ("endpoint-dynamodb-streams", "-")]);
    expect(
        &place.read(AwsProfile, &[("endpoint-url", "http://localhost:3")]),
        &[("endpoint", "http://localhost:3")],
    );
}

#[test]
fn what_is_not_there_or_said_twice() {
    let mut place = place();
    expect_unreadable(&place.read(AwsProfile, &[("profile", "nope")]), "profile `nope` (from --profile)");
    place.set("AWS_PROFILE", "prod").set("AWS_DEFAULT_PROFILE", "sso");
    expect_unreadable(&place.read(AwsProfile, &[]), "$AWS_PROFILE `prod` and $AWS_DEFAULT_PROFILE `sso`");
    place.set("AWS_DEFAULT_PROFILE", "");
    place.set("AWS_CONFIG_FILE", "~/other");
    expect_unreadable(&place.read(AwsProfile, &[]), "`~/other` in $AWS_CONFIG_FILE");
    place.env.remove(OsStr::new("HOME"));
    place.set("AWS_CONFIG_FILE", "/x").set("AWS_PROFILE", "");
    expect_unreadable(&place.read(AwsProfile, &[]), "home directory");
    expect_absent(&Place::new().read(AwsProfile, &[]), &[("profile", "default"), ("region", "-")]);
    for (config, words) in [
        ("[default]\nregion = eu-west-1 # not us\n", "line 2: readers of this file"),
        ("[default]\nregion=a\n[default]\nregion=b\n", "line 3: a section stands twice"),
        ("[default]\n[profile default]\n", "`[default]` and `[profile default]`"),
        ("[default]\nsso_account_id = 1\nrole_arn = arn:aws:iam::2:role/x\n", "the account is said twice"),
    ] {
        let place = Place::new();
        place.write("home/a/.aws/config", config);
        expect_unreadable(&place.read(AwsProfile, &[]), words);
    }
}
