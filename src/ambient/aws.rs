//! `aws-profile`: which account, role, region and endpoint the AWS command line would act on.
//!
//! In: `--profile`, `--region`, `--endpoint-url`, the `AWS_*` variables, `~/.aws/config` and `~/.aws/credentials`. Out:
//! profile, account, role, region. Never: calls STS, runs a `credential_process`, asks the instance metadata
//! service, or shows a secret; of an access key only the first and last four letters.
//!
//! Two generations of the tool disagree on some variables (`AWS_REGION` counts in version 2 only); where both are set
//! and differ, the target is unknown. An account is stated only where a file states it: which account an access key
//! belongs to is known to nobody but AWS.

use super::ini::{Ini, Section};
use super::{Asked, Fields, Presence, Unreadable, World, file, path_text, without_secrets};
use std::path::PathBuf;

/// Absent means that nothing is configured at all: on a cloud host the tool would then act as the instance itself.
pub(super) fn read(world: &World<'_>, asked: &Asked) -> Result<(Presence, Fields), Unreadable> {
    let choice = Choice::make(world, asked)?;
    let profile = Profile::load(world, &choice)?;
    let mut fields = Fields::default();
    fields.set("profile", &choice.name, &choice.source)?;
    let identity = identity(world, &choice, &profile, &mut fields)?;
    let region = region(world, asked, &profile, &mut fields)?;
    endpoints(world, asked, &profile, &mut fields)?;
    let nothing = identity == Presence::Absent && region == Presence::Absent && choice.by == By::Default;
    Ok((if nothing { Presence::Absent } else { Presence::Read }, fields))
}

/// Who chose the profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Option,
    Variable,
    Default,
}

/// The profile and who chose it: one from the command line also switches keys in the environment off.
#[derive(Debug)]
struct Choice {
    name: String,
    source: String,
    by: By,
}

impl Choice {
    fn make(world: &World<'_>, asked: &Asked) -> Result<Self, Unreadable> {
        if let Some(name) = asked.last("profile") {
            return Ok(Self { name: name.to_owned(), source: "--profile".into(), by: By::Option });
        }
        // botocore asks AWS_DEFAULT_PROFILE first, the Go SDK last.
        Ok(match one_of(world, "AWS_PROFILE", "AWS_DEFAULT_PROFILE")? {
            Some((name, source)) => Self { name, source, by: By::Variable },
            None => Self { name: "default".into(), source: "the tool's default".into(), by: By::Default },
        })
    }
}

/// The value of two variables that mean the same, as long as they do not differ.
fn one_of(world: &World<'_>, first: &str, second: &str) -> Result<Option<(String, String)>, Unreadable> {
    match (world.text(first)?, world.text(second)?) {
        (Some(one), Some(other)) if one != other => Err(Unreadable::disagree(
            "the same setting",
            format!("${first} `{one}`"),
            format!("${second} `{other}`"),
        )),
        (Some(value), _) => Ok(Some((value, format!("${first}")))),
        (None, Some(value)) => Ok(Some((value, format!("${second}")))),
        (None, None) => Ok(None),
    }
}

/// The chosen profile in both files.
#[derive(Debug)]
struct Profile {
    config: Option<Ini>,
    credentials: Option<Ini>,
    name: String,
}

impl Profile {
    fn load(world: &World<'_>, choice: &Choice) -> Result<Self, Unreadable> {
        let profile = Self {
            config: load(path(world, "AWS_CONFIG_FILE", ".aws/config")?)?,
            credentials: load(path(world, "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials")?)?,
            name: choice.name.clone(),
        };
        let config = profile.config.as_ref();
        if let Some(ini) = config
            && choice.name == "default"
            && ini.section("default").is_some()
            && ini.section("profile default").is_some()
        {
            return Err(Unreadable::disagree(&ini.path, "`[default]`", "`[profile default]`"));
        }
        // A missing `default` is normal; a missing name was mistyped, or is in a file that the tool will see and we not.
        if choice.by != By::Default && profile.sections().next().is_none() {
            return Err(Unreadable::Missing {
                what: "profile",
                name: choice.name.clone(),
                source_of_name: choice.source.clone(),
            });
        }
        Ok(profile)
    }

    /// Where the profile's entries stand; the credentials file first, because it wins.
    fn sections(&self) -> impl Iterator<Item = (&Ini, &Section)> {
        let prefixed = format!("profile {}", self.name);
        let credentials = self.credentials.iter().filter_map(|ini| Some((ini, ini.section(&self.name)?)));
        let config = self.config.iter().filter_map(move |ini| {
            let plain = if self.name == "default" { ini.section("default") } else { None };
            Some((ini, plain.or_else(|| ini.section(&prefixed))?))
        });
        credentials.chain(config)
    }

    /// The value of a key and where it stands.
    fn value(&self, key: &str) -> Result<Option<(String, String)>, Unreadable> {
        for (ini, section) in self.sections() {
            if let Some(value) = ini.value(section, key)? {
                return Ok(Some((value, format!("{} {key}", ini.path))));
            }
        }
        Ok(None)
    }
}

/// The path of one of the two files, or nothing where there is no home to look in.
fn path(world: &World<'_>, variable: &str, below_home: &str) -> Result<Option<PathBuf>, Unreadable> {
    match world.text(variable)? {
        // botocore expands both, the Go SDK neither.
        Some(path) if path.starts_with('~') || path.contains('$') => {
            Err(Unreadable::Elsewhere { what: format!("`{path}` in ${variable}") })
        }
        Some(path) => Ok(Some(world.cwd.join(path))),
        None => Ok(Some(world.home()?.join(below_home))),
    }
}

fn load(path: Option<PathBuf>) -> Result<Option<Ini>, Unreadable> {
    let Some(path) = path else { return Ok(None) };
    let Some(text) = file::read(&path)? else { return Ok(None) };
    Ini::parse(path_text(&path)?, &text).map(Some)
}

/// Account, role and kind of credentials.
fn identity(
    world: &World<'_>,
    choice: &Choice,
    profile: &Profile,
    fields: &mut Fields,
) -> Result<Presence, Unreadable> {
    // Keys in the environment beat every profile but one that was named on the command line.
    if choice.by != By::Option {
        if let Some(key) = world.text("AWS_ACCESS_KEY_ID")? {
            fields.set("access-key", masked(&key), "$AWS_ACCESS_KEY_ID")?;
            fields.set("credentials", "environment", "$AWS_ACCESS_KEY_ID")?;
            return Ok(Presence::Read);
        }
        if world.raw("AWS_WEB_IDENTITY_TOKEN_FILE").is_some() {
            return web_identity(world, profile, fields);
        }
    }
    if own_credentials(profile, fields)? == Presence::Read {
        return Ok(Presence::Read);
    }
    for variable in ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"] {
        if world.raw(variable).is_some() {
            fields.set("credentials", "container", format!("${variable}"))?;
            return Ok(Presence::Read);
        }
    }
    Ok(Presence::Absent)
}

/// The role that a pod or a CI job assumes with its token.
fn web_identity(world: &World<'_>, profile: &Profile, fields: &mut Fields) -> Result<Presence, Unreadable> {
    // botocore lets the profile's own role come first, the Go SDK the token.
    for key in ["role_arn", "aws_access_key_id", "sso_account_id", "credential_process"] {
        if let Some((_, place)) = profile.value(key)? {
            return Err(Unreadable::disagree("the credentials", "$AWS_WEB_IDENTITY_TOKEN_FILE", place));
        }
    }
    fields.set("credentials", "web-identity", "$AWS_WEB_IDENTITY_TOKEN_FILE")?;
    if let Some(role) = world.text("AWS_ROLE_ARN")? {
        set_role(role, "$AWS_ROLE_ARN".to_owned(), fields)?;
    }
    Ok(Presence::Read)
}

/// What the profile itself says about who acts, and where.
fn own_credentials(profile: &Profile, fields: &mut Fields) -> Result<Presence, Unreadable> {
    let mut presence = Presence::Absent;
    let mut found = |kind: &str, place: &str, fields: &mut Fields| {
        presence = Presence::Read;
        fields.set("credentials", kind, place)
    };
    // From weak to strong: the last one set is the one the tool takes first.
    if let Some((_, place)) = profile.value("credential_process")? {
        found("process, not run", &place, fields)?;
    }
    if let Some((key, place)) = profile.value("aws_access_key_id")? {
        found("profile", &place, fields)?;
        fields.set("access-key", masked(&key), place)?;
    }
    if let Some((account, place)) = profile.value("sso_account_id")? {
        found("sso", &place, fields)?;
        set_account(account, place, fields)?;
    }
    if let Some((role, place)) = profile.value("role_arn")? {
        found("role", &place, fields)?;
        set_role(role, place, fields)?;
    }
    if let Some((account, place)) = profile.value("aws_account_id")? {
        set_account(account, place, fields)?;
    }
    if let Some((source, place)) = profile.value("source_profile")? {
        fields.set("source-profile", source, place)?;
    }
    Ok(presence)
}

/// The account in `arn:aws:iam::111122223333:role/oncall` is the one that is acted on, whoever lends the keys.
fn set_role(role: String, place: String, fields: &mut Fields) -> Result<(), Unreadable> {
    if let Some(account) = role.split(':').nth(4).filter(|account| !account.is_empty()) {
        set_account(account.to_owned(), place.clone(), fields)?;
    }
    fields.set("role", role, place)
}

/// Two accounts in one profile leave open which one is acted on.
fn set_account(account: String, place: String, fields: &mut Fields) -> Result<(), Unreadable> {
    if let Some(known) = fields.0.get("account")
        && known.value != account
    {
        return Err(Unreadable::disagree("the account", known.source.clone(), place));
    }
    fields.set("account", account, place)
}

/// Region by option, variable or profile. The instance's own region is not asked: that would need the network.
fn region(
    world: &World<'_>,
    asked: &Asked,
    profile: &Profile,
    fields: &mut Fields,
) -> Result<Presence, Unreadable> {
    let said = match asked.last("region") {
        Some(region) => Some((region.to_owned(), "--region".to_owned())),
        None => match one_of(world, "AWS_REGION", "AWS_DEFAULT_REGION")? {
            Some(said) => Some(said),
            None => profile.value("region")?,
        },
    };
    let Some((region, source)) = said else { return Ok(Presence::Absent) };
    fields.set("region", region, source)?;
    Ok(Presence::Read)
}

/// Where requests go when not to AWS itself: an option, or a variable for all services or for one.
fn endpoints(
    world: &World<'_>,
    asked: &Asked,
    profile: &Profile,
    fields: &mut Fields,
) -> Result<(), Unreadable> {
    if let Some(url) = asked.last("endpoint-url") {
        return fields.set("endpoint", without_secrets(url), "--endpoint-url");
    }
    if world
        .text("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")?
        .is_some_and(|word| word.eq_ignore_ascii_case("true"))
    {
        return Ok(());
    }
    // `AWS_ENDPOINT_URL_S3` and its kin turn a call for AWS into a call for any other host, service by service.
    for name in world.env.keys().filter_map(|name| name.to_str()) {
        let Some(service) = name.strip_prefix("AWS_ENDPOINT_URL") else { continue };
        let field = format!("endpoint{}", service.replace('_', "-").to_lowercase());
        if let Some(url) = world.text(name)? {
            fields.set(field, without_secrets(&url), format!("${name}"))?;
        }
    }
    if !fields.0.contains_key("endpoint")
        && let Some((url, place)) = profile.value("endpoint_url")?
    {
        fields.set("endpoint", without_secrets(&url), place)?;
    }
    match profile.value("services")? {
        Some((services, place)) => fields.set("endpoint-services", services, place),
        None => Ok(()),
    }
}

/// The first and last four letters, enough to tell keys apart; short ones are hidden whole.
fn masked(key: &str) -> String {
    let letters: Vec<char> = key.chars().collect();
    match (letters.first_chunk::<4>(), letters.last_chunk::<4>()) {
        (Some(first), Some(last)) if letters.len() >= 16 => {
            format!("{}...{}", String::from_iter(first), String::from_iter(last))
        }
        _ => "...".to_owned(),
    }
}
