//! `NAME=value` in front of a command: what it can change about the program behind it.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// A change that a wrapper makes to the environment of the command behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnvironmentEdit {
    /// `NAME=value`.
    Set(OsString, OsString),
    /// `env -u NAME`.
    Unset(OsString),
    /// Set, unset or left alone, as only the run knows: `export NAME=$(...)`, `if ...; then NAME=x; fi`.
    Unsure(OsString),
    /// `env -i`.
    Clear,
}

impl EnvironmentEdit {
    /// The variable that it changes, where it is one.
    #[must_use]
    pub fn name(&self) -> Option<&OsStr> {
        match self {
            EnvironmentEdit::Set(name, _) | EnvironmentEdit::Unset(name) | EnvironmentEdit::Unsure(name) => {
                Some(name)
            }
            EnvironmentEdit::Clear => None,
        }
    }
}

/// What a variable does to a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Influence {
    /// Only how output looks: never a fact.
    Display,
    /// Where the command acts; the ambient reading takes it into account.
    Place,
    /// Not known to this table: nothing may be called known behind it.
    Unknown,
    /// Code that runs inside or before the program.
    Code,
}

/// Variables that only change how output looks (locale(7), no-color.org, less(1), terminfo(5)).
const DISPLAY: [&str; 16] = [
    "CLICOLOR",
    "COLUMNS",
    "DEBIAN_FRONTEND",
    "FORCE_COLOR",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_COLLATE",
    "LC_CTYPE",
    "LC_MESSAGES",
    "LC_NUMERIC",
    "LC_TIME",
    "LINES",
    "NO_COLOR",
    "TERM",
    "TZ",
];

/// Variables that say where a command acts and nothing else; each is read by the ambient room.
const PLACE: [&str; 19] = [
    "AWS_CONFIG_FILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_DEFAULT_REGION",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_SHARED_CREDENTIALS_FILE",
    "DOCKER_CONFIG",
    "DOCKER_CONTEXT",
    "DOCKER_HOST",
    "KUBECONFIG",
    "PGDATABASE",
    "PGHOST",
    "PGHOSTADDR",
    "PGPASSWORD",
    "PGPORT",
    "PGSERVICE",
    "PGUSER",
    "TF_DATA_DIR",
    "TF_WORKSPACE",
];

/// Variables that make a program load or start other code: ld.so(8), bash(1), git(1), python(1), node(1), perlrun(1),
/// ruby(1), kubectl, less(1), terraform's CLI_ARGS.
const CODE: [&str; 34] = [
    "BASHOPTS",
    "BASH_ENV",
    "BROWSER",
    "CDPATH",
    "EDITOR",
    "ENV",
    "GCONV_PATH",
    "GLIBC_TUNABLES",
    "HOME",
    "IFS",
    "JAVA_TOOL_OPTIONS",
    "KUBECTL_EXTERNAL_DIFF",
    "KUBE_EDITOR",
    "LESSCLOSE",
    "LESSOPEN",
    "LOCPATH",
    "MANPAGER",
    "NLSPATH",
    "NODE_OPTIONS",
    "PAGER",
    "PATH",
    "PERL5LIB",
    "PERL5OPT",
    "PROMPT_COMMAND",
    "PS4",
    "RUBYLIB",
    "RUBYOPT",
    "SHELL",
    "SHELLOPTS",
    "SUDO_ASKPASS",
    "SYSTEMD_PAGER",
    "TF_CLI_CONFIG_FILE",
    "TF_REATTACH_PROVIDERS",
    "VISUAL",
];

/// Families of such variables.
const CODE_PREFIXES: [&str; 10] =
    ["BASH_FUNC_", "DYLD_", "GIT_", "LD_", "MALLOC_", "NODE_", "PERL", "PYTHON", "SSH_", "TF_CLI_ARGS"];

/// Variables of `CODE_PREFIXES` that only say from where somebody logged in, and where the agent of that login listens
/// (ssh(1)): new with each login.
const LOGIN: [&str; 5] = ["SSH_AGENT_PID", "SSH_AUTH_SOCK", "SSH_CLIENT", "SSH_CONNECTION", "SSH_TTY"];

/// Variables by which tools are told where they act, as whom, with what options and through whom, each by its own manual.
const TOLD: [&str; 26] = [
    "ALL_PROXY",
    "BASH_LOADABLES_PATH",
    "DOTNET_STARTUP_HOOKS",
    "GNUMAKEFLAGS",
    "GOFLAGS",
    "HOSTALIASES",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "JDK_JAVA_OPTIONS",
    "LOCALDOMAIN",
    "MAKEFILES",
    "MAKEFLAGS",
    "NO_PROXY",
    "ODBCINI",
    "ODBCSYSINI",
    "PSQLRC",
    "RES_OPTIONS",
    "SYSTEMD_EDITOR",
    "SYSTEMD_UNIT_PATH",
    "TAR_OPTIONS",
    "TNS_ADMIN",
    "WGETRC",
    "XDG_CONFIG_DIRS",
    "XDG_CONFIG_HOME",
    "ZDOTDIR",
    "_JAVA_OPTIONS",
];

/// Families of such variables.
const TOLD_PREFIXES: [&str; 50] = [
    "ANSIBLE_",
    "ARGOCD_",
    "ARM_",
    "AWS_",
    "AZURE_",
    "BORG_",
    "BUILDAH_",
    "BUILDKIT_",
    "CEPH_",
    "CLOUDSDK_",
    "COMPOSE_",
    "CONSUL_",
    "CONTAINERD_",
    "CONTAINERS_",
    "CONTAINER_",
    "CRICTL_",
    "CURL_",
    "DIGITALOCEAN_",
    "DOCKER_",
    "ETCDCTL_",
    "FLUX_",
    "GCLOUD_",
    "GOOGLE_",
    "HCLOUD_",
    "HELM",
    "KAFKA_",
    "KOPS_",
    "KUBE",
    "LIBVIRT_",
    "MYSQL_",
    "NERDCTL_",
    "NOMAD_",
    "NPM_CONFIG_",
    "OPENSSL_",
    "ORACLE_",
    "OS_",
    "PG",
    "PODMAN_",
    "PULUMI_",
    "RCLONE_",
    "REDISCLI_",
    "RESTIC_",
    "RSYNC_",
    "SALT_",
    "SSL_CERT_",
    "TALOS",
    "TERRAGRUNT_",
    "TF_",
    "VAULT_",
    "VIRSH_",
];

/// Whether what was approved under one value of the variable `name` must not run under another. These are more than rules
/// judge by: nobody has to know a tool to know that `VAULT_ADDR` says where it acts.
#[must_use]
pub fn binds(name: &OsStr) -> bool {
    match influence(name) {
        Influence::Display => false,
        Influence::Place => true,
        Influence::Code => !LOGIN.iter().any(|login| name == *login),
        // Curl and npm read names in small letters, too.
        Influence::Unknown => name.to_str().map(str::to_ascii_uppercase).is_some_and(|name| {
            TOLD.contains(&name.as_str()) || TOLD_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        }),
    }
}

/// What the variable `name` does to a program.
#[must_use]
pub fn influence(name: &OsStr) -> Influence {
    let Some(name) = name.to_str() else { return Influence::Unknown };
    if DISPLAY.contains(&name) {
        Influence::Display
    } else if PLACE.contains(&name) {
        Influence::Place
    } else if CODE.contains(&name) || CODE_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
        Influence::Code
    } else {
        Influence::Unknown
    }
}

/// Splits `NAME=value` where NAME is a shell name (POSIX 3.235); anything else is not an assignment.
pub(super) fn split(word: &OsStr) -> Option<(OsString, OsString)> {
    let bytes = word.as_bytes();
    let equals = bytes.iter().position(|byte| *byte == b'=')?;
    let (name, value) = bytes.split_at_checked(equals)?;
    let first = name.first()?;
    let plain = name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    if !plain || first.is_ascii_digit() {
        return None;
    }
    let value = value.get(1..).unwrap_or_default();
    Some((OsStr::from_bytes(name).to_owned(), OsStr::from_bytes(value).to_owned()))
}
